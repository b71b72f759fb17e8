"""A statement for programs: canonical JSON, and CSV for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.kernel.canonical import Json, canonical_bytes
from provenance.kernel.money import format_micros
from provenance.pages.statement_sheet import drill_words
from provenance.pages.statement_sheet import label as row_label
from provenance.services.export_tables import Row, csv_rows
from provenance.services.statements import StatementSheet
from provenance.statements.breakdown import Breakdown
from provenance.statements.form import statement_form
from provenance.statements.statement import Carried

CSV_COLUMNS = "part kind key label amount currency count rule inputs rounding drill".split()


def statement_json(sheet: StatementSheet) -> bytes:
    """The form that the statement's leaf commits to, with names and titles under ``labels`` (RFC 8785)."""
    labels: dict[str, Json] = {"party": sheet.party_name, "works": dict(sheet.titles)}
    closed_at = sheet.closed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return canonical_bytes({**statement_form(sheet.statement), "closed_at": closed_at, "labels": labels})


def statement_csv(sheet: StatementSheet) -> bytes:
    """One row an amount, UTF-8: the opening, the lines, what they come to, the reserves, and the breakdowns."""
    return b"".join(csv_rows(CSV_COLUMNS, _rows(sheet)))


def _rows(sheet: StatementSheet) -> Iterator[Row]:
    statement, currency = sheet.statement, sheet.statement.currency
    period = f"{statement.period.name} of {statement.party}"
    yield _row("opening", "opening", statement.opening.statement or "", period, statement.opening.micros, currency)
    for number, line in enumerate(statement.lines, start=1):
        said = line.explanation
        yield (
            "line",
            line.kind.value,
            str(number),
            "",
            format_micros(line.micros),
            currency,
            line.count,
            said.rule,
            "; ".join(f"{name}={value}" for name, value in said.inputs.items()),
            said.rounding,
            drill_words(line.drill),
        )
    yield _row("closing", "closing", statement.id, period, statement.closing.micros, currency)
    yield _row("closing", "payable", "", "", statement.payable_micros, currency)
    yield _row("closing", "threshold", "", "", statement.threshold_micros, currency)
    yield _row("closing", "untaxed", "", "", statement.closing.untaxed_micros, currency)
    yield _row("closing", "advance_left", "", "", statement.advance_micros, currency)
    yield from _reserves(statement.closing, currency)
    yield from _advances(statement.closing, currency)
    for breakdown in statement.breakdowns:
        yield from _breakdown(sheet, breakdown)


def _reserves(carried: Carried, currency: str) -> Iterator[Row]:
    for tranche in carried.reserves:
        until = f"{tranche.release_at:%Y-%m-%d}"
        yield _row("closing", "reserve", tranche.held_in, f"released at {until}", tranche.micros, currency)


def _advances(carried: Carried, currency: str) -> Iterator[Row]:
    for advance in carried.advances:
        of = "all works" if advance.work is None else advance.work
        yield _row("closing", "advance", advance.id, f"recouped from {of}", advance.outstanding, currency)


def _breakdown(sheet: StatementSheet, breakdown: Breakdown) -> Iterator[Row]:
    part, currency = f"by_{breakdown.dimension.value}", sheet.statement.currency
    for row in breakdown.rows:
        label = row_label(sheet, breakdown.dimension, row.key)
        yield _row(part, "earned", row.key, label, row.micros, currency, count=row.uses)
    if breakdown.others_count:
        label = f"{breakdown.others_count} others"
        yield _row(part, "earned", "", label, breakdown.others_micros, currency)


def _row(
    part: str, kind: str, key: str, label: str, micros: int, currency: str, *, count: int | None = None
) -> tuple[object, ...]:
    return part, kind, key, label, format_micros(micros), currency, count, "", "", "", ""
