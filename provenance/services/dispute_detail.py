"""A dispute with all that came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.kernel.errors import NotFound
from provenance.royalties.dispute import Dispute, Position, Step, position
from provenance.royalties.dispute_money import DisputeHold, Settlement
from provenance.services.ports import UnitOfWork
from provenance.services.records import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeDetail:
    """A dispute, its steps, what it holds of which generation, and where that went; each oldest first."""

    recorded: Recorded[Dispute]
    steps: Sequence[Recorded[Step]]
    holds: Sequence[Recorded[DisputeHold]]
    settlements: Sequence[Recorded[Settlement]]

    @property
    def position(self) -> Position:
        """Where it stands."""
        return position(self.recorded.fact, [s.fact for s in self.steps])


def detail(work: UnitOfWork, dispute: str) -> DisputeDetail:
    """A dispute with its steps, holds and settlements. Raises `NotFound`."""
    recorded = work.disputes.get(dispute)
    if recorded is None:
        raise NotFound(f"There is no dispute {dispute!r}.", mend="List them: provenance disputes.", dispute=dispute)
    return DisputeDetail(
        recorded=recorded,
        steps=work.disputes.steps(dispute),
        holds=work.disputes.holds(dispute),
        settlements=work.disputes.settlements(dispute),
    )
