"""Take a generation in: attribute it, accrue what it earns, post it, record it; once, however often it is sent.

What is withdrawn when a decision is recorded has no part in it, whether or not the index knows that yet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from provenance.attribution.shares import GenerationShares, roll_up
from provenance.kernel.errors import Conflict, NotFound, StorageLocked
from provenance.royalties.accrual import accrue
from provenance.royalties.postings import accrual_transaction
from provenance.royalties.uses_by_worker import workers_by_work
from provenance.services.as_of import registered_by, registered_still
from provenance.services.attribute import Attributor
from provenance.services.counted import CountedBefore
from provenance.services.dispute_holds import hold_what_is_disputed
from provenance.services.group_commit import EachByItself, Recorder
from provenance.services.ports import Clock, Database, UnitOfWork
from provenance.services.records import GenerationRecord, Recorded
from provenance.workers.generation import Generation, check_made_at

# The second time withdrawn works are passed over: a third is needed only where another was withdrawn in between.
ATTRIBUTED_TIMES_MAX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The generation as recorded; ``replayed`` where it had been recorded before this call."""

    recorded: Recorded[GenerationRecord]
    replayed: bool


def submit(
    generation: Generation,
    database: Database,
    attributor: Callable[[], Attributor],
    clock: Clock,
    *,
    pool_basis_points: int,
    idempotency_key: str | None = None,
    recorder: Recorder | None = None,
) -> Submitted:
    """Attribute ``generation`` and put what it earns into the books.

    What is decided is recorded by ``recorder``, in a transaction of its own where there is none.
    ``attributor`` opens the current snapshot; it isn't called where the generation is known already. A work that was
    registered after the output was made earns nothing, nor does one that is withdrawn by now.

    Raises:
        InvalidInput: it says that it was made in the future, or too long ago.
        Conflict: the id, or the idempotency key, was used before for something else.
        NotFound: the service isn't a registered party.
        SnapshotUnusable: nothing was published to attribute against.
        StorageLocked: works that it derives from are being withdrawn at this very moment, again and again.
    """
    if known := _known(generation, database, idempotency_key):
        return known
    if generation.made_at is not None:
        check_made_at(generation.made_at, taken_in=clock())
    current = decider = attributor()
    if generation.made_at is not None:
        decider = current.as_of(registered_by(database, generation.made_at))
    recorder = recorder or EachByItself(database)
    for _ in range(ATTRIBUTED_TIMES_MAX):
        shares = roll_up([decider.attribute(part.text, prompt=generation.prompt) for part in generation.parts])
        deciding = partial(_record, generation, decider, shares, clock, pool_basis_points, idempotency_key)
        try:
            if (record := recorder.record(deciding)) is not None:
                return Submitted(recorded=record, replayed=False)
        except Conflict:
            # Somebody else sent the same at the same time and was first: theirs is the answer.
            if known := _known(generation, database, idempotency_key):
                return known
            raise
        # The index isn't published yet without what was withdrawn.
        decider = current.as_of(registered_still(database, generation.made_at))
    raise StorageLocked("Works that this derives from are being withdrawn.", mend="Send it again in a moment.")


def _known(generation: Generation, database: Database, idempotency_key: str | None) -> Submitted | None:
    with database.begin() as work:
        if work.parties.get(generation.service) is None:
            raise NotFound(f"There is no party {generation.service!r}.", mend="Register the service first.")
        named = work.generations.by_idempotency_key(generation.service, idempotency_key) if idempotency_key else None
        if named is not None and named != generation.id:
            raise Conflict(
                "This idempotency key was used before, for another generation.", mend="Use a new key for a new request."
            )
        recorded = work.generations.get(generation.id)
    if recorded is None:
        return None
    if recorded.fact.generation.payload_digest != generation.payload_digest:
        raise Conflict(
            f"The generation {generation.external_id!r} was recorded before, with another payload.",
            mend="Send a new id; what is recorded is never changed.",
            generation=generation.id,
        )
    return Submitted(recorded=recorded, replayed=True)


def _record(
    generation: Generation,
    decider: Attributor,
    shares: GenerationShares,
    clock: Clock,
    pool_basis_points: int,
    idempotency_key: str | None,
    work: UnitOfWork,
) -> Recorded[GenerationRecord] | None:
    """None, and nothing recorded, where a work that it derives from is withdrawn by now."""
    if work.works.withdrawn({a.work for a in shares.attributions}):
        return None
    at = clock()
    rights = work.rights.in_force(
        {a.work for a in shares.attributions},
        on=at.date(),
        territory=generation.territory,
        purpose=generation.purpose,
        workers=workers_by_work(shares, generation.parts),
    )
    accrual = accrue(
        generation.price,
        shares,
        rights,
        pool_basis_points=pool_basis_points,
        thresholds=decider.policy.threshold_ppm,
        before=CountedBefore(work.counts, on=at.date(), currency=generation.price.currency),
    )
    transaction = accrual_transaction(generation.id, generation.service, accrual, effective_at=at)
    if transaction is not None:
        work.books.post(transaction, at)
    record = GenerationRecord(
        generation=generation,
        decided_by=decider.identity,
        shares=shares,
        accrual=accrual,
        transaction=transaction.id if transaction else None,
    )
    recorded = work.generations.add(record, idempotency_key, at)
    hold_what_is_disputed(work, recorded)
    return recorded
