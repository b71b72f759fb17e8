"""Register documents as works: one document, one database transaction; a crash loses the one at hand, and no other.

What was registered before, with the same text, is left as it is. A changed text is a new revision; the work keeps the
title and author that it was first registered under. Claims and a licence are taken from a file where none were stated
before; later ones are stated on purpose, by whom they concern. What was withdrawn is not registered again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provenance.fingerprints.iscc import text_code
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import Vectors
from provenance.kernel.canonical import sha256_hex
from provenance.kernel.errors import InvalidText, ProvenanceError, Unavailable
from provenance.kernel.ids import is_plain
from provenance.services.ports import Clock, Database, Encoder, UnitOfWork
from provenance.services.register import next_claims, next_licence
from provenance.services.withdraw import check_free, check_stands
from provenance.sources.claim import Claims
from provenance.sources.document import Document, Rejection
from provenance.sources.licence import Licence
from provenance.sources.party import Party
from provenance.sources.work import TITLE_CHARS_MAX, Revision, Work, check_text, revision_id, work_id


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


def ingest(
    documents: Iterable[Document | Rejection], registrant: Party, database: Database, encoder: Encoder, clock: Clock
) -> Iterator[Ingested]:
    """Register documents one after the other, yielding what became of each.

    A document that can't be registered is yielded as rejected and the rest goes on. What the machine lacks (a full
    disk, a locked database) ends the run, with nothing half-written.

    Raises:
        Unavailable: and its kinds; run it again when the cause is mended.
    """
    with database.begin(write=True) as work:
        work.parties.add(registrant, clock())
        work.commit()
    for document in documents:
        if isinstance(document, Rejection):
            yield _rejected(document.origin, document.error)
            continue
        try:
            yield _ingest_one(document, registrant, database, encoder, clock)
        except Unavailable:
            raise
        except ProvenanceError as error:
            yield _rejected(document.origin, error)


def _rejected(origin: str, error: ProvenanceError) -> Ingested:
    return Ingested(origin=origin, outcome=IngestOutcome.REJECTED, work=None, segments=0, chars=0, error=error)


def _ingest_one(document: Document, registrant: Party, database: Database, encoder: Encoder, clock: Clock) -> Ingested:
    text = check_text(document.text)
    entity = Work(
        id=work_id(registrant.id, document.source_id),
        registrant=registrant.id,
        source_id=document.source_id,
        title=_one_line(document.title) or document.source_id,
        author=_one_line(document.author),
    )
    text_sha256 = sha256_hex(text.encode())
    with database.begin() as work:
        check_stands(work, entity.id)
        latest = work.works.latest(entity.id)
    vectors: Vectors | None = None
    if latest is None or latest.text_sha256 != text_sha256:
        # Encoding takes seconds; it stays outside the transaction that writes, so that it blocks nobody.
        spans = segment(text)
        if not spans:
            raise InvalidText("The text has nothing that could be compared.", mend="Check that the file holds text.")
        vectors = encoder.encode(text, spans)
    with database.begin(write=True) as work:
        # What was read before the encoding may be out of date by now.
        check_stands(work, entity.id)
        at, latest = clock(), work.works.latest(entity.id)
        if work.works.get(entity.id) is None:
            work.works.add(entity, at)
        changed = vectors is not None and (latest is None or latest.text_sha256 != text_sha256)
        if changed and vectors is not None:
            check_free(work, entity, text_sha256)
            revision = _revision(entity.id, latest.number + 1 if latest else 1, text, text_sha256)
            work.works.add_revision(revision, text, encoder.identity.name, vectors, at)
        _state_rights(work, document, entity.id, at)
        work.commit()
    outcome = IngestOutcome.UNCHANGED if not changed else IngestOutcome.REVISED if latest else IngestOutcome.NEW
    segments = len(vectors) if changed and vectors is not None else 0
    return Ingested(origin=document.origin, outcome=outcome, work=entity.id, segments=segments, chars=len(text))


def _revision(work: str, number: int, text: str, text_sha256: str) -> Revision:
    return Revision(
        id=revision_id(work, number, text_sha256),
        work=work,
        number=number,
        text_sha256=text_sha256,
        iscc=text_code(text),
        chars=len(text),
    )


def _state_rights(work: UnitOfWork, document: Document, work_id: str, at: datetime) -> None:
    """Record what the document says of rights where nothing was ever said of them.

    A file never overrides what was stated: an old file that is read again must not undo an opt-out.
    """
    claims = Claims(basis_points=document.claims, valid_from=at.date()) if document.claims else None
    if claims is not None and not work.rights.claims_of(work_id):
        for party in sorted(claims.basis_points):
            if work.parties.get(party) is None:
                work.parties.add(Party(id=party, name=document.party_names.get(party, party)), at)
        work.rights.set_claims(next_claims(work, work_id, claims), at)
    if document.terms is not None and not work.rights.licences_of(work_id):
        risk = document.risk_basis_points_max
        licence = Licence(terms=document.terms, valid_from=at.date(), risk_basis_points_max=risk)
        work.rights.set_licence(next_licence(work, work_id, licence), at)


def _one_line(text: str) -> str:
    """Metadata of a file as a label: a stray control character in a PDF's title is no reason to refuse the PDF."""
    return " ".join("".join(c if is_plain(c) else " " for c in text).split())[:TITLE_CHARS_MAX]
