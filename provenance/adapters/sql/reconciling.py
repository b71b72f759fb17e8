"""Payouts, transactions, lines and links as a reconciliation reads them: page by page, each in the order of a key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import PAGE_MAX
from provenance.adapters.sql.session import Row, Session
from provenance.ledger.accounts import AccountKind
from provenance.payouts import postings
from provenance.payouts.event import ENDED, What
from provenance.payouts.reconciled_rows import IntentRow, LedgerRow, LedgerStep, LineRow, LinkRow
from provenance.services.reconciliation_stores import Line
from provenance.statements.line import LineKind

_PAYOUT, _LINE, _EVENT, _ATTEMPT = tables.payout, tables.payout_line, tables.payout_event, tables.payout_attempt
_BOOKED, _ENTRY, _ACCOUNT = tables.ledger_transaction, tables.ledger_entry, tables.ledger_account
_STATEMENT, _STATED, _CLOSE = tables.statement, tables.statement_line, tables.period_close

_CAUSES = {
    LedgerStep.RESERVED: (postings.PAYOUT, "payout:"),
    LedgerStep.SENT: (postings.PAYOUT_SENT, "payout-sent:"),
    LedgerStep.REVERSED: (postings.PAYOUT_REVERSED, "payout-reversed:"),
    LedgerStep.WRITTEN_OFF: (postings.PAYOUT_WRITTEN_OFF, "payout-written-off:"),
    LedgerStep.RETURNED: (postings.PAYOUT_RETURNED, "payout-returned:"),
}
_OVER = sa.exists().where(_EVENT.c.payout == _PAYOUT.c.id, _EVENT.c.state.in_([state.value for state in ENDED]))
_SETTLES = (
    sa.select(sa.func.coalesce(sa.func.sum(_LINE.c.micros), 0)).where(_LINE.c.payout == _PAYOUT.c.id).scalar_subquery()
)


class SqlReconciling:
    """Implements the port `ReconciliationStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def intents(self, provider: str, *, after: str, limit: int) -> Sequence[IntentRow]:
        """Payouts through a provider with what they settle, in the order of their ids."""
        account = tables.payee_account
        select = (
            sa.select(_PAYOUT, _SETTLES.label("settles"), account.c.account.label("named"), _OVER.label("over"))
            .join_from(_PAYOUT, account, account.c.id == _PAYOUT.c.account)
            .where(_PAYOUT.c.provider == provider, _PAYOUT.c.id > after)
            .order_by(_PAYOUT.c.id)
            .limit(min(limit, PAGE_MAX))
        )
        return [_intent(row) for row in self._session.rows(select)]

    def booked(self, provider: str, step: LedgerStep, *, after: str, limit: int) -> Sequence[tuple[str, LedgerRow]]:
        """Transactions of one step, each with its business key, in the order of these."""
        cause, prefix = _CAUSES[step]
        name = sa.func.substr(_BOOKED.c.business_key, len(prefix) + 1)
        select = sa.select(_BOOKED.c.id, _BOOKED.c.business_key, _BOOKED.c.effective_at)
        if step in (LedgerStep.SENT, LedgerStep.REVERSED):
            accepted = sa.and_(_EVENT.c.attempt == _ATTEMPT.c.id, _EVENT.c.what == What.ACCEPTED.value)
            select = (
                select.add_columns(
                    _ATTEMPT.c.payout, sa.func.coalesce(_ATTEMPT.c.undoes, _EVENT.c.provider_id).label("object")
                )
                .join_from(_BOOKED, _ATTEMPT, _ATTEMPT.c.id == name)
                .join(_EVENT, accepted, isouter=True)
                .join(_PAYOUT, _PAYOUT.c.id == _ATTEMPT.c.payout)
            )
        else:
            select = select.add_columns(_PAYOUT.c.id.label("payout"), sa.null().label("object")).join_from(
                _BOOKED, _PAYOUT, _PAYOUT.c.id == name
            )
        select = (
            select.where(_BOOKED.c.cause == cause, _PAYOUT.c.provider == provider, _BOOKED.c.business_key > after)
            .order_by(_BOOKED.c.business_key)
            .limit(min(limit, PAGE_MAX))
        )
        rows = self._session.rows(select)
        moved = self._moved([row.id for row in rows])
        return [(row.business_key, _ledger_row(row, step, moved[row.id])) for row in rows]

    def lines(self, *, after: Line, limit: int, settled_within: timedelta) -> Sequence[LineRow]:
        """Statements' lines that a payout settles, in order, and until when they are to be settled."""
        newer = _STATEMENT.alias("newer")
        payable = (
            sa.select(newer.c.payable_micros)
            .where(newer.c.party == _STATEMENT.c.party, newer.c.currency == _STATEMENT.c.currency)
            .order_by(newer.c.seq.desc())
            .limit(1)
            .scalar_subquery()
        )
        select = (
            sa.select(
                _STATED.c.statement,
                _STATED.c.number,
                _STATED.c.micros,
                _STATEMENT.c.currency,
                _CLOSE.c.recorded_at,
                payable.label("payable"),
            )
            .join_from(_STATED, _STATEMENT, _STATEMENT.c.id == _STATED.c.statement)
            .join(_CLOSE, _CLOSE.c.period == _STATEMENT.c.period)
            .where(_STATED.c.kind != LineKind.PAID.value, _STATED.c.micros != 0, _after(_STATED, after))
            .order_by(_STATED.c.statement, _STATED.c.number)
            .limit(min(limit, PAGE_MAX))
        )
        return [
            LineRow(
                statement=row.statement,
                number=row.number,
                currency=row.currency,
                micros=row.micros,
                due_at=row.recorded_at + settled_within if row.payable > 0 else None,
            )
            for row in self._session.rows(select)
        ]

    def links(self, *, after: Line, payout: str, limit: int) -> Sequence[LinkRow]:
        """What payouts settle, in the order of the lines and then of the payouts."""
        of_same_line = sa.and_(_LINE.c.statement == after[0], _LINE.c.number == after[1], _LINE.c.payout > payout)
        select = (
            sa.select(_LINE, _OVER.label("over"))
            .join_from(_LINE, _PAYOUT, _PAYOUT.c.id == _LINE.c.payout)
            .where(sa.or_(_after(_LINE, after), of_same_line))
            .order_by(_LINE.c.statement, _LINE.c.number, _LINE.c.payout)
            .limit(min(limit, PAGE_MAX))
        )
        return [
            LinkRow(statement=row.statement, number=row.number, payout=row.payout, micros=row.micros, live=not row.over)
            for row in self._session.rows(select)
        ]

    def _moved(self, transactions: Sequence[str]) -> Mapping[str, dict[AccountKind, tuple[str, int]]]:
        """What each transaction moved, by kind of account: the currency, and micro-units whatever their sign."""
        found: dict[str, dict[AccountKind, tuple[str, int]]] = defaultdict(dict)
        select = sa.select(_ENTRY.c.transaction_id, _ENTRY.c.currency, _ENTRY.c.micros, _ACCOUNT.c.kind).join_from(
            _ENTRY, _ACCOUNT, _ACCOUNT.c.id == _ENTRY.c.account
        )
        for row in self._session.rows(select.where(_ENTRY.c.transaction_id.in_(transactions))):
            found[row.transaction_id][AccountKind(row.kind)] = (row.currency, abs(row.micros))
        return found


def _after(table: sa.Table, line: Line) -> sa.ColumnElement[bool]:
    later = sa.and_(table.c.statement == line[0], table.c.number > line[1])
    return sa.or_(table.c.statement > line[0], later)


def _intent(row: Row) -> IntentRow:
    return IntentRow(
        payout=row.id,
        currency=row.currency,
        micros=row.micros,
        settles_micros=int(row.settles),
        carried_in_micros=row.carried_in_micros,
        # A payout states what it carries on as the rest, so there is nothing to hold it against but its sign.
        carried_out_micros=int(row.settles) + row.carried_in_micros - row.micros,
        account=row.named,
        live=not row.over,
    )


def _ledger_row(row: Row, step: LedgerStep, moved: Mapping[AccountKind, tuple[str, int]]) -> LedgerRow:
    currency, micros = moved[AccountKind.PAYOUT_CLEARING]
    return LedgerRow(
        payout=row.payout,
        step=step,
        transaction=row.id,
        currency=currency,
        micros=micros,
        at=row.effective_at,
        object=row.object,
        fee_micros=moved.get(AccountKind.PAYOUT_FEES, (currency, 0))[1],
    )
