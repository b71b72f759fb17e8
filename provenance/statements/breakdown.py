"""What was earned, shared out by work, by use, by worker or by territory. Each adds up to the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

BREAKDOWN_ROWS_MAX = 1_000


class Dimension(StrEnum):
    """What earnings are broken down by."""

    WORK = "work"
    USE = "use"  # the purpose that the generation stated
    WORKER = "worker"  # by the characters of its parts that matched
    TERRITORY = "territory"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakdownRow:
    """What one work, use, worker or territory earned, and with how many uses."""

    key: str
    micros: int
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """Rows, the largest first; ``others`` sums those past `BREAKDOWN_ROWS_MAX`, ``others_count`` says how many."""

    dimension: Dimension
    rows: tuple[BreakdownRow, ...]
    others_micros: int = 0
    others_count: int = 0

    @property
    def micros(self) -> int:
        """All of it."""
        return sum(row.micros for row in self.rows) + self.others_micros


def breakdown_of(dimension: Dimension, rows: Iterable[BreakdownRow]) -> Breakdown:
    """The breakdown that shows the largest rows and sums the rest; equal amounts come in the order of their keys."""
    ordered = sorted(rows, key=lambda row: (-row.micros, row.key))
    shown, rest = ordered[:BREAKDOWN_ROWS_MAX], ordered[BREAKDOWN_ROWS_MAX:]
    others = sum(row.micros for row in rest)
    return Breakdown(dimension=dimension, rows=tuple(shown), others_micros=others, others_count=len(rest))
