"""Overlaps of works, and the marks of which revisions were compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import PAGE_MAX, FactRows
from provenance.adapters.sql.session import Row, Session
from provenance.adapters.sql.vectors import is_indexed
from provenance.adapters.sql.works import works_of
from provenance.kernel.canonical import canonical_bytes
from provenance.kernel.errors import Conflict
from provenance.kernel.span import Span
from provenance.services.facts import passages_form
from provenance.services.records import Page, Recorded
from provenance.sources.overlap import FoundBy, Overlap, PassageKind, SharedPassage, Side


class SqlOverlaps:
    """Implements the port `OverlapStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, overlap: Overlap, at: datetime) -> None:
        """Record an overlap. The same again does nothing.

        Raises:
            Conflict: another one of the same two revisions is recorded.
            NotFound: it names a work, revision or snapshot that isn't.
        """
        found = OVERLAPS.one(self._session, tables.overlap.c.id == overlap.id)
        if found is not None:
            if found.fact != overlap:
                raise Conflict(f"Another overlap of these revisions is recorded as {overlap.id}.", overlap=overlap.id)
            return
        row = {
            "seq": self._session.record(overlap, at),
            "id": overlap.id,
            **_columns("later", overlap.later),
            **_columns("earlier", overlap.earlier),
            "first": overlap.first,
            "passages": canonical_bytes(passages_form(overlap)).decode(),
            "passages_found": overlap.passages_found,
            "method": overlap.found_by.method,
            "encoder": overlap.found_by.encoder,
            "snapshot": overlap.found_by.snapshot,
            "recorded_at": at,
        }
        self._session.insert(tables.overlap, [row])

    def mark_compared(self, revision: str, snapshot: str, at: datetime) -> None:
        """Remember that a revision was compared; a second time changes nothing."""
        mark = tables.comparison
        if self._session.scalar(sa.select(mark.c.revision).where(mark.c.revision == revision)) is None:
            self._session.insert(mark, [{"revision": revision, "snapshot": snapshot, "recorded_at": at}])

    def due(self, encoder: str, *, until: int, limit: int) -> Sequence[str]:
        """Latest revisions with vectors of ``encoder``, numbered up to ``until``, without a mark; oldest first."""
        revision, mark = tables.revision, tables.comparison
        unmarked = ~sa.exists().where(mark.c.revision == revision.c.id)
        due = sa.select(revision.c.id).where(is_indexed(encoder), revision.c.seq <= until, unmarked)
        return [row.id for row in self._session.rows(due.order_by(revision.c.seq).limit(min(limit, PAGE_MAX)))]

    def page(
        self, *, after: int = 0, limit: int, work: str | None = None, party: str | None = None
    ) -> Page[Recorded[Overlap]]:
        """Overlaps in the order of recording, on either side: of one work, and of the works that belong to a party."""
        where = []
        sides = (tables.overlap.c.later_work, tables.overlap.c.earlier_work)
        if work is not None:
            where.append(sa.or_(*(side == work for side in sides)))
        if party is not None:
            where.append(sa.or_(*(side.in_(works_of(party)) for side in sides)))
        return OVERLAPS.page(self._session, *where, after=after, limit=limit)


def _columns(name: str, side: Side) -> dict[str, object]:
    return {
        f"{name}_work": side.work,
        f"{name}_revision": side.revision,
        f"{name}_held_from": side.held_from,
        f"{name}_shared_chars": side.shared_chars,
        f"{name}_covered_ppm": side.covered_ppm,
    }


def _overlaps(_: Session, rows: Sequence[Row]) -> list[Overlap]:
    return [
        Overlap(
            later=Side(
                work=row.later_work,
                revision=row.later_revision,
                held_from=row.later_held_from,
                shared_chars=row.later_shared_chars,
                covered_ppm=row.later_covered_ppm,
            ),
            earlier=Side(
                work=row.earlier_work,
                revision=row.earlier_revision,
                held_from=row.earlier_held_from,
                shared_chars=row.earlier_shared_chars,
                covered_ppm=row.earlier_covered_ppm,
            ),
            first=row.first,
            passages=tuple(
                SharedPassage(
                    kind=PassageKind(p["kind"]),
                    later_span=Span(*p["later_span"]),
                    earlier_span=Span(*p["earlier_span"]),
                    words=p["words"],
                )
                for p in json.loads(row.passages)
            ),
            passages_found=row.passages_found,
            found_by=FoundBy(method=row.method, encoder=row.encoder, snapshot=row.snapshot),
        )
        for row in rows
    ]


OVERLAPS = FactRows(table=tables.overlap, select=sa.select(tables.overlap), rebuild=_overlaps)
