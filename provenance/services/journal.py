"""The books as text for another accounting program, streamed: accounts, every transaction, and what each comes to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from provenance.ledger.journal import FIRST_DAY, JournalFormat, journal_text
from provenance.ledger.transaction import Transaction
from provenance.services.export import CLOCKS_APART_MAX
from provenance.services.ports import Database, UnitOfWork
from provenance.statements.period import THE_BEGINNING


def journal(database: Database, form: JournalFormat, *, at: datetime) -> Iterator[str]:
    """Pieces of text that make one file. Balances are the database's own sums, so that the reader checks them.

    All of it is read in one transaction; ``at`` is now.
    """
    with database.begin() as work:
        yield from journal_of(work, form, at=at)


def journal_of(work: UnitOfWork, form: JournalFormat, *, at: datetime) -> Iterator[str]:
    """As `journal`, of one view of the database."""
    text, balances = journal_text(form), work.books.balances()
    yield from text.accounts(balances)
    last_day: date = FIRST_DAY
    for fact, _ in work.facts.facts("transaction", THE_BEGINNING, at + CLOCKS_APART_MAX):
        assert isinstance(fact, Transaction)
        last_day = max(last_day, fact.effective_at.date())
        yield text.transaction(fact)
    yield from text.balances(balances, last_day)
