"""Snapshots that were published. A snapshot is one fact; which one is current is the newest publication's to say."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Select, Session
from provenance.kernel.errors import Conflict
from provenance.services.records import IndexState, PublishedSnapshot, Recorded

# Publications that are read at a time, newest first.
PUBLICATIONS = 1_000


class SqlSnapshots:
    """Implements the port `SnapshotLog`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, snapshot: PublishedSnapshot, state: IndexState, at: datetime) -> None:
        """Publish; publishing the current one again does nothing, an earlier one makes it current again.

        Raises:
            Conflict: a snapshot of this digest was published with another encoder or size.
        """
        if self.current(snapshot.encoder) == (snapshot, state):
            return
        found = SNAPSHOTS.one(self._session, tables.snapshot.c.digest == snapshot.digest)
        if found is None:
            self._add_fact(snapshot, at)
        elif found.fact != snapshot:
            raise Conflict(f"Another snapshot has the digest {snapshot.digest}.", snapshot=snapshot.digest)
        row = {
            "seq": self._session.next_seq(tables.publication),
            "snapshot": snapshot.digest,
            "index_state": f"{state.revisions}.{state.withdrawals}",
            "recorded_at": at,
        }
        self._session.insert(tables.publication, [row])

    def get(self, digest: str) -> Recorded[PublishedSnapshot] | None:
        """The snapshot of this digest, as first published."""
        return SNAPSHOTS.one(self._session, tables.snapshot.c.digest == digest)

    def current(self, encoder: str) -> tuple[PublishedSnapshot, IndexState] | None:
        """The newest snapshot of this encoder, and how far it has come."""
        newest = self._session.first(_newest(1), {"encoder": encoder})
        return (_snapshots(self._session, [newest])[0], _state(newest.index_state)) if newest else None

    def recent(self, encoder: str, since: datetime) -> Set[str]:
        """Digests of the snapshots that were published from ``since`` on, and of the encoder's two newest anyway."""
        publication = tables.publication
        digests = {row.digest for row in self._session.rows(_newest(2), {"encoder": encoder})}
        newest = sa.select(publication).order_by(publication.c.seq.desc())
        before = self._session.scalar(sa.select(sa.func.max(publication.c.seq))) or 0
        while found := self._session.rows(newest.where(publication.c.seq <= before).limit(PUBLICATIONS)):
            digests |= {row.snapshot for row in found if row.recorded_at >= since}
            before = found[-1].seq - 1 if found[-1].recorded_at >= since else 0
        return digests

    def _add_fact(self, snapshot: PublishedSnapshot, at: datetime) -> None:
        row = {
            "seq": self._session.record(snapshot, at),
            "digest": snapshot.digest,
            "encoder": snapshot.encoder,
            "works": snapshot.works,
            "segments": snapshot.segments,
            "recorded_at": at,
        }
        self._session.insert(tables.snapshot, [row])


@cache
def _newest(count: int) -> Select:
    """Built once: every request asks which snapshot is current."""
    publication, snapshot = tables.publication, tables.snapshot
    published = sa.select(publication.c.index_state, snapshot).join_from(publication, snapshot)
    of_encoder = published.where(snapshot.c.encoder == sa.bindparam("encoder"))
    return of_encoder.order_by(publication.c.seq.desc()).limit(count)


def _state(text: str) -> IndexState:
    """Publications of the time before there were shards say it otherwise: nothing is known of them."""
    revisions, _, withdrawals = text.partition(".")
    if not (revisions.isdecimal() and withdrawals.isdecimal()):
        return IndexState()
    return IndexState(revisions=int(revisions), withdrawals=int(withdrawals))


def _snapshots(_: Session, rows: Sequence[Row]) -> list[PublishedSnapshot]:
    return [
        PublishedSnapshot(digest=row.digest, encoder=row.encoder, works=row.works, segments=row.segments)
        for row in rows
    ]


SNAPSHOTS = FactRows(table=tables.snapshot, select=sa.select(tables.snapshot), rebuild=_snapshots)
