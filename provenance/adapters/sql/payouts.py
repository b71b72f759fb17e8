"""Payouts: lines are written first, then the row that seals them; approvals, attempts and events are facts after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provenance.adapters.sql import payouts_due, tables
from provenance.adapters.sql.payee_accounts import PAYEE_ACCOUNTS
from provenance.adapters.sql.payout_rows import APPROVALS, ATTEMPTS, EVENTS, PAYOUTS, REFUSALS
from provenance.adapters.sql.reading import PAGE_MAX, cut
from provenance.adapters.sql.session import Session
from provenance.payouts.approval import Approval
from provenance.payouts.due import Payee, Skipped
from provenance.payouts.event import ENDED, Event, State
from provenance.payouts.leg import Attempt, legs_text
from provenance.payouts.payout import Payout
from provenance.services import facts
from provenance.services.payout_stores import History, PayoutLine
from provenance.services.records import Page, Recorded

_PAYOUT, _LINE, _EVENT = tables.payout, tables.payout_line, tables.payout_event
_REFUSAL = tables.payout_refusal
_LATER = _EVENT.alias("later")
_LAST = ~sa.exists().where(_LATER.c.payout == _EVENT.c.payout, _LATER.c.number > _EVENT.c.number)
_STATE = sa.func.coalesce(_EVENT.c.state, State.PLANNED.value)
_LISTED = sa.select(
    _PAYOUT.c.seq, _PAYOUT.c.id, _PAYOUT.c.recorded_at, _STATE.label("state"), _EVENT.c.recorded_at.label("since")
).join_from(_PAYOUT, _EVENT, sa.and_(_EVENT.c.payout == _PAYOUT.c.id, _LAST), isouter=True)
_OVER = [state.value for state in (*sorted(ENDED), State.SETTLED)]


class SqlPayouts:
    """Implements the port `PayoutStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def payees(
        self, provider: str, *, after: tuple[str, str] | None = None, limit: int, party: str | None = None
    ) -> Sequence[Payee]:
        """Parties that have statements, by party and currency, after one; all that is known but what the books owe."""
        return payouts_due.payees(self._session, provider, after=after, limit=min(limit, PAGE_MAX), party=party)

    def add(self, payout: Payout, at: datetime) -> None:
        """Record a payout. `Conflict` where another one settles a line of it, or has its number."""
        lines = [
            {"payout": payout.id, "statement": line.statement, "number": line.number, "micros": line.micros}
            for line in payout.lines
        ]
        self._session.insert(_LINE, lines)
        self._record(
            _PAYOUT,
            payout,
            at,
            id=payout.id,
            party=payout.party,
            currency=payout.currency,
            number=payout.number,
            statement=payout.statement,
            carried_in_micros=payout.carried_in_micros,
            minor_units=payout.minor_units,
            micros=payout.money.micros,
            provider=payout.provider,
            account=payout.account,
            legs=legs_text(payout.legs),
            approvals=payout.approvals,
            planned_by=payout.planned_by,
        )

    def refuse(self, refused: Skipped, at: datetime) -> None:
        """Record why a party isn't paid. The same again does nothing."""
        if REFUSALS.named(self._session, id=refused.id) is not None:
            return
        self._record(
            _REFUSAL,
            refused,
            at,
            id=refused.id,
            party=refused.party,
            currency=refused.currency,
            statement=refused.statement,
            why=refused.why.value,
            due_micros=refused.due_micros,
        )

    def refusals(self, *, after: int = 0, limit: int, party: str | None = None) -> Page[Recorded[Skipped]]:
        """Why parties weren't paid, in the order of recording: all, or one party's."""
        where = [] if party is None else [_REFUSAL.c.party == party]
        return REFUSALS.page(self._session, *where, after=after, limit=limit)

    def history(self, payout: str) -> History | None:
        """A payout with all that belongs to it."""
        session = self._session
        recorded = PAYOUTS.named(session, id=payout)
        if recorded is None:
            return None
        account = PAYEE_ACCOUNTS.named(session, id=recorded.fact.account)
        assert account is not None, "a payout refers to it"
        return History(
            recorded=recorded,
            account=account.fact,
            approvals=tuple(r.fact for r in APPROVALS.belonging(session, payout=payout)),
            attempts=tuple(r.fact for r in ATTEMPTS.belonging(session, payout=payout)),
            events=tuple(r.fact for r in EVENTS.belonging(session, payout=payout)),
        )

    def page(
        self, *, after: int = 0, limit: int, party: str | None = None, state: State | None = None
    ) -> Page[Recorded[PayoutLine]]:
        """Payouts in the order of recording: all, or those of a party, or in a state."""
        where = [] if party is None else [_PAYOUT.c.party == party]
        if state is not None:
            where.append(_STATE.in_([state.value]))
        return self._listed(where, after, limit)

    def unfinished(self, *, after: int = 0, limit: int) -> Page[Recorded[PayoutLine]]:
        """Payouts to which something more has to happen, in the order of recording."""
        return self._listed([_STATE.not_in(_OVER)], after, limit)

    def settled_since(self, since: datetime, *, after: int = 0, limit: int) -> Page[Recorded[PayoutLine]]:
        """Payouts that were settled at a time or later, in the order of recording."""
        settled = [_EVENT.c.state == State.SETTLED.value, _EVENT.c.recorded_at >= since]
        return self._listed(settled, after, limit)

    def add_approval(self, approval: Approval, at: datetime) -> None:
        """Record that somebody approved. `Conflict` where they did before."""
        self._record(
            tables.payout_approval, approval, at, id=approval.id, payout=approval.payout, approved_by=approval.by
        )

    def add_attempt(self, attempt: Attempt) -> None:
        """Record an attempt. `Conflict` where it isn't the next one."""
        self._record(
            tables.payout_attempt,
            attempt,
            attempt.at,
            id=attempt.key,
            payout=attempt.payout,
            leg=attempt.leg,
            ordinal=attempt.ordinal,
            undoes=attempt.undoes,
        )

    def add_event(self, event: Event) -> None:
        """Record what happened. `Conflict` where it isn't the next event, or moves the state back."""
        self._record(
            _EVENT,
            event,
            event.at,
            id=event.id,
            payout=event.payout,
            number=event.number,
            what=event.what.value,
            state=event.state.value,
            attempt=event.attempt,
            provider_id=event.provider_id,
            code=event.code,
            transaction_id=event.transaction,
            said_by=event.by,
            reason=event.reason,
        )

    def of_object(self, provider_id: str) -> Sequence[str]:
        """The payouts of which the provider's object is a part."""
        found = sa.select(_EVENT.c.payout).where(_EVENT.c.provider_id == provider_id).distinct().limit(PAGE_MAX)
        return [row.payout for row in self._session.rows(found)]

    def of_key(self, key: str) -> str | None:
        """The payout of an attempt, by its key."""
        table = tables.payout_attempt
        found = self._session.scalar(sa.select(table.c.payout).where(table.c.id == key))
        return None if found is None else str(found)

    def _listed(self, where: Sequence[sa.ColumnElement[bool]], after: int, limit: int) -> Page[Recorded[PayoutLine]]:
        size = min(limit, PAGE_MAX)
        seq = _PAYOUT.c.seq
        rows = self._session.rows(_LISTED.where(seq > after, *where).order_by(seq).limit(size + 1))
        payouts = {r.fact.id: r.fact for r in PAYOUTS.among(self._session, "id", [r.id for r in rows])} if rows else {}
        return cut(
            [
                Recorded(
                    seq=row.seq,
                    fact=PayoutLine(
                        payout=payouts[row.id],
                        state=State(row.state),
                        planned_at=row.recorded_at,
                        since=row.since or row.recorded_at,
                    ),
                    recorded_at=row.recorded_at,
                )
                for row in rows
            ],
            size,
        )

    def _record(self, table: sa.Table, fact: facts.Fact, at: datetime, **values: Any) -> None:
        self._session.insert(table, [{"seq": self._session.record(fact, at), **values, "recorded_at": at}])
