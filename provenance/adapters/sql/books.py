"""The ledger: transactions are posted once, entries first, then the seal that the database checks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import known_balances, tables
from provenance.adapters.sql.posting import add_accounts, post_many
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session, batches
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Entry, Transaction
from provenance.services.posting_digests import Posting, posting
from provenance.services.records import Page, Recorded

_LOCKED = (
    sa.select(tables.ledger_account.c.id)
    .where(tables.ledger_account.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(tables.ledger_account.c.id)
    .with_for_update(key_share=True)  # FOR NO KEY UPDATE: an entry's reference to the account passes
)


class SqlBooks:
    """Implements the port `Books`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.posted: Counter[Account] = Counter()

    def post(self, transaction: Transaction, at: datetime) -> None:
        """Record it. The same business key with the same payload does nothing, with another is a `Conflict`.

        Raises:
            NotFound: a party of an account, or the transaction that it corrects, isn't recorded.
            CorrectionOfCorrection: it reverses a correction, or corrects a reversal.
        """
        self.post_prepared((posting(transaction, at),))

    def post_many(self, transactions: Iterable[Transaction], at: datetime) -> int:
        """Record all of them as `post` does each, in few statements; how many were new. Where one fails, all do."""
        return self.post_prepared([posting(t, at) for t in transactions])

    def post_prepared(self, postings: Sequence[Posting]) -> int:
        """The same of transactions whose digests were made before, as `services.posting_digests.posting` makes them."""
        new = post_many(self._session, postings)
        for found in new:
            self.posted.update([e.account for e in found.transaction.entries])
        return len(new)

    def get(self, transaction: str) -> Recorded[Transaction] | None:
        """The transaction of this id."""
        return TRANSACTIONS.one(self._session, tables.ledger_transaction.c.id == transaction)

    def balances(self) -> Mapping[Account, int]:
        """Micro-units of every account with entries, debits positive. Only sealed entries count."""
        account, entry, seal = tables.ledger_account, tables.ledger_entry, tables.ledger_transaction
        sums = (
            sa.select(entry.c.account, sa.func.sum(entry.c.micros).label("micros"))
            .join_from(entry, seal, seal.c.id == entry.c.transaction_id)
            .group_by(entry.c.account)
            .subquery()
        )
        rows = self._session.rows(
            sa.select(account, sums.c.micros).join_from(account, sums, sums.c.account == account.c.id)
        )
        # PostgreSQL adds BIGINT up as numeric, which arrives as Decimal.
        return {_account(row): int(row.micros) for row in rows}

    def balance(self, account: Account) -> int:
        """Micro-units of one account: its last checkpoint and the entries after it."""
        return known_balances.balance(self._session, account.id)

    def balances_as_known(self, *, effective: datetime, known: datetime) -> Mapping[Account, int]:
        """Micro-units of every account: of what was effective at or before one time, as the books were at another."""
        found = known_balances.as_known(self._session, effective=effective, known=known)
        rows = self._session.rows(sa.select(tables.ledger_account))
        return {_account(row): found[row.id] for row in rows if row.id in found}

    def balance_as_known(self, account: Account, *, effective: datetime, known: datetime) -> int:
        """The same of one account; zero where it had no entries."""
        found = known_balances.as_known(self._session, effective=effective, known=known, account=account.id)
        return found.get(account.id, 0)

    def locked_balances(self, accounts: Iterable[Account]) -> Mapping[Account, int]:
        """Balances on which something is authorised, such as a payout: no other can authorise on them meanwhile.

        The accounts are locked in the order of their ids to the end of the unit of work, on PostgreSQL each by its row,
        which no accrual waits for; on SQLite the one writer has the lock already. One that isn't open is opened.
        """
        named = {a.id: a for a in accounts}
        add_accounts(self._session, named)
        for batch in batches(sorted(named)):
            self._session.rows(_LOCKED, {"ids": batch})
        return {a: self.balance(a) for a in named.values()}

    def take_checkpoints(self, accounts: Iterable[Account], *, entries: int = known_balances.CHECKPOINT_ENTRIES) -> int:
        """Write down what these accounts come to after every so many entries; how many checkpoints were taken."""
        return known_balances.take_checkpoints(self._session, {a.id for a in accounts}, entries=entries)

    def page(self, *, after: int = 0, limit: int) -> Page[Recorded[Transaction]]:
        """Transactions in the order of recording."""
        return TRANSACTIONS.page(self._session, after=after, limit=limit)


def _transactions(session: Session, rows: Sequence[Row]) -> list[Transaction]:
    account, entry = tables.ledger_account, tables.ledger_entry
    entries: dict[str, list[Entry]] = defaultdict(list)
    select = sa.select(entry.c.transaction_id, entry.c.micros, account).join_from(entry, account)
    for batch in batches([row.id for row in rows]):
        of_batch = select.where(entry.c.transaction_id.in_(batch)).order_by(entry.c.transaction_id, entry.c.number)
        for found in session.rows(of_batch):
            entries[found.transaction_id].append(Entry(account=_account(found), micros=found.micros))
    return [
        Transaction(
            business_key=row.business_key,
            cause=row.cause,
            entries=tuple(entries[row.id]),
            effective_at=row.effective_at,
            corrects=row.corrects,
        )
        for row in rows
    ]


def _account(row: Row) -> Account:
    return Account(kind=AccountKind(row.kind), party=row.party, currency=row.currency)


TRANSACTIONS = FactRows(
    table=tables.ledger_transaction, select=sa.select(tables.ledger_transaction), rebuild=_transactions
)
