"""Publish a snapshot: build the index of all latest revisions, if it differs from the one that is published.

What is new in it is then compared with what was there before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from provenance.attribution.lexical import Rarity
from provenance.fingerprints.segment import segment
from provenance.kernel.errors import SnapshotUnusable
from provenance.services.compare import NOTHING_COMPARED, Comparison, compare_new
from provenance.services.ports import Clock, Database, Encoder, Snapshots
from provenance.services.records import PublishedSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The current snapshot, whether it had to be built, and what the comparison of what is new in it found."""

    snapshot: PublishedSnapshot
    built: bool
    comparison: Comparison = NOTHING_COMPARED


def publish(
    database: Database, snapshots: Snapshots, encoder: Encoder, rarity: Rarity, clock: Clock, *, rebuild: bool = False
) -> Publication:
    """Make the current snapshot hold the latest revision of every work, and record what new texts share with others.

    A run that was killed between registering and publishing, or before it had compared all, is made up for here: the
    state of the database decides, not what the caller thinks has changed.
    """
    _encode_missing(database, encoder)
    published, newest = _publish(database, snapshots, encoder, clock, rebuild=rebuild)
    index = snapshots.open(published.snapshot.digest, published.snapshot.encoder)
    return replace(published, comparison=compare_new(database, index, rarity, clock, until=newest))


def _publish(
    database: Database, snapshots: Snapshots, encoder: Encoder, clock: Clock, *, rebuild: bool
) -> tuple[Publication, int]:
    """The current snapshot, and the number of the newest revision when it was made: later ones aren't in it."""
    name = encoder.identity.name
    with database.begin() as work:
        current = work.snapshots.current(name)
        state = work.works.index_state(name)
        newest = work.works.newest_revision()
        if current and current[1] == state and not rebuild and _opens(snapshots, current[0]):
            return Publication(snapshot=current[0], built=False), newest
        published = snapshots.build(work.works.indexed(name), encoder.identity)
    with database.begin(write=True) as work:
        work.snapshots.add(published, state, clock())
        used = work.snapshots.used()
        work.commit()
    # A decision can be replayed as long as its snapshot is there. The one before stays too: a decision on it may be
    # under way.
    snapshots.keep_only({published.digest, *used, *([current[0].digest] if current else [])})
    return Publication(snapshot=published, built=True), newest


def current_digest(database: Database, encoder: str) -> str:
    """The digest of the published snapshot. Raises `SnapshotUnusable` where none was published for this encoder."""
    with database.begin() as work:
        current = work.snapshots.current(encoder)
    if current is None:
        raise SnapshotUnusable("No index was published yet.", mend="Register works first: provenance ingest PATH.")
    return current[0].digest


def _opens(snapshots: Snapshots, snapshot: PublishedSnapshot) -> bool:
    try:
        snapshots.open(snapshot.digest, snapshot.encoder)
    except SnapshotUnusable:
        return False
    return True


def _encode_missing(database: Database, encoder: Encoder) -> None:
    """Revisions that were registered under another encoder get vectors of this one."""
    name = encoder.identity.name
    with database.begin() as work:
        missing = work.works.without_vectors(name)
    for revision in missing:
        with database.begin() as work:
            text = work.works.text(revision.id)
        assert text is not None, "a revision has a text"
        vectors = encoder.encode(text, segment(text))
        with database.begin(write=True) as work:
            work.works.add_vectors(revision.id, name, vectors)
            work.commit()
