"""The log's leaves. They are appended by `Session.record`, together with their facts."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from provenance.adapters.sql.session import Session
from provenance.adapters.sql.tables import leaf
from provenance.transparency.leaf import Leaf

LEAVES_READ = 5_000


class SqlLeafLog:
    """Implements the port `LeafLog`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def size(self) -> int:
        """The number of leaves: that of the last one, for they are numbered from 1 without a gap."""
        return int(self._session.scalar(sa.select(sa.func.coalesce(sa.func.max(leaf.c.seq), 0))))

    def leaves(self) -> Iterator[tuple[int, Leaf]]:
        """All leaves with their sequence numbers, streamed."""
        after = 0
        while rows := self._session.rows(
            sa.select(leaf).where(leaf.c.seq > after).order_by(leaf.c.seq).limit(LEAVES_READ)
        ):
            for row in rows:
                yield row.seq, Leaf(kind=row.kind, fact=row.fact, fact_sha256=row.fact_sha256)
            after = rows[-1].seq
