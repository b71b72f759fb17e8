"""Processes that die: at each commit and each call of a provider, before it and after it, where a seed says so."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random

import sqlalchemy as sa

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.unit_of_work import SqlUnitOfWork
from provenance.payouts.due import Way
from provenance.payouts.outcome import Outcome, ProviderObject, Unknown
from provenance.services.payment_provider import (
    AccountReport,
    Instruction,
    Link,
    Onboarding,
    PaymentProvider,
)

POINTS_USUAL = 120


class Crashed(BaseException):
    """The process is gone. Nothing may catch this but whoever starts it again."""


class Crashes:
    """Where the process dies. ``at`` are numbers of points passed, from 0; ``rate`` is the chance at each besides."""

    def __init__(self, random: Random, *, rate: float = 0.0, at: frozenset[int] = frozenset()) -> None:
        self._random, self._rate, self._at = random, rate, at
        self.armed = True
        self.passed = 0
        self.deaths: Counter[str] = Counter()

    def point(self, name: str) -> None:
        """Pass a point, or die there."""
        if not self.armed:
            return
        number, self.passed = self.passed, self.passed + 1
        if number in self._at or (self._rate and self._random.random() < self._rate):
            self.deaths[name] += 1
            raise Crashed(name)


def crashes_of(seed: int) -> Crashes:
    """How a seed lets the process die: never, now and then, at one point, or often."""
    random = Random(f"crashes {seed}")
    rate = random.choice((0.0, 0.0, 0.02, 0.06, 0.15))
    at = frozenset(random.randrange(POINTS_USUAL) for _ in range(random.randrange(3)))
    return Crashes(random, rate=rate, at=at)


class DyingDatabase(SqlDatabase):
    """A database in which the process may die right before a commit, or right after it.

    Before its turn to write another process may have had one: what was read by then may be old.
    """

    def __init__(self, url: str, crashes: Crashes, meanwhile: Callable[[], None]) -> None:
        super().__init__(url)
        self._crashes, self._meanwhile = crashes, meanwhile
        sa.event.listen(self._engine, "connect", _unsafe)

    def begin(self, *, write: bool = False) -> SqlUnitOfWork:
        """As the real one; before a transaction that writes, another process may have its turn."""
        if write:
            self._meanwhile()
        return _DyingWork(self._engine, writes=write, crashes=self._crashes)


def _unsafe(connection: sqlite3.Connection, _: object) -> None:
    """A process dies here, and never the machine: nothing has to be on the disk."""
    connection.execute("PRAGMA synchronous=OFF")


class _DyingWork(SqlUnitOfWork):
    def __init__(self, engine: object, *, writes: bool, crashes: Crashes) -> None:
        super().__init__(engine, writes=writes)  # type: ignore[arg-type]  # the engine that the database made
        self._crashes = crashes

    def commit(self) -> None:
        """As the real one, and a chance to die on both sides of it."""
        self._crashes.point("before commit")
        super().commit()
        self._crashes.point("after commit")


class DyingProvider:
    """A provider at whose calls the process may die, and beside whose calls another process may be at work."""

    def __init__(self, inner: PaymentProvider, crashes: Crashes, meanwhile: Callable[[], None]) -> None:
        self._inner, self._crashes, self._meanwhile = inner, crashes, meanwhile

    @property
    def way(self) -> Way:
        """As the real one's."""
        return self._inner.way

    @property
    def key_retention(self) -> timedelta | None:
        """As the real one's."""
        return self._inner.key_retention

    def send(self, instruction: Instruction) -> Outcome:
        """Ask, and maybe die before it or after it."""
        self._crashes.point("before send")
        found = self._inner.send(instruction)
        self._after("send")
        return found

    def find(self, instruction: Instruction) -> Sequence[ProviderObject] | Unknown:
        """Look for it, and maybe die."""
        self._crashes.point("before find")
        found = self._inner.find(instruction)
        self._after("find")
        return found

    def look(self, instruction: Instruction, provider_id: str) -> ProviderObject | Unknown:
        """Fetch it, and maybe die."""
        self._crashes.point("before look")
        found = self._inner.look(instruction, provider_id)
        self._after("look")
        return found

    def _after(self, call: str) -> None:
        self._meanwhile()
        self._crashes.point(f"after {call}")


class DyingOnboarding:
    """The same for accounts."""

    def __init__(self, inner: Onboarding, crashes: Crashes) -> None:
        self._inner, self._crashes = inner, crashes

    @property
    def provider(self) -> str:
        """As the real one's."""
        return self._inner.provider

    def open(self, party: str, *, country: str, email: str | None, key: str) -> str:
        """Open an account, and maybe die."""
        self._crashes.point("before open")
        found = self._inner.open(party, country=country, email=email, key=key)
        self._crashes.point("after open")
        return found

    def link(self, account: str) -> Link:
        """As the real one."""
        return self._inner.link(account)

    def report(self, account: str) -> AccountReport:
        """Ask how far it is, and maybe die."""
        self._crashes.point("before report")
        found = self._inner.report(account)
        self._crashes.point("after report")
        return found
