"""What is known of what parties are owed by their closed statements, in a bounded number of statements of SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.payee_accounts import current_accounts, last_states
from provenance.adapters.sql.session import Row, Session
from provenance.payouts.due import LastStatement, Payee
from provenance.payouts.event import ENDED, What
from provenance.payouts.payout import SettledLine
from provenance.statements.line import LineKind

Who = tuple[str, str]  # a party and a currency

_STATEMENT, _STATED, _CLOSE = tables.statement, tables.statement_line, tables.period_close
_PAYOUT, _LINE, _EVENT, _BOOKED = tables.payout, tables.payout_line, tables.payout_event, tables.ledger_transaction
_ENDED = sa.exists().where(_EVENT.c.payout == _PAYOUT.c.id, _EVENT.c.state.in_([s.value for s in ENDED]))


def payees(
    session: Session, provider: str, *, after: tuple[str, str] | None, limit: int, party: str | None
) -> Sequence[Payee]:
    """Parties with statements, by party and currency; ``owed_micros`` is left at zero."""
    last = _last_statements(session, after=after, limit=limit, party=party)
    if not last:
        return ()
    parties = sorted({row.party for row in last})
    lines, carried, counted, paid = (
        _unsettled(session, parties),
        _carried(session, parties),
        _counts(session, parties),
        _paid_since(session, last),
    )
    accounts = current_accounts(session, provider, parties)
    states = last_states(session, [account.id for account in accounts.values()])
    made = []
    for row in last:
        who, account = (row.party, row.currency), accounts.get(row.party)
        state = states.get(account.id) if account else None
        made.append(
            Payee(
                party=row.party,
                currency=row.currency,
                last=LastStatement(
                    id=row.id,
                    period=row.period,
                    closing_micros=row.closing_micros,
                    payable_micros=row.payable_micros,
                ),
                lines=tuple(lines.get(who, ())),
                carried_micros=carried.get(who, 0),
                paid_since_micros=paid.get(who, 0),
                owed_micros=0,
                payouts=counted.get(who, 0),
                account=account,
                readiness=state.readiness if state else None,
            )
        )
    return made


def _last_statements(
    session: Session, *, after: tuple[str, str] | None, limit: int, party: str | None
) -> Sequence[Row]:
    later = _STATEMENT.alias("later")
    newest = ~sa.exists().where(
        later.c.party == _STATEMENT.c.party,
        later.c.currency == _STATEMENT.c.currency,
        later.c.seq > _STATEMENT.c.seq,
    )
    select = sa.select(_STATEMENT, _CLOSE.c.until, _CLOSE.c.seq.label("closed_seq")).join_from(
        _STATEMENT, _CLOSE, _CLOSE.c.period == _STATEMENT.c.period
    )
    where = [newest]
    if party is not None:
        where.append(_STATEMENT.c.party == party)
    if after is not None:
        above = _STATEMENT.c.currency > after[1]
        where.append((_STATEMENT.c.party > after[0]) | ((_STATEMENT.c.party == after[0]) & above))
    ordered = select.where(*where).order_by(_STATEMENT.c.party, _STATEMENT.c.currency).limit(limit)
    return session.rows(ordered)


def _unsettled(session: Session, parties: Sequence[str]) -> Mapping[Who, list[SettledLine]]:
    """Lines that no live payout settles, oldest first: none of nothing, and none of what was paid."""
    settled = (
        sa.exists()
        .where(_LINE.c.statement == _STATED.c.statement, _LINE.c.number == _STATED.c.number)
        .where(_PAYOUT.c.id == _LINE.c.payout, ~_ENDED)
    )
    select = (
        sa.select(_STATEMENT.c.party, _STATEMENT.c.currency, _STATED)
        .join_from(_STATED, _STATEMENT, _STATEMENT.c.id == _STATED.c.statement)
        .where(_STATEMENT.c.party.in_(parties), _STATED.c.kind != LineKind.PAID.value, _STATED.c.micros != 0)
        .where(~settled)
        .order_by(_STATEMENT.c.seq, _STATED.c.number)
    )
    found: dict[Who, list[SettledLine]] = defaultdict(list)
    for row in session.rows(select):
        line = SettledLine(statement=row.statement, number=row.number, micros=row.micros)
        found[row.party, row.currency].append(line)
    return found


def _carried(session: Session, parties: Sequence[str]) -> Mapping[Who, int]:
    """What live payouts carried on: their lines, less what they pay."""
    lines = sa.select(sa.func.coalesce(sa.func.sum(_LINE.c.micros), 0)).where(_LINE.c.payout == _PAYOUT.c.id)
    select = sa.select(
        _PAYOUT.c.party, _PAYOUT.c.currency, (lines.scalar_subquery() - _PAYOUT.c.micros).label("carried")
    ).where(_PAYOUT.c.party.in_(parties), ~_ENDED)
    found: dict[Who, int] = defaultdict(int)
    for row in session.rows(select):
        found[row.party, row.currency] += int(row.carried)
    return found


def _counts(session: Session, parties: Sequence[str]) -> Mapping[Who, int]:
    select = (
        sa.select(_PAYOUT.c.party, _PAYOUT.c.currency, sa.func.max(_PAYOUT.c.number).label("number"))
        .where(_PAYOUT.c.party.in_(parties))
        .group_by(_PAYOUT.c.party, _PAYOUT.c.currency)
    )
    return {(row.party, row.currency): row.number for row in session.rows(select)}


def _paid_since(session: Session, last: Sequence[Row]) -> Mapping[Who, int]:
    """What was reserved, less what came back, that the last statement doesn't count (see `statements.close.Window`)."""
    counted = {(row.party, row.currency): (row.until, row.closed_seq) for row in last}
    ends = (What.RESERVED.value, What.RETURNED.value, What.CANCELLED.value)
    select = (
        sa.select(
            _PAYOUT.c.party,
            _PAYOUT.c.currency,
            _PAYOUT.c.micros,
            _EVENT.c.what,
            _BOOKED.c.effective_at,
            _BOOKED.c.seq,
        )
        .join_from(_PAYOUT, _EVENT, _EVENT.c.payout == _PAYOUT.c.id)
        .join(_BOOKED, _BOOKED.c.id == _EVENT.c.transaction_id)
        .where(_PAYOUT.c.party.in_(sorted({row.party for row in last})), _EVENT.c.what.in_(ends))
    )
    found: dict[Who, int] = defaultdict(int)
    for row in session.rows(select):
        who = row.party, row.currency
        if who in counted:
            until, closed_seq = counted[who]
            if row.effective_at >= until or row.seq > closed_seq:
                found[who] += row.micros if row.what == What.RESERVED.value else -row.micros
    return found
