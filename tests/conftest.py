"""How properties are searched: the same examples on every run, or, with HYPOTHESIS_PROFILE=search, many new ones.

A test run that somebody waits for says the same of the same code each time. The search is a run of its own
(``make search``), and what it finds becomes an ``@example``.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", parent=settings.get_profile("steady"), derandomize=False, max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
