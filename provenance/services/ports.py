"""What the use cases need from the world: small Protocols that adapters implement and tests fake.

Everything recorded is append-only. Every ``add`` takes the time of recording, and appends the fact's leaf to the log in
the same database transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.passages import Candidates
from provenance.fingerprints.exact import Hashes
from provenance.fingerprints.vector import EncoderIdentity, Vectors
from provenance.kernel.span import Span
from provenance.services.log_stores import LeafLog
from provenance.services.money_stores import CountStore, DisputeStore, RateStore
from provenance.services.records import (
    IndexedRevision,
    PublishedSnapshot,
)
from provenance.services.statement_stores import PayeeStore, StatementStore, SubscriptionStore
from provenance.services.stores import (
    Books,
    Earnings,
    FactReader,
    GenerationStore,
    KeyStore,
    OverlapStore,
    PartyStore,
    ReviewStore,
    RightsStore,
    SnapshotLog,
    WorkStore,
)
from provenance.sources.document import Document, Rejection

Clock = Callable[[], datetime]
ReadDocuments = Callable[[Path], Iterator[Document | Rejection]]
ReadRevision = Callable[[str], IndexedRevision | None]

T = TypeVar("T")
R = TypeVar("R")


class Encoder(Protocol):
    """Turns segments into unit vectors."""

    @property
    def identity(self) -> EncoderIdentity:
        """All that determines the vectors."""

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        """One unit vector for each span of ``text``, each seen in its context; the same input, the same bits."""


class Stages(Protocol):
    """Runs the stages of a pipeline, beside one another where it can: same items, same order, same errors."""

    def ahead(self, items: Iterable[T], size: Callable[[T], int]) -> Generator[T]:
        """The items, while the next ones are being made; what waits comes to a bounded ``size``, or is one item.

        An error of ``items`` comes after the items before it. Closing it closes ``items``.
        """

    def behind(self, items: Iterable[T], act: Callable[[T], R], size: Callable[[T], int]) -> Generator[R]:
        """What ``act`` answers for each item, while the next one is being made.

        No item is acted on before the answer for the one before it was taken. Where ``items`` raises, the answer
        that is due comes first.
        """


class SourceIndex(Protocol):
    """An open snapshot: segments of the registered works, by vector and by k-gram. Safe to read from many threads."""

    @property
    def published(self) -> PublishedSnapshot:
        """Its digest, encoder and size."""

    def nearest(self, vectors: Vectors, k: int) -> NDArray[np.int64]:
        """Ordinals of the ``k`` segments nearest to each vector, nearest first; -1 where there are fewer."""

    def sharing(self, hashes: Hashes) -> Sequence[Sequence[int]]:
        """For each hash, a bounded number of segments where it starts and was sampled: see `sharing_places`."""

    def revisions(self, ordinals: Set[int]) -> Mapping[int, str]:
        """The revision that each of these segments belongs to."""

    def candidates(self, ordinals: Set[int]) -> Candidates:
        """These segments and their direct neighbours in the same revision, with vectors and the words around them."""


class Merge(Protocol):
    """Some small pieces of a snapshot on their way to one larger piece, and nobody else's until the block ends."""

    def build(self, read: ReadRevision) -> None:
        """Write the larger piece; others may publish meanwhile."""

    def splice(self, onto: str) -> PublishedSnapshot | None:
        """Snapshot ``onto`` with the larger piece in place of the small ones; None where it has these no more."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Snapshots(Protocol):
    """Builds, grows and opens snapshots: immutable, named by the digest of all that determines their answers."""

    def build(self, revisions: Iterator[IndexedRevision], encoder: EncoderIdentity) -> PublishedSnapshot:
        """Write a whole snapshot, in bounded memory."""

    def add(
        self, base: str, revisions: Iterator[IndexedRevision], gone: Set[str], encoder: EncoderIdentity
    ) -> PublishedSnapshot:
        """What ``base`` holds and these later revisions; no earlier ones of their works, and no works of ``gone``.

        It answers as a whole one of the same revisions would, and costs what is new in it.
        """

    def open(self, digest: str, encoder: str) -> SourceIndex:
        """Raise `SnapshotUnusable` where it is missing, damaged, or of another encoder."""

    def restore(self, digest: str, encoder: str, read: ReadRevision) -> SourceIndex:
        """Open one that was cleared away or damaged, after building it again. `SnapshotUnusable` where that fails."""

    def verify(self, digest: str, encoder: str) -> None:
        """Read every byte of it. `SnapshotUnusable` where one was altered."""

    def next_merge(self, digest: str, encoder: EncoderIdentity, *, segments_max: int | None = None) -> Merge | None:
        """The merge that is due, of at most ``segments_max`` segments; None where there is none."""

    def keep_only(self, digests: Set[str]) -> None:
        """Clear away what no other snapshot needs, and what crashed builds left; what is cleared can be restored."""


class UnitOfWork(Protocol):
    """One database transaction. Leaving the block without `commit` undoes all of it."""

    parties: PartyStore
    keys: KeyStore
    works: WorkStore
    rights: RightsStore
    overlaps: OverlapStore
    snapshots: SnapshotLog
    generations: GenerationStore
    reviews: ReviewStore
    counts: CountStore
    rates: RateStore
    disputes: DisputeStore
    books: Books
    earnings: Earnings
    payees: PayeeStore
    statements: StatementStore
    subscriptions: SubscriptionStore
    log: LeafLog
    facts: FactReader

    def commit(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Database(Protocol):
    """Opens units of work. Raises `SchemaMismatch`, `StorageLocked`, `StorageFull` or `StorageFailed`."""

    def begin(self, *, write: bool = False) -> UnitOfWork:
        """A unit of work; one that writes takes SQLite's write lock at once, so that it can't fail half-way."""
