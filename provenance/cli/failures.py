"""How a command fails: an expected error as two lines, or as JSON, on stderr; an unexpected one with its traceback.

Exit codes: 1 for an expected error, 2 for a wrong command line (typer's own), 3 where a part was refused, 130 after
Ctrl-C.
"""

from __future__ import annotations

import errno
import json
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from provenance.kernel.errors import ProvenanceError, StorageFull

FAILED, PARTLY_REFUSED, INTERRUPTED = 1, 3, 130
AS_JSON = "provenance.json"  # key in a context's `meta`, which all contexts of a run share


class Commands(TyperGroup):
    """The root of all commands: the one place where expected errors end."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Whatever isn't an expected error passes through."""
        try:
            return super().invoke(ctx)
        except ProvenanceError as error:
            report(error, as_json=bool(ctx.meta.get(AS_JSON)))
            raise typer.Exit(FAILED) from None
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            full = StorageFull("The disk is full; the answer could not be written.", mend="Free some space.")
            report(full, as_json=bool(ctx.meta.get(AS_JSON)))
            raise typer.Exit(FAILED) from None
        except KeyboardInterrupt:
            note("Interrupted. What was recorded before stays, whole.")
            raise typer.Exit(INTERRUPTED) from None


def report(error: ProvenanceError, *, as_json: bool) -> None:
    """Say what went wrong and what to do about it, for a person or for a program."""
    if as_json:
        note(json.dumps(problem(error)))
        return
    from rich.text import Text

    from provenance.cli.render import console
    from provenance.cli.visible import visible

    err = console(stderr=True)
    err.print(Text.assemble(("error: ", "bold red"), (visible(error.message), "red")), soft_wrap=True)
    if error.mend:
        err.print(Text.assemble(("mend: ", "bold"), visible(error.mend)), soft_wrap=True)


def problem(error: ProvenanceError) -> dict[str, Any]:
    """An error as JSON: its stable code, its words, and its data."""
    data = {name: value if isinstance(value, (int, float)) else str(value) for name, value in error.data.items()}
    return {"error": error.code, "message": error.message, "mend": error.mend, "data": data}


def note(message: str) -> None:
    """A line on stderr, so that stdout holds the answer and nothing else."""
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()
