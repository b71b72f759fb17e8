"""The lines of a statement. Each says by which rule, from what and with what rounding, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class LineKind(StrEnum):
    """What a line does to the balance. The order is that of a statement."""

    ACCRUED = "accrued"
    LATE = "late"  # effective in a period that is closed, recorded afterwards
    ADJUSTED = "adjusted"  # releases, reversals, corrections, outcomes of disputes
    TOPPED_UP = "topped_up"  # to a minimum guarantee
    SUBSCRIBED = "subscribed"  # a part of subscription money
    SPREAD = "spread"  # a part of the unattributed pool
    ADVANCED = "advanced"  # paid ahead, and recouped later
    EXCHANGED = "exchanged"
    PAID = "paid"
    RECOUPED = "recouped"
    RESERVED = "reserved"
    RELEASED = "released"  # of earlier reserves
    WITHHELD = "withheld"


# Lines that the close itself makes, and posts; the others sum what was posted before.
MADE_BY_CLOSE = frozenset(
    {
        LineKind.TOPPED_UP,
        LineKind.SUBSCRIBED,
        LineKind.SPREAD,
        LineKind.ADVANCED,
        LineKind.RECOUPED,
        LineKind.RESERVED,
        LineKind.RELEASED,
        LineKind.WITHHELD,
    }
)
EARNED = (
    LineKind.ACCRUED,
    LineKind.LATE,
    LineKind.ADJUSTED,
    LineKind.TOPPED_UP,
    LineKind.SUBSCRIBED,
    LineKind.SPREAD,
)

_NEVER_ABOVE_ZERO = frozenset({LineKind.RECOUPED, LineKind.RESERVED, LineKind.WITHHELD})
_NEVER_BELOW_ZERO = frozenset(
    {LineKind.TOPPED_UP, LineKind.SUBSCRIBED, LineKind.SPREAD, LineKind.ADVANCED, LineKind.RELEASED}
)


class DrillKind(StrEnum):
    """What lies under a line."""

    ACCRUALS = "accruals"  # uses, and under each its generation, spans and evidence
    TRANSACTIONS = "transactions"
    CLOSE = "close"  # the transaction that the close posted: the statement names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """What a line is made of: facts of one ``cause``; ``late_from`` names the closed month that they belong to."""

    kind: DrillKind
    cause: str = ""
    late_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a line has its amount: a sentence, the values that it was computed from, and how it was rounded."""

    rule: str
    inputs: Mapping[str, str]
    rounding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One line: what it adds to what the party is owed, in micro-units, and how many facts it sums."""

    kind: LineKind
    micros: int
    count: int
    explanation: Explanation
    drill: Drill

    def __post_init__(self) -> None:
        assert type(self.micros) is int, f"a line counts micro-units, not {self.micros!r}"
        assert self.count >= 0, "a line sums some facts, or none"
        assert self.kind not in _NEVER_ABOVE_ZERO or self.micros <= 0, f"{self.kind} takes away"
        assert self.kind not in _NEVER_BELOW_ZERO or self.micros >= 0, f"{self.kind} adds"
