"""Snapshots that were published. A snapshot is one fact; which one is current is the newest publication's to say."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session
from provenance.kernel.errors import Conflict
from provenance.services.records import PublishedSnapshot


class SqlSnapshots:
    """Implements the port `SnapshotLog`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, snapshot: PublishedSnapshot, index_state: str, at: datetime) -> None:
        """Publish; publishing the current one again does nothing, an earlier one makes it current again.

        Raises:
            Conflict: a snapshot of this digest was published with another encoder or size.
        """
        if self.current(snapshot.encoder) == (snapshot, index_state):
            return
        found = SNAPSHOTS.one(self._session, tables.snapshot.c.digest == snapshot.digest)
        if found is None:
            self._add_fact(snapshot, at)
        elif found.fact != snapshot:
            raise Conflict(f"Another snapshot has the digest {snapshot.digest}.", snapshot=snapshot.digest)
        row = {
            "seq": self._session.next_seq(tables.publication),
            "snapshot": snapshot.digest,
            "index_state": index_state,
            "recorded_at": at,
        }
        self._session.insert(tables.publication, [row])

    def current(self, encoder: str) -> tuple[PublishedSnapshot, str] | None:
        """The newest snapshot of this encoder, with the index state that it was built from."""
        publication, snapshot = tables.publication, tables.snapshot
        newest = self._session.first(
            sa.select(publication.c.index_state, snapshot)
            .join_from(publication, snapshot)
            .where(snapshot.c.encoder == encoder)
            .order_by(publication.c.seq.desc())
            .limit(1)
        )
        return (_snapshots(self._session, [newest])[0], newest.index_state) if newest else None

    def used(self) -> Set[str]:
        """Digests of the snapshots that a recorded decision names."""
        snapshot, generation = tables.snapshot, tables.generation
        named = sa.exists().where(generation.c.snapshot == snapshot.c.digest)
        return {row.digest for row in self._session.rows(sa.select(snapshot.c.digest).where(named))}

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


def _snapshots(_: Session, rows: Sequence[Row]) -> list[PublishedSnapshot]:
    return [
        PublishedSnapshot(digest=row.digest, encoder=row.encoder, works=row.works, segments=row.segments)
        for row in rows
    ]


SNAPSHOTS = FactRows(table=tables.snapshot, select=sa.select(tables.snapshot), rebuild=_snapshots)
