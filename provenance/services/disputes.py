"""Raise disputes, take their steps, and let silence answer when its time is over: each a fact, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.errors import Conflict, InDispute, InvalidClaims, NotFound
from provenance.royalties.accrual import Outcome, WorkUse
from provenance.royalties.dispute import Action, Clocks, Dispute, Step, check_raised, held_from, lapse, take
from provenance.royalties.dispute_money import claims_after
from provenance.services.dispute_detail import DisputeDetail, detail
from provenance.services.dispute_holds import hold_generation, settle_all
from provenance.services.ports import Database, UnitOfWork
from provenance.services.records import GenerationRecord, Recorded, WorkClaims
from provenance.services.register import next_claims

LAPSES_AT_ONCE_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Raising:
    """Who disputes something, in whose favour (None: nobody's), why, and by which clocks."""

    disputant: str
    in_favour_of: str | None
    reason: str
    clocks: Clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """The dispute as recorded; ``replayed`` where it had been recorded before this call."""

    recorded: Recorded[Dispute]
    replayed: bool


def dispute_claims(
    database: Database, work_id: str, parts: Mapping[str, int], raising: Raising, *, at: datetime
) -> Raised:
    """Dispute parts of the claims on a work: basis points by the party that claims them.

    Raised in time after the claims were recorded, all that they earned is held; later, what they earn from now on.

    Raises:
        NotFound: no such work or party, or the work has no claims.
        InvalidClaims: a party doesn't claim as much.
        InDispute: others dispute so much of it already that this isn't left.
        Conflict: the party disputes these claims already, and something else of them.
    """
    with database.begin(write=True) as work:
        claims = _claims(work, work_id)
        dispute = _dispute(work, raising, work_id, claims.fact.id, parts, since=claims.recorded_at, at=at)
        if known := _known(work, dispute):
            return known
        _check_claimed(work, dispute, claims.fact)
        work.disputes.add(dispute, at)
        if dispute.held_from < at:
            for generation in work.disputes.uses_since(work_id, claims.fact.id, dispute.held_from):
                hold_generation(work, dispute, _generation(work, generation), at=at)
        return _committed(work, dispute)


def dispute_use(database: Database, generation: str, work_id: str, raising: Raising, *, at: datetime) -> Raised:
    """Dispute that a generation used a work: all that the use earned is held.

    Raises:
        NotFound: no such generation, use or party.
        OutOfTime: the use is too old.
        Conflict: the use wasn't paid, or the party disputed it before in other words.
    """
    with database.begin(write=True) as work:
        recorded = _generation(work, generation)
        use = _paid(recorded.fact, work_id)
        parts = {a.party: a.basis_points for a in use.accruals}
        dispute = _dispute(
            work, raising, work_id, str(use.claims_id), parts, since=recorded.recorded_at, at=at, generation=generation
        )
        if known := _known(work, dispute):
            return known
        check_raised(used_at=recorded.recorded_at, raised_at=at, clocks=raising.clocks)
        work.disputes.add(dispute, at)
        hold_generation(work, dispute, recorded, at=at)
        return _committed(work, dispute)


def take_step(
    database: Database,
    dispute: str,
    action: Action,
    *,
    by: str,
    reason: str,
    at: datetime,
    returned_basis_points: int | None = None,
) -> DisputeDetail:
    """Take a party's step; the same as the last one again changes nothing. What closes a dispute settles its money.

    Raises:
        NotFound: no such dispute or party.
        Conflict, OutOfTime, Forbidden, InvalidInput: as `royalties.dispute.take` says.
    """
    with database.begin(write=True) as work:
        _check_parties(work, by)
        found = detail(work, dispute)
        last = found.steps[-1].fact if found.steps else None
        if last is None or (last.action, last.by, last.reason) != (action, by, reason):
            step = take(
                found.recorded.fact,
                [s.fact for s in found.steps],
                action,
                by=by,
                at=at,
                reason=reason,
                returned_basis_points=returned_basis_points,
            )
            _record_step(work, found.recorded.fact, step)
        after = detail(work, dispute)
        work.commit()
    return after


def lapse_due(database: Database, *, now: datetime) -> Sequence[Step]:
    """Let silence answer in disputes whose time is over by now, each in a transaction of its own; a bounded number."""
    due: list[str] = []
    after: int | None = 0
    with database.begin() as work:
        while after is not None and len(due) < LAPSES_AT_ONCE_MAX:
            page = work.disputes.open(after=after, limit=LAPSES_AT_ONCE_MAX)
            due += [r.fact.id for r in page.items if _lapsed(work, r.fact, now)]
            after = page.next_after
    taken = []
    for dispute in due[:LAPSES_AT_ONCE_MAX]:
        with database.begin(write=True) as work:
            fact = detail(work, dispute).recorded.fact
            if step := _lapsed(work, fact, now):
                _record_step(work, fact, step)
                work.commit()
                taken.append(step)
    return taken


def _dispute(
    work: UnitOfWork,
    raising: Raising,
    work_id: str,
    claims: str,
    parts: Mapping[str, int],
    *,
    since: datetime,
    at: datetime,
    generation: str | None = None,
) -> Dispute:
    _check_parties(work, raising.disputant, raising.in_favour_of)
    return Dispute(
        disputant=raising.disputant,
        work=work_id,
        claims=claims,
        parts=dict(parts),
        reason=raising.reason,
        raised_at=at,
        held_from=held_from(since=min(since, at), raised_at=at, clocks=raising.clocks),
        generation=generation,
        in_favour_of=raising.in_favour_of,
        clocks=raising.clocks,
    )


def _record_step(work: UnitOfWork, dispute: Dispute, step: Step) -> None:
    work.disputes.add_step(step, step.at)
    if step.returned_basis_points is None:
        return
    settle_all(work, dispute, step.returned_basis_points, at=step.at)
    claims = work.rights.claims_of(dispute.work)[-1].fact
    if claims.id == dispute.claims and step.returned_basis_points:
        after = claims_after(claims.claims, dispute, step.returned_basis_points, at=step.at)
        if after is not None:
            work.rights.set_claims(next_claims(work, dispute.work, after), step.at)


def _lapsed(work: UnitOfWork, dispute: Dispute, now: datetime) -> Step | None:
    return lapse(dispute, [s.fact for s in work.disputes.steps(dispute.id)], now=now)


def _generation(work: UnitOfWork, generation: str) -> Recorded[GenerationRecord]:
    recorded = work.generations.get(generation)
    if recorded is None:
        raise NotFound(f"There is no generation {generation!r}.", mend="Check its id.", generation=generation)
    return recorded


def _paid(record: GenerationRecord, work_id: str) -> WorkUse:
    use = next((u for u in record.accrual.uses if u.work == work_id), None)
    if use is None:
        raise NotFound(f"The generation used no work {work_id!r}.", mend="Look at the generation.", work=work_id)
    if use.outcome is not Outcome.PAID:
        raise Conflict(
            f"This use earned nobody anything: its outcome is {use.outcome.value!r}.",
            mend="A use that is held for review is resolved there: provenance reviews.",
            outcome=use.outcome.value,
        )
    return use


def _committed(work: UnitOfWork, dispute: Dispute) -> Raised:
    recorded = work.disputes.get(dispute.id)
    assert recorded is not None, "it was recorded in this unit of work"
    work.commit()
    return Raised(recorded=recorded, replayed=False)


def _known(work: UnitOfWork, dispute: Dispute) -> Raised | None:
    recorded = work.disputes.get(dispute.id)
    if recorded is None:
        return None
    found = recorded.fact
    if (found.parts, found.reason, found.in_favour_of) != (dispute.parts, dispute.reason, dispute.in_favour_of):
        raise Conflict(
            "This was disputed before, by the same party in other words.",
            mend="Look at that dispute; what is recorded is never changed.",
            dispute=dispute.id,
        )
    return Raised(recorded=recorded, replayed=True)


def _claims(work: UnitOfWork, work_id: str) -> Recorded[WorkClaims]:
    if work.works.get(work_id) is None:
        raise NotFound(f"There is no work {work_id!r}.", mend="List the works to see their ids.", work=work_id)
    claims = work.rights.claims_of(work_id)
    if not claims:
        raise NotFound("Nobody has a claim on this work.", mend="State claims instead.", work=work_id)
    return claims[-1]


def _check_parties(work: UnitOfWork, *parties: str | None) -> None:
    for party in parties:
        if party is not None and work.parties.get(party) is None:
            raise NotFound(f"There is no party {party!r}.", mend="Register it first.", party=party)


def _check_claimed(work: UnitOfWork, dispute: Dispute, claims: WorkClaims) -> None:
    others = [d.fact for d in work.disputes.open_of({dispute.work}) if d.fact.generation is None]
    for party, part in dispute.parts.items():
        claimed = claims.claims.basis_points.get(party, 0)
        if part > claimed:
            raise InvalidClaims(
                f"{party!r} claims {claimed} basis points of this work, and {part} are disputed.",
                mend="Dispute at most what is claimed.",
                party=party,
            )
        disputed = sum(d.parts.get(party, 0) for d in others)
        if part + disputed > claimed:
            raise InDispute(
                f"{disputed} of the {claimed} basis points of {party!r} are disputed already.",
                mend="Wait for the end of that dispute, or dispute less.",
                party=party,
            )
