"""Publish a snapshot of all that stands: what is new since the current one is added to it, whatever that holds.

The current snapshot says how far it has come, and the database what was recorded since. A run that was killed between
registering and publishing is made up for by the next: the database decides, not what the caller thinks has changed.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import timedelta

from provenance.fingerprints.segment import segment
from provenance.kernel.errors import SnapshotUnusable
from provenance.services.compare import NOTHING_COMPARED, Comparison
from provenance.services.ports import Clock, Database, Encoder, ReadRevision, Snapshots, SourceIndex, UnitOfWork
from provenance.services.records import IndexedRevision, IndexState, PublishedSnapshot

# How long a snapshot is kept that isn't the current one nor the one before: decisions on it may be under way.
RETENTION = timedelta(hours=1)
WITHDRAWALS_AT_A_TIME = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The current snapshot, whether it had to be made, and what a comparison of what is new in it found."""

    snapshot: PublishedSnapshot
    built: bool
    comparison: Comparison = NOTHING_COMPARED


def publish(
    database: Database,
    snapshots: Snapshots,
    encoder: Encoder,
    clock: Clock,
    *,
    rebuild: bool = False,
    retention: timedelta = RETENTION,
) -> Publication:
    """Make the current snapshot hold the latest revision of every work that stands; the caller is the one writer.

    One that can't be opened is restored, and where that can't be done, all of it is built again, as for ``rebuild``.
    """
    name = encoder.identity.name
    _encode_missing(database, encoder)
    base = None if rebuild else _usable(database, snapshots, name)
    with database.begin() as work:
        had = base[1] if base else IndexState()
        gone, withdrawals = _withdrawn(work, had.withdrawals)
        state = IndexState(revisions=_complete_until(work, name, had.revisions), withdrawals=withdrawals)
        if base and state == had:
            return Publication(snapshot=base[0], built=False)
        new = work.works.indexed(name, after=had.revisions, until=state.revisions)
        if base:
            published = snapshots.add(base[0].digest, new, gone, encoder.identity)
        else:
            published = snapshots.build(new, encoder.identity)
    with database.begin(write=True) as work:
        work.snapshots.add(published, state, clock())
        work.commit()
    if not base:
        clear(database, snapshots, name, clock, retention=retention)
    return Publication(snapshot=published, built=True)


def clear(
    database: Database, snapshots: Snapshots, encoder: str, clock: Clock, *, retention: timedelta = RETENTION
) -> None:
    """Clear away what no snapshot of the last time needs; the caller is the one writer."""
    with database.begin() as work:
        recent = work.snapshots.recent(encoder, clock() - retention)
    snapshots.keep_only(recent)


def is_current(database: Database, encoder: str) -> bool:
    """Whether the published snapshot holds all that stands: a cheap look, before one waits to be the writer."""
    with database.begin() as work:
        current = work.snapshots.current(encoder)
        if current is None or work.works.newest_revision() > current[1].revisions:
            return False
        return not work.works.withdrawals(after=current[1].withdrawals, limit=1).items


def current_digest(database: Database, encoder: str) -> str:
    """The digest of the published snapshot. Raises `SnapshotUnusable` where none was published for this encoder."""
    with database.begin() as work:
        current = work.snapshots.current(encoder)
    if current is None:
        raise SnapshotUnusable("No index was published yet.", mend="Register works first: provenance ingest PATH.")
    return current[0].digest


def opened(database: Database, snapshots: Snapshots, digest: str, encoder: str) -> SourceIndex:
    """A snapshot by name, built again where it was cleared away or damaged. Raises `SnapshotUnusable`."""
    try:
        return snapshots.open(digest, encoder)
    except SnapshotUnusable:
        return snapshots.restore(digest, encoder, revision_reader(database, encoder))


def revision_reader(database: Database, encoder: str) -> ReadRevision:
    """Reads a revision with its vectors, each in a transaction of its own."""

    def read(revision: str) -> IndexedRevision | None:
        with database.begin() as work:
            return work.works.indexed_revision(revision, encoder)

    return read


def _usable(database: Database, snapshots: Snapshots, encoder: str) -> tuple[PublishedSnapshot, IndexState] | None:
    with database.begin() as work:
        current = work.snapshots.current(encoder)
    if current is None:
        return None
    try:
        opened(database, snapshots, current[0].digest, encoder)
    except SnapshotUnusable:
        return None
    return current


def _complete_until(work: UnitOfWork, encoder: str, after: int) -> int:
    """The number up to which every latest revision has its vectors: shards come in the order of registration.

    Another process may have registered a text with another encoder since the missing ones were encoded.
    """
    missing = work.works.without_vectors(encoder, after=after)
    return missing[0].seq - 1 if missing else max(after, work.works.newest_revision())


def _withdrawn(work: UnitOfWork, after: int) -> tuple[Set[str], int]:
    """The works that were withdrawn after this number, and the newest number."""
    gone: set[str] = set()
    while items := work.works.withdrawals(after=after, limit=WITHDRAWALS_AT_A_TIME).items:
        gone |= {r.fact.work for r in items}
        after = items[-1].seq
    return gone, after


def _encode_missing(database: Database, encoder: Encoder) -> None:
    """Revisions that were registered under another encoder get vectors of this one."""
    name = encoder.identity.name
    with database.begin() as work:
        current = work.snapshots.current(name)
        missing = work.works.without_vectors(name, after=current[1].revisions if current else 0)
    for recorded in missing:
        revision = recorded.fact.id
        with database.begin() as work:
            text = work.works.text(revision)
        assert text is not None, "a revision has a text"
        vectors = encoder.encode(text, segment(text))
        with database.begin(write=True) as work:
            work.works.add_vectors(revision, name, vectors)
            work.commit()
