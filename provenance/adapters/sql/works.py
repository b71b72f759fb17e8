"""Works, by id and by whom they belong to; revisions and vectors stand in files of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import revisions as revision_rows
from provenance.adapters.sql import tables
from provenance.adapters.sql import vectors as vector_rows
from provenance.adapters.sql import withdrawals as withdrawal_rows
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session
from provenance.fingerprints.vector import Vectors
from provenance.kernel.errors import Conflict
from provenance.kernel.span import Span
from provenance.services.records import IndexedRevision, Page, Recorded
from provenance.sources.withdrawal import Withdrawal
from provenance.sources.work import Revision, Work


class SqlWorks:
    """Implements the port `WorkStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, work: Work, at: datetime) -> None:
        """Record a work. The same again does nothing; another title or author under the same id is a `Conflict`.

        Raises:
            NotFound: the registrant isn't recorded.
        """
        found = self.get(work.id)
        if found is None:
            row = {
                "seq": self._session.record(work, at),
                "id": work.id,
                "registrant": work.registrant,
                "source_id": work.source_id,
                "title": work.title,
                "author": work.author,
                "recorded_at": at,
            }
            self._session.insert(tables.work, [row])
        elif found != work:
            raise Conflict(
                f"{work.source_id!r} of {work.registrant!r} is recorded with another title or author.",
                mend="Use the recorded ones, or another source id.",
                work=work.id,
            )

    def get(self, work: str) -> Work | None:
        """The work of this id."""
        found = WORKS.named(self._session, id=work)
        return found.fact if found else None

    def many(self, works: Set[str]) -> Mapping[str, Work]:
        """Those of the ids that are works."""
        return {r.fact.id: r.fact for r in WORKS.among(self._session, "id", sorted(works))}

    def page(self, *, after: int = 0, limit: int, party: str | None = None) -> Page[Recorded[Work]]:
        """Works in the order of recording; of ``party`` alone: those it registered or has ever had a claim on."""
        of_party = [] if party is None else [tables.work.c.id.in_(works_of(party))]
        return WORKS.page(self._session, *of_party, after=after, limit=limit)

    def belongs(self, work: str, party: str) -> bool:
        """Whether ``party`` registered the work or has ever had a claim on it."""
        found = sa.select(tables.work.c.seq).where(tables.work.c.id == work, tables.work.c.id.in_(works_of(party)))
        return bool(self._session.scalar(found))

    def add_withdrawal(self, withdrawal: Withdrawal, at: datetime) -> None:
        """Record a withdrawal. The same again does nothing.

        Raises:
            Conflict: the work was withdrawn by another party, or for another reason.
            NotFound: the work or the party isn't recorded.
        """
        withdrawal_rows.add(self._session, withdrawal, at)

    def withdrawal_of(self, work: str) -> Recorded[Withdrawal] | None:
        """The withdrawal of a work, None where it stands."""
        return withdrawal_rows.of(self._session, work)

    def withdrawn(self, works: Set[str]) -> Mapping[str, Recorded[Withdrawal]]:
        """Those of the works that were withdrawn."""
        return withdrawal_rows.among(self._session, works)

    def withdrawals(self, *, after: int = 0, limit: int) -> Page[Recorded[Withdrawal]]:
        """Withdrawals in the order of recording."""
        return withdrawal_rows.WITHDRAWALS.page(self._session, after=after, limit=limit)

    def withdrawn_revisions(self, *, before: int | None = None) -> Sequence[str]:
        """All revisions of works that were withdrawn (before a number of the log, if one is given), oldest first."""
        return withdrawal_rows.revisions(self._session, before=before)

    def add_revision(self, revision: Revision, text: str, encoder: str, vectors: Vectors, at: datetime) -> None:
        """Record a revision with its text and vectors (segments x dimensions). The same id again does nothing.

        Raises:
            NotFound: the work isn't recorded.
            Conflict: its number isn't the next one of the work, or the work was withdrawn.
        """
        if revision_rows.add(self._session, revision, text, at):
            self.add_vectors(revision.id, encoder, vectors)

    def add_vectors(self, revision: str, encoder: str, vectors: Vectors) -> None:
        """Vectors of another encoder for a revision that exists; the same again does nothing.

        Raises:
            NotFound: the revision isn't recorded.
            Conflict: it has other vectors of this encoder.
        """
        vector_rows.add(self._session, revision, encoder, vectors)

    def latest(self, work: str) -> Revision | None:
        """The revision with the highest number."""
        return revision_rows.latest(self._session, work)

    def latest_texts(self, works: Set[str]) -> Mapping[str, str]:
        """The digest of the latest text of each of these works that has one."""
        return revision_rows.latest_texts(self._session, works)

    def with_text(self, text_sha256: str) -> str | None:
        """The work that had a text first, of those that stand; else of the withdrawn ones."""
        return revision_rows.first_with_text(self._session, text_sha256)

    def revisions(self, work: str) -> Sequence[Recorded[Revision]]:
        """All revisions of a work, oldest first."""
        return revision_rows.REVISIONS.all(self._session, tables.revision.c.work == work)

    def text(self, revision: str) -> str | None:
        """The text of a revision."""
        return revision_rows.text(self._session, revision)

    def excerpt(self, revision: str, span: Span) -> str:
        """Some characters of a revision's text; the rest of it isn't fetched."""
        return revision_rows.excerpt(self._session, revision, span)

    def recorded_after(self, at: datetime) -> Mapping[str, Sequence[str]]:
        """Revisions recorded after ``at``, each with those that its work had by then, oldest first."""
        return revision_rows.recorded_after(self._session, at)

    def indexed(self, encoder: str, *, after: int = 0, until: int | None = None) -> Iterator[IndexedRevision]:
        """The latest revision of each work that stands, with vectors of ``encoder``; one in memory at a time.

        Those alone that are numbered above ``after``, up to ``until``.
        """
        return vector_rows.indexed(self._session, encoder, after=after, until=until)

    def indexed_revision(self, revision: str, encoder: str) -> IndexedRevision | None:
        """One revision with its text and vectors, None where it has none of ``encoder``."""
        return vector_rows.one(self._session, revision, encoder)

    def newest_revision(self) -> int:
        """The number of the revision that was recorded last, 0 where there is none."""
        return int(self._session.scalar(sa.select(sa.func.coalesce(sa.func.max(tables.revision.c.seq), 0))))

    def without_vectors(self, encoder: str, *, after: int = 0) -> Sequence[Recorded[Revision]]:
        """Latest revisions, of works that stand, above ``after`` that have no vectors of ``encoder``, oldest first."""
        return vector_rows.missing(self._session, encoder, after=after)


def works_of(party: str) -> sa.CompoundSelect[str]:
    """Ids of the works that a party registered or has ever had a claim on."""
    work, claims, part = tables.work, tables.claims, tables.claim_part
    return sa.union(
        sa.select(work.c.id).where(work.c.registrant == party),
        sa.select(claims.c.work).join_from(part, claims, part.c.claims == claims.c.id).where(part.c.party == party),
    )


def _works(_: Session, rows: Sequence[Row]) -> list[Work]:
    return [
        Work(id=row.id, registrant=row.registrant, source_id=row.source_id, title=row.title, author=row.author)
        for row in rows
    ]


WORKS = FactRows(table=tables.work, select=sa.select(tables.work), rebuild=_works)
