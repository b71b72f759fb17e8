"""Facts as they are recorded: domain values with the time at which we took them in and what they were decided by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from provenance.attribution.shares import GenerationShares
from provenance.fingerprints.vector import Vectors
from provenance.kernel.money import Money
from provenance.royalties.accrual import GenerationAccrual
from provenance.sources.claim import Claims
from provenance.sources.licence import Licence
from provenance.workers.generation import Generation

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Generic[T]):
    """A fact and when it was recorded (UTC). ``seq`` is its place in its table: pages are cut by it."""

    seq: int
    fact: T
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some of a list, in the order of recording; ``next_after`` asks for the rest, None where this was the end."""

    items: tuple[T, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkClaims:
    """Claims as recorded for one work; ``id`` follows from all of it."""

    id: str
    work: str
    claims: Claims


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLicence:
    """A licence revision as recorded for one work; ``number`` counts from 1."""

    id: str
    work: str
    number: int
    licence: Licence


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedRevision:
    """The latest revision of a work with what an index needs: its text and one vector a segment."""

    work: str
    revision: str
    text: str
    vectors: Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedBy:
    """What made a decision: from these it can be replayed."""

    encoder: str
    snapshot: str
    calibration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRecord:
    """A generation with its decision and what it earned: one fact, recorded once."""

    generation: Generation
    decided_by: DecidedBy
    shares: GenerationShares
    accrual: GenerationAccrual
    transaction: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitingReview:
    """A use whose royalty is held until somebody looks: the licence's risk asks for ``threshold_ppm``."""

    generation: str
    service: str
    external_id: str
    work: str
    title: str
    share_ppb: int
    confidence_ppm: int
    threshold_ppm: int
    risk_basis_points_max: int
    held: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSnapshot:
    """A snapshot that was published for attribution; ``digest`` names its files and determines its answers."""

    digest: str
    encoder: str
    works: int
    segments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexState:
    """How far a snapshot has come: it holds all that was recorded up to these numbers, and nothing later.

    ``revisions`` is of the newest revision that is in it, or was replaced before; ``withdrawals`` of the newest one.
    """

    revisions: int = 0
    withdrawals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EarningsLine:
    """Earnings of a party in one currency, grouped by ``key`` (a work's id, a month as ``2026-11``, or ``total``)."""

    key: str
    title: str
    currency: str
    micros: int
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UseLine:
    """One accrual of a party: which generation used which work, how much of it, under which licence, for how much."""

    generation: str
    work: str
    title: str
    share_ppb: int
    confidence_ppm: int
    licence: str | None
    basis_points: int
    currency: str
    micros: int
