"""What was posted to a party's account in a period, by cause, and which line of a statement it makes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.money import format_micros
from provenance.statements.line import Drill, DrillKind, Explanation, LineKind, StatementLine

# Causes of transactions; what is none of these adjusts.
ACCRUAL = "accrual"
RELEASE = "release"
EXCHANGE = "exchange"
PAYOUT = "payout"
PAYOUT_RETURNED = "payout_returned"

_KINDS = {
    ACCRUAL: LineKind.ACCRUED,
    EXCHANGE: LineKind.EXCHANGED,
    PAYOUT: LineKind.PAID,
    PAYOUT_RETURNED: LineKind.PAID,
}
# What uses earned: these causes stand for accruals that can be listed one by one, and broken down.
OF_USES = frozenset({ACCRUAL, RELEASE})

_EXACT = "none: whole micro-units are added up"
_EXACT_USES = "none here: each use was split by largest remainder, and says so itself"
_RULES = {
    LineKind.ACCRUED: "Royalties of the period's uses, added up.",
    LineKind.EXCHANGED: "Exchanged from or into another currency, each at its recorded rate.",
    LineKind.PAID: "Paid out, less what came back.",
    LineKind.ADJUSTED: "Posted with the cause {cause!r}, added up.",
    LineKind.LATE: (
        "Recorded after {late_from} was closed, and effective in it: a closed period never changes, so it counts here."
    ),
}
_ORDER = list(LineKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Entries of one cause on a party's account, added up: ``micros`` above zero are owed to the party.

    ``first_at`` and ``last_at`` are the effective times of the first and the last. ``late_from`` is the month they
    would have belonged to, where its period was closed before they were recorded.
    """

    cause: str
    micros: int
    count: int
    first_at: datetime
    last_at: datetime
    late_from: str | None = None

    @property
    def kind(self) -> LineKind:
        """The kind of its line."""
        kind = _KINDS.get(self.cause, LineKind.ADJUSTED)
        earned = kind in (LineKind.ACCRUED, LineKind.ADJUSTED)
        return LineKind.LATE if self.late_from is not None and earned else kind


def royalties_micros(movements: Iterable[Movement]) -> int:
    """What uses earned, at once or by a later release, whenever they belong."""
    return sum(m.micros for m in movements if m.cause in OF_USES)


def movement_lines(movements: Iterable[Movement]) -> list[StatementLine]:
    """One line a movement, in the order of a statement: by kind, then by month, then by cause."""
    ordered = sorted(movements, key=lambda m: (_ORDER.index(m.kind), m.late_from or "", m.cause))
    return [_line(m) for m in ordered]


def _line(movement: Movement) -> StatementLine:
    uses = movement.cause in OF_USES
    drill = DrillKind.ACCRUALS if uses else DrillKind.TRANSACTIONS
    inputs = {
        "cause": movement.cause,
        "count": str(movement.count),
        "sum": format_micros(movement.micros),
        "first_effective": _moment(movement.first_at),
        "last_effective": _moment(movement.last_at),
    }
    return StatementLine(
        kind=movement.kind,
        micros=movement.micros,
        count=movement.count,
        explanation=Explanation(
            rule=_RULES[movement.kind].format(cause=movement.cause, late_from=movement.late_from),
            inputs=inputs,
            rounding=_EXACT_USES if uses else _EXACT,
        ),
        drill=Drill(kind=drill, cause=movement.cause, late_from=movement.late_from),
    )


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
