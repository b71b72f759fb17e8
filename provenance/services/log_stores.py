"""What the log needs from the world: its leaves in the database, its tiles and checkpoint in files, its key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from provenance.transparency.leaf import Leaf
from provenance.transparency.tiles import TileName


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCheckpoint:
    """A checkpoint that was signed: ``note`` is the whole of it, ``root`` has 32 bytes."""

    origin: str
    size: int
    root: bytes
    note: str
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Which facts are looked for: those that meet all that isn't None. ``since`` is included, ``until`` is not."""

    kind: str | None = None
    party: str | None = None
    work: str | None = None
    worker: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class LeafLog(Protocol):
    """The log's leaves in order. Leaves are appended by the stores, together with their facts.

    A leaf's number is its place from 1; its index in proofs is one less.
    """

    def size(self) -> int: ...

    def leaves(self, after: int = 0, until: int | None = None) -> Iterator[tuple[int, Leaf]]:
        """Leaves with numbers above ``after`` and up to ``until`` (all), with their numbers, streamed."""

    def data(self, after: int, until: int) -> list[bytes]:
        """The data of the leaves with numbers above ``after`` and up to ``until``, at once: a sequencer's batch."""

    def find(self, facts: Sequence[tuple[str, str]]) -> Sequence[tuple[int, Leaf] | None]:
        """Number and leaf of each fact, by kind and name; None where there is none."""

    def search(self, query: LogQuery, *, after: int, limit: int) -> Sequence[tuple[int, Leaf]]:
        """At most ``limit`` leaves above number ``after`` of facts that are meant, with their numbers, in order."""

    def last_checkpoint(self) -> SealedCheckpoint | None:
        """The newest checkpoint that was signed."""

    def checkpoint_at(self, size: int) -> SealedCheckpoint | None:
        """The smallest checkpoint that was signed of at least ``size`` leaves."""

    def checkpoints(self, after: int = 0) -> Iterator[SealedCheckpoint]:
        """All of more than ``after`` leaves, the smallest first, streamed."""

    def add_checkpoint(self, checkpoint: SealedCheckpoint) -> None:
        """Append; `Conflict` where it doesn't follow the one before."""


class TileStore(Protocol):
    """Where tiles, bundles and the checkpoint are published, under the paths that tlog-tiles names."""

    def exists(self, path: str) -> bool: ...

    def read(self, path: str) -> bytes:
        """Raise `LogAltered` where it is missing."""

    def read_tile(self, name: TileName) -> bytes:
        """A tile of exactly the width that is asked for; `LogAltered` where it is missing or has another length."""

    def write(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Write files, each whole or not at all, all on disk when this returns. `StorageFull`, `StorageFailed`."""

    def forget_partials(self, level: str, place: int) -> None:
        """Remove the partial files of a tile or bundle that is full now. ``level`` is a number or ``entries``."""

    def sequencing(self) -> AbstractContextManager[None]:
        """Be the one that seals the log. Raises `SequencerRunning`."""
