"""The second half of ingestion: a group of items in one transaction, or each in its own where one of them fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provenance.kernel.errors import ProvenanceError, Unavailable
from provenance.services.ingest_prepare import Fingerprinted, Group, Item
from provenance.services.ports import Clock, Database, Encoder, UnitOfWork
from provenance.services.register import next_claims, next_licence
from provenance.services.withdraw import check_free, check_stands
from provenance.sources.claim import Claims
from provenance.sources.document import Rejection
from provenance.sources.licence import Licence
from provenance.sources.party import Party
from provenance.sources.work import Revision, revision_id


class IngestOutcome(StrEnum):
    """What became of one document."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """One document's outcome. ``work`` is None where it was rejected, and ``error`` says why."""

    origin: str
    outcome: IngestOutcome
    work: str | None
    segments: int
    chars: int
    error: ProvenanceError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a group's documents, in order; an ``error`` says why the others weren't looked at."""

    results: Sequence[Ingested]
    error: Unavailable | None = None


class _NotMade(Exception):
    """The work's text has changed since it was looked at, and the item has no vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be written for an item, once all that could refuse it was asked."""

    item: Item
    at: datetime
    outcome: IngestOutcome
    revision: Revision | None
    claims: Claims | None
    licence: Licence | None


class Recorder:
    """Records groups. Its transactions hold the write lock no longer than writing takes."""

    def __init__(self, database: Database, encoder: Encoder, clock: Clock) -> None:
        self._database, self._encoder, self._clock = database, encoder, clock

    def record(self, group: Group) -> Done:
        """Record what is new of a group. No document's failure undoes another's."""
        members = group.members
        try:
            if self._nothing_new(members):
                return Done(results=[_unchanged(m) if isinstance(m, Item) else _rejected(m) for m in members])
            if len(members) > 1:
                return Done(results=self._together(members))
        except (ProvenanceError, _NotMade):
            pass  # nothing was recorded; which of them it was shows below
        return self._each_alone(members)

    def _nothing_new(self, members: Sequence[Item | Rejection]) -> bool:
        """Whether all there is to do was done before: then nothing is written, and no write lock is taken."""
        items = [m for m in members if isinstance(m, Item)]
        if any(item.made for item in items):
            return False
        with self._database.begin() as work:
            latest = work.works.latest_texts({item.entity.id for item in items}).items()
            return all(
                item.name in latest
                and not _owes_rights(work, item)
                and work.works.withdrawal_of(item.entity.id) is None
                for item in items
            )

    def _together(self, members: Sequence[Item | Rejection]) -> list[Ingested]:
        results = []
        with self._database.begin(write=True) as work:
            for member in members:
                planned = self._planned(work, member)
                if isinstance(planned, _Plan):
                    _write(work, planned, self._encoder.identity.name)
                results.append(_told(planned))
            work.commit()
        return results

    def _each_alone(self, members: Sequence[Item | Rejection]) -> Done:
        results: list[Ingested] = []
        for member in members:
            try:
                results += self._alone(member)
            except Unavailable as error:
                return Done(results=results, error=error)
            except ProvenanceError as error:
                assert isinstance(member, Item), "a rejection asks for nothing"
                results.append(_rejected(Rejection(origin=member.document.origin, error=error)))
        return Done(results=results)

    def _alone(self, member: Item | Rejection) -> list[Ingested]:
        if isinstance(member, Rejection):
            return [_rejected(member)]
        try:
            return self._together([member])
        except _NotMade:
            made = member.fingerprinted()
            return self._together([made.encoded(self._encoder) if isinstance(made, Item) else made])

    def _planned(self, work: UnitOfWork, member: Item | Rejection) -> _Plan | Rejection:
        """What is to be written, or why nothing is. Writes nothing."""
        if isinstance(member, Rejection):
            return member
        try:
            return _plan(work, member, self._clock())
        except Unavailable:
            raise
        except ProvenanceError as error:
            return Rejection(origin=member.document.origin, error=error)


def _plan(work: UnitOfWork, item: Item, at: datetime) -> _Plan:
    # What was read before the encoding may be out of date by now.
    check_stands(work, item.entity.id)
    latest = work.works.latest(item.entity.id)
    revision, outcome = None, IngestOutcome.UNCHANGED
    if latest is None or latest.text_sha256 != item.text_sha256:
        check_free(work, item.entity, item.text_sha256)
        if item.made is None:
            raise _NotMade
        revision = _revision(item, item.made, latest.number + 1 if latest else 1)
        outcome = IngestOutcome.REVISED if latest else IngestOutcome.NEW
    document, owed = item.document, _owed_rights(work, item)
    claims = Claims(basis_points=document.claims, valid_from=at.date()) if document.claims else None
    licence = None
    if document.terms is not None and owed.licence:
        risk = document.risk_basis_points_max
        licence = Licence(terms=document.terms, valid_from=at.date(), risk_basis_points_max=risk)
    return _Plan(
        item=item,
        at=at,
        outcome=outcome,
        revision=revision,
        claims=claims if owed.claims else None,
        licence=licence,
    )


def _write(work: UnitOfWork, plan: _Plan, encoder: str) -> None:
    item, at = plan.item, plan.at
    if work.works.get(item.entity.id) is None:
        work.works.add(item.entity, at)
    if plan.revision is not None:
        assert item.made is not None, "a revision has its fingerprints"
        assert item.made.vectors is not None, "a group is encoded before it is recorded"
        work.works.add_revision(plan.revision, item.document.text, encoder, item.made.vectors, at)
    if plan.claims is not None:
        names = item.document.party_names
        for party in sorted(plan.claims.basis_points):
            if work.parties.get(party) is None:
                work.parties.add(Party(id=party, name=names.get(party, party)), at)
        work.rights.set_claims(next_claims(work, item.entity.id, plan.claims), at)
    if plan.licence is not None:
        work.rights.set_licence(next_licence(work, item.entity.id, plan.licence), at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """What a document says of rights of which nothing was ever said before.

    A file never overrides what was stated: an old file that is read again must not undo an opt-out.
    """

    claims: bool
    licence: bool


def _owed_rights(work: UnitOfWork, item: Item) -> _Owed:
    document, name = item.document, item.entity.id
    return _Owed(
        claims=bool(document.claims) and not work.rights.claims_of(name),
        licence=document.terms is not None and not work.rights.licences_of(name),
    )


def _owes_rights(work: UnitOfWork, item: Item) -> bool:
    owed = _owed_rights(work, item)
    return owed.claims or owed.licence


def _revision(item: Item, made: Fingerprinted, number: int) -> Revision:
    return Revision(
        id=revision_id(item.entity.id, number, item.text_sha256),
        work=item.entity.id,
        number=number,
        text_sha256=item.text_sha256,
        iscc=made.iscc,
        chars=len(item.document.text),
    )


def _told(planned: _Plan | Rejection) -> Ingested:
    if isinstance(planned, Rejection):
        return _rejected(planned)
    made = planned.item.made if planned.revision is not None else None
    return _ingested(planned.item, planned.outcome, len(made.spans) if made else 0)


def _unchanged(item: Item) -> Ingested:
    return _ingested(item, IngestOutcome.UNCHANGED, 0)


def _ingested(item: Item, outcome: IngestOutcome, segments: int) -> Ingested:
    chars = len(item.document.text)
    return Ingested(origin=item.document.origin, outcome=outcome, work=item.entity.id, segments=segments, chars=chars)


def _rejected(rejection: Rejection) -> Ingested:
    outcome = IngestOutcome.REJECTED
    return Ingested(origin=rejection.origin, outcome=outcome, work=None, segments=0, chars=0, error=rejection.error)
