"""A statement as one page for a browser: every line with its rule, and charts as inline SVG. It needs no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provenance.kernel.money import format_micros
from provenance.kernel.visible import excerpt
from provenance.pages.document import document
from provenance.pages.statement_sheet import (
    DIMENSION_WORDS,
    EVIDENCE,
    KIND_WORDS,
    Bar,
    balances,
    bars,
    drill_words,
)
from provenance.services.statements import StatementSheet
from provenance.statements.form import STATEMENT_FORMAT
from provenance.statements.line import StatementLine

NAME_CHARS_MAX = 240
TITLE_CHARS_MAX = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line in words."""

    number: int
    kind: str
    amount: str
    count: int
    rule: str
    inputs: Mapping[str, str]
    rounding: str
    drill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A breakdown as bars; in ``left_out`` the number of rows that have none."""

    title: str
    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        """Of the drawing, in its own units: 12 a bar."""
        return 12 * len(self.bars)


def statement_page(sheet: StatementSheet) -> str:
    """The page."""
    statement = sheet.statement
    return document(
        "statement.html",
        styles=("page.css", "statement.css"),
        party=excerpt(sheet.party_name, NAME_CHARS_MAX),
        party_id=statement.party,
        period=statement.period.name,
        since=f"{statement.period.since:%Y-%m-%d}",
        until=f"{statement.period.until:%Y-%m-%d}",
        closed_at=f"{sheet.closed_at:%Y-%m-%d %H:%M:%S}",
        currency=statement.currency,
        opening=format_micros(statement.opening.micros),
        lines=[_line(number, line) for number, line in enumerate(statement.lines, start=1)],
        closing=format_micros(statement.closing.micros),
        balances=[(name, format_micros(micros)) for name, micros in balances(statement)],
        reserves=[(t.held_in, format_micros(t.micros), f"{t.release_at:%Y-%m-%d}") for t in statement.closing.reserves],
        charts=[Chart(title=DIMENSION_WORDS[b.dimension], bars=bars(sheet, b)) for b in statement.breakdowns if b.rows],
        title_chars=TITLE_CHARS_MAX,
        evidence=EVIDENCE,
        identities=[
            ("statement", statement.id),
            ("before", statement.opening.statement or "–"),
            ("transaction", statement.transaction or "–"),
            ("payout terms", statement.payout_terms or "–"),
            ("tax profile", statement.tax_profile or "–"),
            ("format", STATEMENT_FORMAT),
        ],
    )


def _line(number: int, line: StatementLine) -> Line:
    return Line(
        number=number,
        kind=KIND_WORDS[line.kind],
        amount=format_micros(line.micros),
        count=line.count,
        rule=line.explanation.rule,
        inputs=line.explanation.inputs,
        rounding=line.explanation.rounding,
        drill=drill_words(line.drill),
    )
