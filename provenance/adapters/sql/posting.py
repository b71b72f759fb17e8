"""Many transactions in few statements: their leaves, their entries, and then their seals, which the database checks."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.session import Session, batches
from provenance.kernel.errors import Conflict
from provenance.ledger.accounts import Account
from provenance.services.posting_digests import Posting

_SEAL, _ACCOUNT = tables.ledger_transaction, tables.ledger_account
# A thousand keys are one parameter.
_POSTED_SQLITE = sa.text(
    "SELECT business_key, payload_digest FROM ledger_transaction"
    " WHERE business_key IN (SELECT value FROM json_each(:keys))"
)
_POSTED_POSTGRESQL = sa.text(
    "SELECT business_key, payload_digest FROM ledger_transaction WHERE business_key = ANY (:keys)"
)
_KNOWN_ACCOUNTS = sa.select(_ACCOUNT.c.id).where(_ACCOUNT.c.id.in_(sa.bindparam("ids", expanding=True)))

_ENTRY_COLUMNS = ("transaction_id", "number", "account", "currency", "micros", "seq")
_SEAL_COLUMNS = ("seq", "id", "business_key", "cause", "effective_at", "payload_digest", "recorded_at", "corrects")


def post_many(session: Session, postings: Sequence[Posting]) -> Sequence[Posting]:
    """Record those that aren't yet, in their order, and say which.

    Raises:
        Conflict: a business key was used for another transaction, before or in this batch. Nothing was written then.
    """
    new = _new(session, postings)
    if not new:
        return new
    add_accounts(session, {a: e.account for p in new for a, e in zip(p.accounts, p.transaction.entries, strict=True)})
    first = session.record_many("transaction", [(p.id, p.fact_sha256) for p in new])
    session.append(
        tables.ledger_entry,
        _ENTRY_COLUMNS,
        [
            (p.id, number, account, entry.account.currency, entry.micros, seq)
            for seq, p in enumerate(new, first)
            for number, (account, entry) in enumerate(zip(p.accounts, p.transaction.entries, strict=True))
        ],
    )
    columns = _SEAL_COLUMNS if any(p.transaction.corrects for p in new) else _SEAL_COLUMNS[:-1]
    session.append(_SEAL, columns, [_seal(p, seq)[: len(columns)] for seq, p in enumerate(new, first)])
    return new


def add_accounts(session: Session, accounts: dict[str, Account]) -> None:
    """Open those that aren't open yet."""
    for batch in batches(sorted(accounts)):
        known = {row.id for row in session.rows(_KNOWN_ACCOUNTS, {"ids": batch})}
        new = [accounts[name] for name in batch if name not in known]
        session.append(
            _ACCOUNT, ("id", "kind", "party", "currency"), [(a.id, a.kind.value, a.party, a.currency) for a in new]
        )


def _new(session: Session, postings: Sequence[Posting]) -> list[Posting]:
    """Those under keys that are used for the first time, each once."""
    keys = [p.transaction.business_key for p in postings]
    if session.on_sqlite:
        rows = session.rows(_POSTED_SQLITE, {"keys": json.dumps(keys)})
    else:
        rows = session.rows(_POSTED_POSTGRESQL, {"keys": keys})
    used = {row.business_key: row.payload_digest for row in rows}
    new = []
    for found in postings:
        key = found.transaction.business_key
        payload = used.get(key)
        if payload is None:
            used[key] = found.payload_digest
            new.append(found)
        elif payload != found.payload_digest:
            raise Conflict(
                f"The business key {key!r} was used for another transaction.",
                mend="Post a correction under a key of its own.",
                business_key=key,
            )
    return new


def _seal(found: Posting, seq: int) -> tuple[object, ...]:
    t = found.transaction
    return seq, found.id, t.business_key, t.cause, t.effective_at, found.payload_digest, found.recorded_at, t.corrects
