"""Snapshots on disk with a background in which a word is as rare as it is long."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from provenance.adapters.faiss_index.builder import Background
from provenance.adapters.faiss_index.folder import SnapshotFolder
from provenance.adapters.faiss_index.snapshot import FaissSnapshot
from provenance.fingerprints.vector import EncoderIdentity
from provenance.services.records import IndexedRevision


def length(word: str) -> float:
    """The rarity of a word, for tests: its length."""
    return float(len(word))


BACKGROUND = Background(rarity=length, identity="length-1")


def snapshot_folder(root: Path) -> SnapshotFolder:
    """The snapshots under ``root``."""
    return SnapshotFolder(root, BACKGROUND)


def grown(root: Path, revisions: Sequence[IndexedRevision], encoder: EncoderIdentity, *, each: int) -> FaissSnapshot:
    """A snapshot that came to be by adding ``each`` revisions at a time: so many are in a shard."""
    snapshots = snapshot_folder(root)
    published = snapshots.build(iter(revisions[:each]), encoder)
    for start in range(each, len(revisions), each):
        published = snapshots.add(published.digest, iter(revisions[start : start + each]), frozenset(), encoder)
    return snapshots.open(published.digest, encoder.name)
