"""Snapshots on disk with a background in which a word is as rare as it is long."""

from __future__ import annotations

from pathlib import Path

from provenance.adapters.faiss_index.builder import Background
from provenance.adapters.faiss_index.folder import SnapshotFolder


def length(word: str) -> float:
    """The rarity of a word, for tests: its length."""
    return float(len(word))


BACKGROUND = Background(rarity=length, identity="length-1")


def snapshot_folder(root: Path) -> SnapshotFolder:
    """The snapshots under ``root``."""
    return SnapshotFolder(root, BACKGROUND)
