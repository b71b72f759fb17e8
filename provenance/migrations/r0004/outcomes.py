"""The outcomes of a use, with ``public_domain`` among them."""

from provenance.migrations.checks import exchange_check
from provenance.migrations.r0002.stated_risks import OUTCOMES as _OUTCOMES_BEFORE

_OUTCOMES = "outcome IN ('paid', 'credited', 'blocked', 'unlicensed', 'unclaimed', 'review', 'public_domain')"


def allow_public_domain() -> None:
    """Exchange the check. No use is changed."""
    exchange_check("work_use", "outcome", _OUTCOMES_BEFORE, _OUTCOMES)
