"""Balances: what checkpoints say, and the entries after them. The sum of all entries is `SqlBooks.balances`.

"Known at" a time means: in the order of recording, up to and including the last transaction that was recorded at or
before it. So each answer is one that the books really gave, also where a clock was once turned back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.session import Select, Session

CHECKPOINT_ENTRIES = 1_000

_ACCOUNT, _ENTRY, _SEAL, _CHECK = (
    tables.ledger_account,
    tables.ledger_entry,
    tables.ledger_transaction,
    tables.ledger_checkpoint,
)
_SEALED = (_SEAL.c.seq == _ENTRY.c.seq) & (_SEAL.c.id == _ENTRY.c.transaction_id)
_MICROS = sa.func.sum(_ENTRY.c.micros)
_NAME = sa.bindparam("account", type_=_ACCOUNT.c.id.type)
_UPTO = sa.bindparam("upto", type_=_SEAL.c.seq.type)
_EFFECTIVE = sa.bindparam("effective", type_=_SEAL.c.effective_at.type)


def balance(session: Session, account: str) -> int:
    """Micro-units of one account's entries, debits positive."""
    last = session.rows(_LAST, {"account": account})
    seq, micros = (last[0].seq, last[0].micros) if last else (0, 0)
    return int(micros + (session.scalar(_TAIL, {"account": account, "after": seq}) or 0))


_LAST = sa.select(_CHECK.c.seq, _CHECK.c.micros).where(_CHECK.c.account == _NAME).order_by(_CHECK.c.seq.desc()).limit(1)
_TAIL = (
    sa.select(_MICROS)
    .join_from(_ENTRY, _SEAL, _SEALED)
    .where(_ENTRY.c.account == _NAME, _ENTRY.c.seq > sa.bindparam("after", type_=_ENTRY.c.seq.type))
)


def as_known(
    session: Session, *, effective: datetime, known: datetime, account: str | None = None
) -> Mapping[str, int]:
    """Micro-units by account, of entries that were effective at or before ``effective``, as ``known`` at a time.

    Accounts without any are left out.
    """
    upto = session.scalar(_KNOWN, {"known": known})
    if upto is None:
        return {}
    values: dict[str, object] = {"upto": upto, "effective": effective}
    if account is not None:
        values["account"] = account
    sums: dict[str, int] = defaultdict(int)
    for statement in _statements(one=account is not None):
        for row in session.rows(statement, values):
            if row.micros is not None:
                sums[row.account] += int(row.micros)
    return dict(sums)


_KNOWN = (
    sa.select(_SEAL.c.seq)
    .where(_SEAL.c.recorded_at <= sa.bindparam("known", type_=_SEAL.c.recorded_at.type))
    .order_by(_SEAL.c.recorded_at.desc(), _SEAL.c.seq.desc())
    .limit(1)
)


@cache
def _statements(*, one: bool) -> tuple[Select, ...]:
    """Sums by account: checkpoints that count as a whole, entries of those that do in part, entries after the last.

    Entries are asked for by a subquery for each checkpoint or account, along their key: joined with a range of numbers
    a planner takes them for a third of all, and reads all.
    """
    known = _CHECK.c.seq <= _UPTO
    whole = (
        sa.select(_CHECK.c.account, sa.func.sum(_CHECK.c.moved_micros).label("micros"))
        .where(known, _CHECK.c.effective_last <= _EFFECTIVE)
        .group_by(_CHECK.c.account)
    )
    part = sa.select(_CHECK.c.account, _moved(_CHECK.c.account, _CHECK.c.since_seq, _CHECK.c.seq, _CHECK)).where(
        known, _CHECK.c.effective_first <= _EFFECTIVE, _CHECK.c.effective_last > _EFFECTIVE
    )
    newest = sa.select(sa.func.max(_CHECK.c.seq)).where(_CHECK.c.account == _ACCOUNT.c.id, known)
    last = newest.correlate(_ACCOUNT).scalar_subquery()
    tail = sa.select(_ACCOUNT.c.id.label("account"), _moved(_ACCOUNT.c.id, sa.func.coalesce(last, 0), _UPTO, _ACCOUNT))
    if not one:
        return whole, part, tail
    mine = _CHECK.c.account == _NAME
    return whole.where(mine), part.where(mine), tail.where(_ACCOUNT.c.id == _NAME)


def _moved(account: Any, after: Any, upto: Any, outer: sa.Table) -> sa.Label[int]:
    """What was effective of an account's entries with numbers above ``after`` up to ``upto``; null where none was."""
    sums = (
        sa.select(_MICROS)
        .join_from(_ENTRY, _SEAL, _SEALED)
        .where(_ENTRY.c.account == account, _ENTRY.c.seq > after, _ENTRY.c.seq <= upto)
        .where(_SEAL.c.effective_at <= _EFFECTIVE)
    )
    return sums.correlate(outer).scalar_subquery().label("micros")


def take_checkpoints(session: Session, accounts: Iterable[str], *, entries: int = CHECKPOINT_ENTRIES) -> int:
    """A checkpoint after each ``entries`` entries of these accounts; how many were taken."""
    return sum(_take(session, account, entries) for account in sorted(set(accounts)))


def _take(session: Session, account: str, entries: int) -> int:
    last: Any = next(iter(session.rows(_LAST, {"account": account})), None)
    seq, micros = (last.seq, last.micros) if last else (0, 0)
    taken = 0
    while found := session.rows(_NEXT, {"account": account, "after": seq, "entries": entries}):
        row = found[0]
        if row.entries < entries:
            break
        micros += int(row.moved)
        session.append(
            _CHECK,
            ("account", "seq", "since_seq", "entries", "moved_micros", "micros", "effective_first", "effective_last"),
            [(account, row.seq, seq, entries, int(row.moved), micros, row.first, row.last)],
        )
        seq = row.seq
        taken += 1
    return taken


def _next() -> Select:
    some = (
        sa.select(_ENTRY.c.seq, _ENTRY.c.micros, _SEAL.c.effective_at)
        .join_from(_ENTRY, _SEAL, _SEALED)
        .where(_ENTRY.c.account == _NAME, _ENTRY.c.seq > sa.bindparam("after", type_=_ENTRY.c.seq.type))
        .order_by(_ENTRY.c.seq)
        .limit(sa.bindparam("entries", type_=sa.Integer))
        .subquery()
    )
    return sa.select(
        sa.func.count().label("entries"),
        sa.func.max(some.c.seq).label("seq"),
        sa.func.sum(some.c.micros).label("moved"),
        sa.func.min(some.c.effective_at).label("first"),
        sa.func.max(some.c.effective_at).label("last"),
    )


_NEXT = _next()
