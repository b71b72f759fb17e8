"""Merge small pieces of the current snapshot, beside publications: what is found doesn't change, only what it costs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from provenance.fingerprints.vector import EncoderIdentity
from provenance.services.ports import Clock, Database, Merge, Snapshots
from provenance.services.publish import revision_reader

Writing = Callable[[], AbstractContextManager[None]]


def merge_next(
    database: Database,
    snapshots: Snapshots,
    encoder: EncoderIdentity,
    clock: Clock,
    writing: Writing,
    *,
    segments_max: int | None = None,
) -> bool:
    """Do the merge that is due, of at most ``segments_max`` segments; whether there was one.

    ``writing`` is held for the moments in which it is claimed and published, and not while it is built.

    Raises:
        AlreadyRunning: of ``writing``; the merge is lost, and due again.
        StorageFull, StorageFailed: the disk refuses; the current snapshot stays.
    """
    with writing():
        with database.begin() as work:
            current = work.snapshots.current(encoder.name)
        merge = snapshots.next_merge(current[0].digest, encoder, segments_max=segments_max) if current else None
    if merge is None:
        return False
    with merge:
        merge.build(revision_reader(database, encoder.name))
        with writing():
            _publish(database, merge, encoder.name, clock)
    return True


def _publish(database: Database, merge: Merge, encoder: str, clock: Clock) -> None:
    with database.begin() as work:
        current = work.snapshots.current(encoder)
    merged = merge.splice(current[0].digest) if current else None
    if current and merged:
        with database.begin(write=True) as work:
            work.snapshots.add(merged, current[1], clock())
            work.commit()
