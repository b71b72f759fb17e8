"""The ledger: transactions are posted once, entries first, then the seal that the database checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session, batches
from provenance.kernel.errors import Conflict
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Entry, Transaction
from provenance.services.records import Page, Recorded

_SEAL, _ACCOUNT = tables.ledger_transaction, tables.ledger_account
_POSTED = sa.select(_SEAL.c.payload_digest).where(_SEAL.c.business_key == sa.bindparam("business_key"))
_KNOWN_ACCOUNTS = sa.select(_ACCOUNT.c.id).where(_ACCOUNT.c.id.in_(sa.bindparam("ids", expanding=True)))


class SqlBooks:
    """Implements the port `Books`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def post(self, transaction: Transaction, at: datetime) -> None:
        """Record it. The same business key with the same payload does nothing, with another is a `Conflict`.

        Raises:
            NotFound: a party of an account, or the transaction that it corrects, isn't recorded.
        """
        table = tables.ledger_transaction
        found = self._session.scalar(_POSTED, {"business_key": transaction.business_key})
        if found is None:
            self._add_accounts({e.account for e in transaction.entries})
            self._session.insert(tables.ledger_entry, _entry_rows(transaction))
            self._session.insert(table, [_seal(transaction, self._session.record(transaction, at), at)])
        elif found != transaction.payload_digest:
            raise Conflict(
                f"The business key {transaction.business_key!r} was used for another transaction.",
                mend="Post a correction under a key of its own.",
                business_key=transaction.business_key,
            )

    def post_all(self, transactions: Sequence[Transaction], at: datetime) -> None:
        """Record transactions whose business keys were never used, in a few statements whatever their number.

        Raises:
            Conflict: a business key was used before.
            NotFound: a party of an account isn't recorded.
        """
        self._add_accounts({e.account for t in transactions for e in t.entries})
        self._session.insert(tables.ledger_entry, [row for t in transactions for row in _entry_rows(t)])
        numbers = self._session.record_all(transactions, at)
        seals = [_seal(t, seq, at) for t, seq in zip(transactions, numbers, strict=True)]
        self._session.insert(tables.ledger_transaction, seals)

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

    def page(self, *, after: int = 0, limit: int) -> Page[Recorded[Transaction]]:
        """Transactions in the order of recording."""
        return TRANSACTIONS.page(self._session, after=after, limit=limit)

    def _add_accounts(self, accounts: set[Account]) -> None:
        table = tables.ledger_account
        for batch in batches(sorted(accounts, key=lambda a: a.id)):
            known = self._session.rows(_KNOWN_ACCOUNTS, {"ids": [a.id for a in batch]})
            new = {a.id: a for a in batch}
            for row in known:
                del new[row.id]
            rows = [{"id": a.id, "kind": a.kind.value, "party": a.party, "currency": a.currency} for a in new.values()]
            self._session.insert(table, rows)


def _entry_rows(transaction: Transaction) -> list[dict[str, object]]:
    return [
        {
            "transaction_id": transaction.id,
            "number": number,
            "account": entry.account.id,
            "currency": entry.account.currency,
            "micros": entry.micros,
        }
        for number, entry in enumerate(transaction.entries)
    ]


def _seal(transaction: Transaction, seq: int, at: datetime) -> dict[str, object]:
    return {
        "seq": seq,
        "id": transaction.id,
        "business_key": transaction.business_key,
        "cause": transaction.cause,
        "effective_at": transaction.effective_at,
        "corrects": transaction.corrects,
        "payload_digest": transaction.payload_digest,
        "recorded_at": at,
    }


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
