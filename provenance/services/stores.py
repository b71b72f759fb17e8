"""What the use cases need a database to keep: one small Protocol a concept, which the SQL adapter implements.

Everything recorded is append-only. Every ``add`` takes the time of recording, and appends the fact's leaf to the log in
the same database transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime
from typing import Protocol

from provenance.fingerprints.vector import Vectors
from provenance.kernel.span import Span
from provenance.ledger.accounts import Account
from provenance.ledger.transaction import Transaction
from provenance.royalties.accrual import Rights
from provenance.royalties.review import Review
from provenance.services.facts import Fact
from provenance.services.posting_digests import Posting
from provenance.services.records import (
    AwaitingReview,
    EarningsLine,
    GenerationRecord,
    IndexedRevision,
    IndexState,
    Page,
    PublishedSnapshot,
    Recorded,
    UseLine,
    WorkClaims,
    WorkLicence,
)
from provenance.sources.licence import Licence
from provenance.sources.overlap import Overlap
from provenance.sources.party import ApiKey, Party
from provenance.sources.withdrawal import Withdrawal
from provenance.sources.work import Revision, Work
from provenance.sources.worker_class import WorkerClass


class PartyStore(Protocol):
    """Parties by id."""

    def add(self, party: Party, at: datetime) -> None:
        """Record a party. The same again does nothing; another name under the same id is a `Conflict`."""

    def get(self, party: str) -> Party | None: ...

    def many(self, parties: Set[str]) -> Mapping[str, Party]: ...

    def page(self, *, after: int = 0, limit: int) -> Page[Recorded[Party]]: ...


class KeyStore(Protocol):
    """API keys by id; secrets are never stored."""

    def add(self, key: ApiKey, at: datetime) -> None: ...

    def get(self, key: str) -> ApiKey | None:
        """With ``revoked_at`` set where it was revoked."""

    def revoke(self, key: str, at: datetime) -> None:
        """Append the revocation; a second one changes nothing. `NotFound` where there is no such key."""

    def page(self, *, after: int = 0, limit: int) -> Page[Recorded[ApiKey]]: ...


class WorkStore(Protocol):
    """Works, their revisions with text and vectors, and which were withdrawn."""

    def add(self, work: Work, at: datetime) -> None:
        """Record a work. The same again does nothing; another title or author under the same id is a `Conflict`."""

    def get(self, work: str) -> Work | None: ...

    def many(self, works: Set[str]) -> Mapping[str, Work]: ...

    def page(self, *, after: int = 0, limit: int, party: str | None = None) -> Page[Recorded[Work]]:
        """Works in the order of recording; of ``party`` alone: those it registered or has ever had a claim on."""

    def belongs(self, work: str, party: str) -> bool:
        """Whether ``party`` registered the work or has ever had a claim on it."""

    def add_withdrawal(self, withdrawal: Withdrawal, at: datetime) -> None:
        """Record a withdrawal. The same again does nothing; by another party or for another reason is a `Conflict`."""

    def withdrawal_of(self, work: str) -> Recorded[Withdrawal] | None:
        """The withdrawal of a work, None where it stands."""

    def withdrawn(self, works: Set[str]) -> Mapping[str, Recorded[Withdrawal]]:
        """Those of the works that were withdrawn."""

    def withdrawals(self, *, after: int = 0, limit: int) -> Page[Recorded[Withdrawal]]:
        """Withdrawals in the order of recording."""

    def withdrawn_revisions(self) -> Sequence[str]:
        """All revisions of withdrawn works, oldest first."""

    def add_revision(self, revision: Revision, text: str, encoder: str, vectors: Vectors, at: datetime) -> None:
        """Record a revision with its text, and one vector a segment as made by ``encoder``.

        `Conflict` where the work was withdrawn.
        """

    def add_vectors(self, revision: str, encoder: str, vectors: Vectors) -> None:
        """Vectors of another encoder for a revision that exists; the same again does nothing."""

    def latest(self, work: str) -> Revision | None: ...

    def latest_texts(self, works: Set[str]) -> Mapping[str, str]:
        """The digest of the latest text of each of these works that has one."""

    def with_text(self, text_sha256: str) -> str | None:
        """The work that had a text first, of those that stand; else of the withdrawn ones; None where none ever had."""

    def revisions(self, work: str) -> Sequence[Recorded[Revision]]:
        """All revisions of a work, oldest first."""

    def text(self, revision: str) -> str | None: ...

    def excerpt(self, revision: str, span: Span) -> str:
        """Some characters of a revision's text."""

    def recorded_after(self, at: datetime) -> Mapping[str, Sequence[str]]:
        """Revisions recorded after ``at``, each with those that its work had by then, oldest first."""

    def indexed(self, encoder: str, *, after: int = 0, until: int | None = None) -> Iterator[IndexedRevision]:
        """The latest revision of each work that stands, in the order of registration, streamed in bounded memory.

        Those alone that are numbered above ``after``, up to ``until``.
        """

    def indexed_revision(self, revision: str, encoder: str) -> IndexedRevision | None:
        """One revision with its vectors of ``encoder``, None where it has none."""

    def newest_revision(self) -> int:
        """The number of the revision that was recorded last, 0 where there is none."""

    def without_vectors(self, encoder: str, *, after: int = 0) -> Sequence[Recorded[Revision]]:
        """Latest revisions, of works that stand, above ``after`` that have no vectors of ``encoder``, oldest first."""


class RightsStore(Protocol):
    """Claims and licences of works."""

    def set_claims(self, claims: WorkClaims, at: datetime) -> None:
        """Record claims. The same id again does nothing. `NotFound` where the work or a party doesn't exist."""

    def set_licence(self, licence: WorkLicence, at: datetime) -> None:
        """Record a licence revision. The same id again does nothing. `NotFound` where the work doesn't exist."""

    def claims_of(self, work: str) -> Sequence[Recorded[WorkClaims]]:
        """All claims ever recorded for a work, oldest first."""

    def licences_of(self, work: str) -> Sequence[Recorded[WorkLicence]]:
        """All licence revisions of a work, oldest first."""

    def licences(self, ids: Set[str]) -> Mapping[str, Licence]:
        """The licences of these ids; others are left out."""

    def in_force(
        self,
        works: Set[str],
        *,
        on: date,
        territory: str,
        purpose: str,
        workers: Mapping[str, Set[WorkerClass]] = ...,
    ) -> Mapping[str, Rights]:
        """What `royalties.rights.rights_in_force` says of each work; works without rights then are left out.

        ``workers`` are, by work, the classes of those that made the parts in which it was found.
        """


class OverlapStore(Protocol):
    """Overlaps of works, and which revisions were compared."""

    def add(self, overlap: Overlap, at: datetime) -> None:
        """Record an overlap. The same again does nothing; another one of the same revisions is a `Conflict`."""

    def mark_compared(self, revision: str, snapshot: str, at: datetime) -> None:
        """Remember that a revision was compared with what ``snapshot`` holds; a second time changes nothing."""

    def due(self, encoder: str, *, until: int, limit: int) -> Sequence[str]:
        """Latest revisions of works that stand, with vectors, numbered up to ``until``, that were not compared yet."""

    def page(
        self, *, after: int = 0, limit: int, work: str | None = None, party: str | None = None
    ) -> Page[Recorded[Overlap]]:
        """Overlaps in the order of recording, on either side: of one work, and of the works that belong to a party."""


class SnapshotLog(Protocol):
    """Which snapshots were published, newest last."""

    def add(self, snapshot: PublishedSnapshot, state: IndexState, at: datetime) -> None:
        """Publish; publishing the current one again does nothing."""

    def current(self, encoder: str) -> tuple[PublishedSnapshot, IndexState] | None:
        """The newest snapshot of this encoder, and how far it has come."""

    def recent(self, encoder: str, since: datetime) -> Set[str]:
        """Digests of the snapshots that were published from ``since`` on, and of the encoder's two newest anyway."""


class GenerationStore(Protocol):
    """Generations with their decisions."""

    def add(self, record: GenerationRecord, idempotency_key: str | None, at: datetime) -> Recorded[GenerationRecord]:
        """Record a generation, and return it as `get` will.

        Raises:
            Conflict: its id, or the service's idempotency key, was used before.
        """

    def get(self, generation: str) -> Recorded[GenerationRecord] | None: ...

    def by_idempotency_key(self, service: str, key: str) -> str | None:
        """The id of the generation that the service sent under this key."""

    def page(self, *, after: int = 0, limit: int, service: str | None = None) -> Page[Recorded[GenerationRecord]]: ...


class ReviewStore(Protocol):
    """Uses that are held for review, and how they were resolved."""

    def add(self, review: Review, at: datetime) -> None:
        """Record a review. `Conflict` where the use was resolved before, or isn't held with what the review says."""

    def of(self, generation: str) -> Sequence[Recorded[Review]]:
        """The reviews of a generation's uses, oldest first."""

    def awaiting(self, *, after: int = 0, limit: int) -> Page[Recorded[AwaitingReview]]:
        """Holds that nobody has resolved, oldest first; ``recorded_at`` is the generation's."""


class Books(Protocol):
    """The ledger: sealed transactions of balanced entries."""

    def post(self, transaction: Transaction, at: datetime) -> None:
        """Record it. The same business key with the same payload does nothing, with another is a `Conflict`."""

    def post_many(self, transactions: Iterable[Transaction], at: datetime) -> int:
        """Record all of them as `post` does each, in few statements; how many were new. Where one fails, all do."""

    def post_prepared(self, postings: Sequence[Posting]) -> int:
        """The same of transactions whose digests were made before the unit of work was begun."""

    @property
    def posted(self) -> Counter[Account]:
        """How many entries were added to each account in this unit of work."""

    def get(self, transaction: str) -> Recorded[Transaction] | None: ...

    def balances(self) -> Mapping[Account, int]:
        """Micro-units of every account, debits positive: the sum of all entries."""

    def balance(self, account: Account) -> int:
        """The same of one account, by its last checkpoint and the entries after it."""

    def balances_as_known(self, *, effective: datetime, known: datetime) -> Mapping[Account, int]:
        """Of what was effective at or before a time, in the books as they were at another."""

    def balance_as_known(self, account: Account, *, effective: datetime, known: datetime) -> int: ...

    def locked_balances(self, accounts: Iterable[Account]) -> Mapping[Account, int]:
        """Balances on which something is authorised: to the end of the unit of work nobody else does so on them."""

    def take_checkpoints(self, accounts: Iterable[Account], *, entries: int = ...) -> int:
        """Write down what these accounts come to after every ``entries`` entries; how many were taken."""

    def page(self, *, after: int = 0, limit: int) -> Page[Recorded[Transaction]]: ...


class Earnings(Protocol):
    """What a party earned: sums over accruals. ``since`` is included, ``until`` is not."""

    def by_work(self, party: str, since: datetime, until: datetime) -> Sequence[EarningsLine]: ...

    def by_month(self, party: str, since: datetime, until: datetime) -> Sequence[EarningsLine]: ...

    def total(self, party: str, since: datetime, until: datetime) -> Sequence[EarningsLine]: ...

    def held_for_review(self, party: str, since: datetime, until: datetime) -> Sequence[EarningsLine]:
        """What is held of works that the party has a claim on, a line a work and currency, before claims split it."""

    def uses(
        self, party: str, since: datetime, until: datetime, *, work: str | None, after: int = 0, limit: int
    ) -> Page[Recorded[UseLine]]:
        """Single accruals and releases in the order of recording; ``recorded_at`` is when each was earned."""


class FactReader(Protocol):
    """Facts of a period, streamed for an export. ``since`` is included, ``until`` is not."""

    def facts(self, kind: str, since: datetime, until: datetime) -> Iterator[tuple[Fact, datetime]]:
        """Facts of a leaf's kind, rebuilt from their rows, with the time of recording, in order of recording."""

    def loose_rows(self) -> Iterator[str]:
        """What is wrong with rows that name what isn't there, or stand under another leaf than their fact's."""

    def numbered(self, kind: str, numbers: Sequence[int]) -> Mapping[int, tuple[Fact, datetime]]:
        """Facts of a kind by the numbers of their leaves, with the time of recording; at most a page of them."""
