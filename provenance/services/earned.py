"""Fold the single uses of a period into what statements show: sums by cause, work, use, worker and territory.

A use is shared out among the workers whose words matched, by characters, to the micro-unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from provenance.kernel.parts import split_exactly
from provenance.services.statement_stores import LineSpan, StatedUse
from provenance.statements.breakdown import Breakdown, BreakdownRow, Dimension, breakdown_of
from provenance.statements.movement import Movement

NOT_STATED = "*"

Key = tuple[str, str | None]  # a cause and the closed month, if any


@dataclass(slots=True)
class _Sum:
    micros: int = 0
    uses: int = 0
    first: int = 0
    last: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    def add(self, use: StatedUse) -> None:
        self.micros += use.micros
        self.uses += 1
        self.first = min(self.first or use.seq, use.seq)
        self.last = max(self.last, use.seq)
        at = use.effective_at
        self.first_at = at if self.first_at is None else min(self.first_at, at)
        self.last_at = at if self.last_at is None else max(self.last_at, at)


@dataclass(slots=True)
class Earned:
    """What the uses of one party earned in one currency."""

    by_cause: dict[Key, _Sum] = field(default_factory=dict)
    by: dict[Dimension, dict[str, list[int]]] = field(default_factory=lambda: {d: {} for d in Dimension})

    def add(self, use: StatedUse) -> None:
        """Count one use."""
        self.by_cause.setdefault((use.cause, use.late_from), _Sum()).add(use)
        self._count(Dimension.WORK, use.work, use.micros)
        self._count(Dimension.USE, use.purpose, use.micros)
        self._count(Dimension.TERRITORY, use.territory, use.micros)
        for worker, micros in _by_worker(use).items():
            self._count(Dimension.WORKER, worker, micros)

    def movement(self, cause: str, late_from: str | None) -> tuple[Movement, LineSpan] | None:
        """What uses of a cause come to, with the span of their numbers; None where there is none."""
        found = self.by_cause.get((cause, late_from))
        if found is None or found.first_at is None or found.last_at is None:
            return None
        moved = Movement(
            cause=cause,
            micros=found.micros,
            count=found.uses,
            first_at=found.first_at,
            last_at=found.last_at,
            late_from=late_from,
        )
        return moved, LineSpan(first=found.first, last=found.last)

    def works(self) -> Mapping[str, int]:
        """Micro-units by work."""
        return {work: micros for work, (micros, _) in self.by[Dimension.WORK].items()}

    def breakdowns(self) -> tuple[Breakdown, ...]:
        """By work, use, worker and territory."""
        return tuple(
            breakdown_of(d, (BreakdownRow(key=k, micros=m, uses=n) for k, (m, n) in rows.items()))
            for d, rows in self.by.items()
        )

    def _count(self, dimension: Dimension, key: str, micros: int) -> None:
        row = self.by[dimension].setdefault(key, [0, 0])
        row[0] += micros
        row[1] += 1


def fold(uses: Iterable[StatedUse]) -> Mapping[tuple[str, str], Earned]:
    """What uses earned, by party and currency."""
    found: dict[tuple[str, str], Earned] = defaultdict(Earned)
    for use in uses:
        found[use.party, use.currency].add(use)
    return found


def _by_worker(use: StatedUse) -> Mapping[str, int]:
    weights = {worker: use.workers[worker] for worker in sorted(use.workers) if use.workers[worker] > 0}
    if len(weights) <= 1:
        return {next(iter(weights), NOT_STATED): use.micros}
    return dict(zip(weights, split_exactly(use.micros, list(weights.values())), strict=True))
