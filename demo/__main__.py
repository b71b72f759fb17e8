"""Run the demo: `python -m demo` from the checkout, or `python -m demo --serve` to go on serving its API."""

from __future__ import annotations

import argparse
import os
import sys

from demo import steps, story
from provenance.cli import failures
from provenance.cli.render import console
from provenance.kernel.errors import ProvenanceError


def main() -> int:
    """Run it; 0 where all of it worked."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--serve", action="store_true", help="keep the API running until Ctrl-C")
    keep_serving = parser.parse_args().serve or (sys.stdout.isatty() and not os.environ.get("CI"))
    try:
        story.run(console(), steps.HOME, keep_serving=keep_serving)
    except ProvenanceError as error:
        failures.report(error, as_json=False)
        return failures.FAILED
    except KeyboardInterrupt:
        failures.note("Interrupted.")
        return failures.INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
