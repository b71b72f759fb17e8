"""Hold the disputed part of what a generation earned, and settle what is held when a dispute is over."""

from __future__ import annotations

from datetime import datetime

from provenance.royalties.dispute import Dispute
from provenance.royalties.dispute_money import hold_of, settle
from provenance.services.ports import UnitOfWork
from provenance.services.records import GenerationRecord, Recorded


def hold_what_is_disputed(work: UnitOfWork, recorded: Recorded[GenerationRecord]) -> None:
    """Hold what open disputes about claims say of a generation that is being recorded."""
    works = {use.work for use in recorded.fact.accrual.uses if use.accruals}
    if not works:
        return
    for dispute in work.disputes.open_of(works):
        if dispute.fact.generation is None:
            hold_generation(work, dispute.fact, recorded, at=recorded.recorded_at)


def hold_generation(work: UnitOfWork, dispute: Dispute, recorded: Recorded[GenerationRecord], *, at: datetime) -> None:
    """Hold the disputed part of one generation, at ``at``; nothing, where it has none."""
    generation = recorded.fact.generation.id
    use = next((u for u in recorded.fact.accrual.uses if u.work == dispute.work), None)
    if use is None:
        return
    found = hold_of(
        dispute,
        generation,
        use,
        posted=recorded.fact.transaction,
        effective_at=recorded.recorded_at,
        held_before=work.disputes.held_of(generation, dispute.work),
    )
    if found is not None:
        hold, transaction = found
        work.books.post(transaction, at)
        work.disputes.add_hold(hold, at)


def settle_all(work: UnitOfWork, dispute: Dispute, returned_basis_points: int, *, at: datetime) -> None:
    """Release and return all that a dispute holds."""
    for hold in work.disputes.holds(dispute.id):
        settlement, transaction = settle(dispute, hold.fact, returned_basis_points, at=at)
        work.books.post(transaction, at)
        work.disputes.add_settlement(settlement, at)
