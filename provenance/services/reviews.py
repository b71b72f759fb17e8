"""Resolve uses that are held for review, once each: somebody who may decide says what becomes of the money, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.errors import Conflict, InDispute, NotFound
from provenance.royalties.accrual import Outcome, WorkUse
from provenance.royalties.review import HeldUse, Resolution, Review, resolve
from provenance.services.ports import Database, UnitOfWork
from provenance.services.records import GenerationRecord, Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The review as recorded; ``replayed`` where it had been recorded before this call."""

    recorded: Recorded[Review]
    replayed: bool


def resolve_hold(
    database: Database,
    generation: str,
    work_id: str,
    resolution: Resolution,
    *,
    decided_by: str,
    reason: str,
    at: datetime,
) -> Resolved:
    """Release or decline what is held of one work's use; the same again changes nothing.

    Raises:
        NotFound: no such generation, it has no such use, or ``decided_by`` isn't a registered party.
        Conflict: the use isn't held for review, or was resolved in another way, by another party or for another reason.
        InDispute: it would be released to claimants whose claims are disputed.
        InvalidInput: the reason isn't a line of plain words.
    """
    with database.begin(write=True) as work:
        if work.parties.get(decided_by) is None:
            raise NotFound(f"There is no party {decided_by!r}.", mend="Register it first.", party=decided_by)
        record, use = _use(work, generation, work_id)
        earlier = {r.fact.work: r for r in work.reviews.of(generation)}
        if work_id in earlier:
            return _replayed(earlier[work_id], resolution, decided_by=decided_by, reason=reason)
        declined = {w for w, r in earlier.items() if r.fact.resolution is Resolution.DECLINE}
        if resolution is Resolution.RELEASE:
            _check_undisputed(work, use)
        hold = _hold(work, record, use, frozenset(declined))
        review, transaction = resolve(hold, resolution, decided_by=decided_by, reason=reason, at=at)
        if transaction is not None:
            work.books.post(transaction, at)
        work.reviews.add(review, at)
        recorded = next(r for r in work.reviews.of(generation) if r.fact.work == work_id)
        work.commit()
    return Resolved(recorded=recorded, replayed=False)


def _use(work: UnitOfWork, generation: str, work_id: str) -> tuple[GenerationRecord, WorkUse]:
    recorded = work.generations.get(generation)
    uses = recorded.fact.accrual.uses if recorded else ()
    use = next((u for u in uses if u.work == work_id), None)
    if recorded is None or use is None:
        raise NotFound(
            f"No generation {generation!r} used a work {work_id!r}.",
            mend="List what awaits review: provenance reviews.",
        )
    if use.outcome is not Outcome.REVIEW:
        raise Conflict(
            f"This use isn't held for review: its outcome is {use.outcome.value!r}.",
            mend="List what awaits review: provenance reviews.",
            outcome=use.outcome.value,
        )
    return recorded.fact, use


def _check_undisputed(work: UnitOfWork, use: WorkUse) -> None:
    for dispute in work.disputes.open_of({use.work}):
        if dispute.fact.generation is None and dispute.fact.claims == use.claims_id:
            raise InDispute(
                "The claims at this use are disputed.",
                mend="Release it when the dispute is over.",
                dispute=dispute.fact.id,
            )


def _hold(work: UnitOfWork, record: GenerationRecord, use: WorkUse, declined: frozenset[str]) -> HeldUse:
    claims = next(c.fact.claims for c in work.rights.claims_of(use.work) if c.fact.id == use.claims_id)
    return HeldUse(
        generation=record.generation.id,
        service=record.generation.service,
        accrual=record.accrual,
        use=use,
        claims=claims,
        posted=record.transaction,
        declined=declined,
    )


def _replayed(found: Recorded[Review], resolution: Resolution, *, decided_by: str, reason: str) -> Resolved:
    review = found.fact
    if (review.resolution, review.decided_by, review.reason) != (resolution, decided_by, reason):
        raise Conflict(
            f"This hold was resolved before: {review.resolution.value}, by {review.decided_by}.",
            mend="A hold is resolved once; a release can't be taken back here.",
            review=review.id,
            resolution=review.resolution.value,
        )
    return Resolved(recorded=found, replayed=True)
