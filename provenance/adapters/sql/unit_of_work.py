"""One database transaction with its stores."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from provenance.adapters.sql.books import SqlBooks
from provenance.adapters.sql.counts import SqlCounts, SqlRates
from provenance.adapters.sql.disputes import SqlDisputes
from provenance.adapters.sql.earnings import SqlEarnings
from provenance.adapters.sql.engine import begin
from provenance.adapters.sql.errors import translated_errors
from provenance.adapters.sql.facts import SqlFacts
from provenance.adapters.sql.generations import SqlGenerations
from provenance.adapters.sql.log import SqlLeafLog
from provenance.adapters.sql.overlaps import SqlOverlaps
from provenance.adapters.sql.parties import SqlKeys, SqlParties
from provenance.adapters.sql.payees import SqlPayees
from provenance.adapters.sql.reviews import SqlReviews
from provenance.adapters.sql.rights import SqlRights
from provenance.adapters.sql.session import Session
from provenance.adapters.sql.snapshots import SqlSnapshots
from provenance.adapters.sql.statements import SqlStatements
from provenance.adapters.sql.subscriptions import SqlSubscriptions
from provenance.adapters.sql.works import SqlWorks
from provenance.services import log_stores, money_stores, statement_stores, stores


class SqlUnitOfWork:
    """Implements the port `UnitOfWork`. It is entered once; the stores live from then on to `commit` or the end."""

    parties: stores.PartyStore
    keys: stores.KeyStore
    works: stores.WorkStore
    rights: stores.RightsStore
    overlaps: stores.OverlapStore
    snapshots: stores.SnapshotLog
    generations: stores.GenerationStore
    reviews: stores.ReviewStore
    counts: money_stores.CountStore
    rates: money_stores.RateStore
    disputes: money_stores.DisputeStore
    books: stores.Books
    earnings: stores.Earnings
    payees: statement_stores.PayeeStore
    statements: statement_stores.StatementStore
    subscriptions: statement_stores.SubscriptionStore
    log: log_stores.LeafLog
    facts: stores.FactReader

    def __init__(self, engine: sa.Engine, *, writes: bool) -> None:
        self._engine = engine
        self._writes = writes
        self._connection: sa.Connection | None = None

    def __enter__(self) -> Self:
        """Begin the transaction.

        Raises:
            StorageLocked: another one writes for longer than we wait.
            StorageFailed: the database can't be reached.
        """
        assert self._connection is None, "a unit of work is entered once"
        with translated_errors():
            self._connection = self._engine.connect()
            try:
                begin(self._connection, writes=self._writes)
            except BaseException:
                self._connection.close()
                raise
        self._open_stores(Session(self._connection, writes=self._writes))
        return self

    def commit(self) -> None:
        """Make all of it permanent. Nothing can be read or written afterwards.

        Raises:
            StorageLocked, StorageFull, StorageFailed: it isn't; nothing was recorded.
            NotFound: something that was written names what isn't recorded.
        """
        assert self._connection is not None, "a unit of work is committed inside its block"
        with translated_errors():
            try:
                self._connection.commit()
            except BaseException:
                # SQLite keeps a transaction open that it couldn't commit: nobody may get this connection again.
                self._connection.invalidate()
                raise
            self._connection.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Undo what wasn't committed, and give the connection back."""
        assert self._connection is not None, "entered before"
        # Where the connection is lost, its server undoes the rest; an error from here would hide the first one.
        with suppress(sa.exc.SQLAlchemyError):
            self._connection.close()

    def _open_stores(self, session: Session) -> None:
        self.parties = SqlParties(session)
        self.keys = SqlKeys(session)
        self.works = SqlWorks(session)
        self.rights = SqlRights(session)
        self.overlaps = SqlOverlaps(session)
        self.snapshots = SqlSnapshots(session)
        self.generations = SqlGenerations(session)
        self.reviews = SqlReviews(session)
        self.counts = SqlCounts(session)
        self.rates = SqlRates(session)
        self.disputes = SqlDisputes(session)
        self.books = SqlBooks(session)
        self.earnings = SqlEarnings(session)
        self.payees = SqlPayees(session)
        self.statements = SqlStatements(session)
        self.subscriptions = SqlSubscriptions(session)
        self.log = SqlLeafLog(session)
        self.facts = SqlFacts(session)
