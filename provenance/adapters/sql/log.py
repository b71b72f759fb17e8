"""The log's leaves, which are appended by `Session.record` together with their facts, and what was signed of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import sqlalchemy as sa

from provenance.adapters.sql import log_search
from provenance.adapters.sql.session import Row, Select, Session, batches
from provenance.adapters.sql.tables import leaf, log_checkpoint
from provenance.services.log_stores import LogQuery, SealedCheckpoint
from provenance.transparency.leaf import Leaf, data_of

LEAVES_READ = 5_000
CHECKPOINTS_READ = 1_000
# Each fact is two values of a statement.
FACTS_ASKED = 400


class SqlLeafLog:
    """Implements the port `LeafLog`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def size(self) -> int:
        """The number of leaves: that of the last one, for they are numbered from 1 without a gap."""
        return int(self._session.scalar(_size(), {}))

    def leaves(self, after: int = 0, until: int | None = None) -> Iterator[tuple[int, Leaf]]:
        """Leaves with numbers above ``after`` and up to ``until`` (all), with their numbers, streamed."""
        last = self.size() if until is None else until
        while after < last and (rows := self._session.rows(_leaves(), {"after": after, "until": last})):
            for row in rows:
                yield row.seq, _leaf(row)
            after = rows[-1].seq

    def data(self, after: int, until: int) -> list[bytes]:
        """The data of the leaves with numbers above ``after`` and up to ``until``, at once: a sequencer's batch."""
        found: list[bytes] = []
        while after < until and (rows := self._session.rows(_data(), {"after": after, "until": until})):
            found += data_of([(kind, fact, sha256) for _, kind, fact, sha256 in rows])
            after = rows[-1].seq
        return found

    def find(self, facts: Sequence[tuple[str, str]]) -> Sequence[tuple[int, Leaf] | None]:
        """Number and leaf of each fact, by kind and name; None where there is none."""
        found: dict[tuple[str, str], tuple[int, Leaf]] = {}
        named = sa.tuple_(leaf.c.kind, leaf.c.fact)
        for batch in batches(facts, FACTS_ASKED):
            rows = self._session.rows(sa.select(leaf).where(named.in_(batch)))
            found |= {(row.kind, row.fact): (row.seq, _leaf(row)) for row in rows}
        return [found.get(fact) for fact in facts]

    def search(self, query: LogQuery, *, after: int, limit: int) -> Sequence[tuple[int, Leaf]]:
        """At most ``limit`` leaves above number ``after`` of facts that are meant, with their numbers, in order."""
        return [(row.seq, _leaf(row)) for row in self._session.rows(log_search.found(query, after, limit))]

    def last_checkpoint(self) -> SealedCheckpoint | None:
        """The newest checkpoint that was signed."""
        return _checkpoint(self._session.first(_last(), {}))

    def checkpoint_at(self, size: int) -> SealedCheckpoint | None:
        """The smallest checkpoint that was signed of at least ``size`` leaves."""
        of_size = sa.select(log_checkpoint).where(log_checkpoint.c.size >= size)
        return _checkpoint(self._session.first(of_size.order_by(log_checkpoint.c.size).limit(1)))

    def checkpoints(self, after: int = 0) -> Iterator[SealedCheckpoint]:
        """All of more than ``after`` leaves, the smallest first, streamed."""
        size = log_checkpoint.c.size
        while rows := self._session.rows(
            sa.select(log_checkpoint).where(size > after).order_by(size).limit(CHECKPOINTS_READ)
        ):
            yield from filter(None, map(_checkpoint, rows))
            after = rows[-1].size

    def add_checkpoint(self, checkpoint: SealedCheckpoint) -> None:
        """Append. Raises `Conflict` where it doesn't follow the one before."""
        row = {
            "size": checkpoint.size,
            "origin": checkpoint.origin,
            "root": checkpoint.root.hex(),
            "note": checkpoint.note,
            "signed_at": checkpoint.signed_at,
        }
        self._session.insert(log_checkpoint, [row])


def _leaf(row: Row) -> Leaf:
    return Leaf(kind=row.kind, fact=row.fact, fact_sha256=row.fact_sha256)


def _checkpoint(row: Row | None) -> SealedCheckpoint | None:
    if row is None:
        return None
    root = bytes.fromhex(row.root)
    return SealedCheckpoint(origin=row.origin, size=row.size, root=root, note=row.note, signed_at=row.signed_at)


# A sequencer asks these several times a second.
@cache
def _size() -> Select:
    return sa.select(sa.func.coalesce(sa.func.max(leaf.c.seq), 0))


@cache
def _last() -> Select:
    return sa.select(log_checkpoint).order_by(log_checkpoint.c.size.desc()).limit(1)


@cache
def _leaves() -> Select:
    return _between(sa.select(leaf))


@cache
def _data() -> Select:
    return _between(sa.select(leaf.c.seq, leaf.c.kind, leaf.c.fact, leaf.c.fact_sha256))


def _between(leaves: Select) -> Select:
    numbered = leaf.c.seq > sa.bindparam("after"), leaf.c.seq <= sa.bindparam("until")
    return leaves.where(*numbered).order_by(leaf.c.seq).limit(LEAVES_READ)
