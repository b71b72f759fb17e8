"""Exports and their checks on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from provenance.adapters.zip_archive import writing_zip
from provenance.cli.progress import count_bar
from provenance.cli.render import cell, console, fields, table
from provenance.cli.visible import visible
from provenance.services.check_export import PROBLEMS_SHOWN_MAX, Check
from provenance.services.export import Exported, export_period
from provenance.statements.period import Period

if TYPE_CHECKING:
    from provenance.bootstrap import System

_WELL = "The records are unaltered, and the money follows from the shares."


def write(system: System, path: Path, period: Period) -> Exported:
    """Write the export with a bar over its facts. Raises `StorageFull`, `StorageFailed`."""
    with system.database.begin() as work:
        leaves = work.log.size()
    with count_bar("Exporting", leaves) as bar, writing_zip(path) as archive:
        return export_period(system.database, archive, period, at=system.clock(), progress=bar.advance)


def view(exported: Exported) -> dict[str, Any]:
    """What went out, for a program."""
    return {"facts": dict(exported.facts), "log": {"leaves": exported.leaves, "root": exported.root}}


def show(exported: Exported, path: Path) -> None:
    """Print how many facts went out, and the root to compare with another's."""
    out = console()
    out.print(table("Exported", ("facts", ">number"), [(kind, f"{n:,}") for kind, n in exported.facts.items()]))
    out.print(fields([("log", f"{exported.leaves:,} leaves"), ("root", exported.root), ("file", path)]))


def checks_view(checks: Sequence[Check]) -> dict[str, Any]:
    """The checks, for a program."""
    return {
        "ok": not any(c.failed for c in checks),
        "checks": [{"name": c.name, "checked": c.checked, "failed": c.failed, "problems": c.problems} for c in checks],
    }


def show_checks(
    checks: Sequence[Check], out: Console | None = None, *, what: str = "This export", well: str = _WELL
) -> None:
    """Print each check with its result, then the problems."""
    out = out or console()
    rows = [(_result(c), c.name, f"{c.checked:,}", f"{c.failed:,}") for c in checks]
    out.print(table("Checks", ("", "check", ">checked", ">failed"), rows))
    for check in checks:
        for problem in check.problems:
            out.print(Text.assemble(("failed ", "red"), f"{check.name}: {visible(problem)}"), soft_wrap=True)
        if check.failed > PROBLEMS_SHOWN_MAX:
            out.print(f"... and {check.failed - PROBLEMS_SHOWN_MAX:,} more of: {check.name}")
    if any(c.failed for c in checks):
        out.print(cell(f"{what} doesn't hold what was recorded.", "bold red"))
    else:
        out.print(cell(well, "green"))


def _result(check: Check) -> Text:
    return Text("failed", style="bold red") if check.failed else Text("ok", style="green")
