"""Ports of what money needs beside the books: counts of uses, exchange rates, disputes; as `ports` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from typing import Protocol

from provenance.kernel.fx import Rate
from provenance.royalties.dispute import Dispute, Step
from provenance.royalties.dispute_money import DisputeHold, Settlement
from provenance.royalties.standing import Count, Standing
from provenance.services.records import Page, Recorded


class CountStore(Protocol):
    """Uses that were counted. They are recorded with their generations."""

    def standing(self, count: Count) -> Standing:
        """What the next use of this count has before it."""


class RateStore(Protocol):
    """Exchange rates."""

    def add(self, rate: Rate, at: datetime) -> None:
        """Record a rate. The same again does nothing."""

    def latest(self, base: str, quote: str, *, on: date) -> Recorded[Rate] | None:
        """The latest rate between the two, in either direction, of a day or before; of one day the last recorded."""

    def page(self, *, after: int = 0, limit: int) -> Page[Recorded[Rate]]:
        """Rates in the order of recording."""


class DisputeStore(Protocol):
    """Disputes with their steps, holds and settlements."""

    def add(self, dispute: Dispute, at: datetime) -> None:
        """Record a dispute. `Conflict` where the party disputed the same before."""

    def get(self, dispute: str) -> Recorded[Dispute] | None:
        """The dispute of this id."""

    def page(self, *, after: int = 0, limit: int, party: str | None = None) -> Page[Recorded[Dispute]]:
        """Disputes in the order of recording: all, or those that a party raised or that are about its part."""

    def open_of(self, works: Set[str]) -> Sequence[Recorded[Dispute]]:
        """Disputes about these works that aren't closed, oldest first."""

    def open(self, *, after: int = 0, limit: int) -> Page[Recorded[Dispute]]:
        """All disputes that aren't closed, oldest first."""

    def add_step(self, step: Step, at: datetime) -> None:
        """Record a step. `Conflict` where it isn't the next one, or the dispute is closed."""

    def steps(self, dispute: str) -> Sequence[Recorded[Step]]:
        """The steps of a dispute, oldest first."""

    def add_hold(self, hold: DisputeHold, at: datetime) -> None:
        """Record what is held of a generation. `Conflict` where the dispute holds of it already."""

    def holds(self, dispute: str) -> Sequence[Recorded[DisputeHold]]:
        """What a dispute holds, or held, oldest first."""

    def held_of(self, generation: str, work: str) -> Mapping[str, int]:
        """Micro-units by party that open disputes hold of a work's use in a generation."""

    def add_settlement(self, settlement: Settlement, at: datetime) -> None:
        """Record where a hold went. `Conflict` where it was settled before."""

    def settlements(self, dispute: str) -> Sequence[Recorded[Settlement]]:
        """How a dispute's holds were settled, oldest first."""

    def uses_since(self, work: str, claims: str, since: datetime) -> Sequence[str]:
        """Generations recorded from ``since`` on that paid for a use of the work under these claims, oldest first."""
