"""A statement's words and figures as every rendering has them.

The same sheet renders to the same bytes, on every machine: nothing here knows the time, a locale or a random number.
What a rendering of `STATEMENT_FORMAT` looks like is fixed: a change of it is another format, beside this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provenance.kernel.money import format_micros
from provenance.services.statements import StatementSheet
from provenance.statements.breakdown import Breakdown, Dimension
from provenance.statements.line import Drill, DrillKind, LineKind
from provenance.statements.statement import Statement

BARS_MAX = 10

KIND_WORDS: Mapping[LineKind, str] = {
    LineKind.ACCRUED: "Royalties",
    LineKind.LATE: "Late",
    LineKind.ADJUSTED: "Adjustment",
    LineKind.TOPPED_UP: "Guarantee",
    LineKind.SUBSCRIBED: "Subscriptions",
    LineKind.SPREAD: "From the pool",
    LineKind.ADVANCED: "Advance",
    LineKind.EXCHANGED: "Exchange",
    LineKind.PAID: "Paid out",
    LineKind.RECOUPED: "Advance recouped",
    LineKind.RESERVED: "Held in reserve",
    LineKind.RELEASED: "Released from reserve",
    LineKind.WITHHELD: "Tax withheld",
}
DIMENSION_WORDS: Mapping[Dimension, str] = {
    Dimension.WORK: "By work",
    Dimension.USE: "By use",
    Dimension.WORKER: "By worker",
    Dimension.TERRITORY: "By territory",
}
_UNSTATED = "not stated"
EVIDENCE = "Attribution is evidence of reuse, never causal influence."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar of a chart: its length in tenths of a per cent of the longest one, and its part of the whole alike."""

    key: str
    label: str
    micros: int
    uses: int | None
    length: int
    part: int

    @property
    def amount(self) -> str:
        """In decimals."""
        return format_micros(self.micros)

    @property
    def percent(self) -> str:
        """Its part of the whole: ``25.3 %``."""
        return f"{self.part // 10}.{self.part % 10} %"


def label(sheet: StatementSheet, dimension: Dimension, key: str) -> str:
    """What a row of a breakdown is called."""
    if dimension is Dimension.WORK:
        return sheet.titles.get(key, key)
    return _UNSTATED if key == "*" else key


def bars(sheet: StatementSheet, breakdown: Breakdown) -> tuple[Bar, ...]:
    """The largest rows as bars, and one bar for all others."""
    shown = [
        (row.key, label(sheet, breakdown.dimension, row.key), row.micros, row.uses) for row in breakdown.rows[:BARS_MAX]
    ]
    rest = breakdown.rows[BARS_MAX:]
    others = len(rest) + breakdown.others_count
    made: list[tuple[str, str, int, int | None]] = list(shown)
    if others:
        micros = sum(row.micros for row in rest) + breakdown.others_micros
        made.append(("", f"{others} others", micros, None))
    longest = max((micros for _, _, micros, _ in made), default=0)
    return tuple(
        Bar(
            key=key,
            label=label,
            micros=micros,
            uses=uses,
            length=_thousandths(micros, longest),
            part=_thousandths(micros, breakdown.micros),
        )
        for key, label, micros, uses in made
    )


def drill_words(drill: Drill) -> str:
    """What a line leads to, in a few words."""
    late = f" of {drill.late_from}" if drill.late_from else ""
    match drill.kind:
        case DrillKind.ACCRUALS:
            return f"uses{late}, cause {drill.cause}"
        case DrillKind.TRANSACTIONS:
            return f"transactions{late}, cause {drill.cause}"
        case DrillKind.CLOSE:
            return "the closing transaction"


def balances(statement: Statement) -> Iterator[tuple[str, int]]:
    """What the statement comes to, in words and micro-units."""
    yield "Payable", statement.payable_micros
    if statement.threshold_micros:
        yield "Threshold", statement.threshold_micros
    yield "Carried on", statement.closing.micros
    if statement.closing.untaxed_micros:
        yield "Of it not taxed yet", statement.closing.untaxed_micros
    if reserves := sum(t.micros for t in statement.closing.reserves):
        yield "In reserve", reserves
    if statement.advance_micros:
        yield "Advance left to recoup", statement.advance_micros


def _thousandths(part: int, whole: int) -> int:
    return max(0, part * 1_000 // whole) if whole > 0 else 0
