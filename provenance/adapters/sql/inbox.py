"""The inbox: what providers report, each report once, and what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import PAGE_MAX
from provenance.adapters.sql.session import Row, Session
from provenance.payouts.reported import About, Made, Reported
from provenance.services.payout_stores import InInbox
from provenance.services.records import Page

_EVENT, _OUTCOME = tables.webhook_event, tables.webhook_outcome
_KEPT = sa.select(_EVENT, _OUTCOME.c.outcome, _OUTCOME.c.payout).join_from(
    _EVENT, _OUTCOME, _OUTCOME.c.event == _EVENT.c.seq, isouter=True
)


class SqlInbox:
    """Implements the port `Inbox`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, reported: Reported, at: datetime) -> bool:
        """Keep a report; whether it is new."""
        known = sa.select(_EVENT.c.seq).where(_EVENT.c.provider == reported.provider, _EVENT.c.id == reported.id)
        if self._session.scalar(known) is not None:
            return False
        row = {
            "seq": self._session.next_seq(_EVENT),
            "provider": reported.provider,
            "id": reported.id,
            "type": reported.type,
            "about": reported.about.value,
            "object": reported.object,
            "account": reported.account,
            "currency": reported.currency,
            "minor_units": reported.minor_units,
            "key": reported.key,
            "payload_sha256": reported.payload_sha256,
            "received_at": at,
        }
        self._session.insert(_EVENT, [row])
        return True

    def waiting(self, *, limit: int) -> Sequence[InInbox]:
        """Those of which nothing was made yet, oldest first."""
        select = _KEPT.where(_OUTCOME.c.event.is_(None)).order_by(_EVENT.c.seq).limit(min(limit, PAGE_MAX))
        return [_kept(row) for row in self._session.rows(select)]

    def settle(self, seq: int, made: Made, payout: str | None, at: datetime) -> None:
        """Say what was made of a report, once."""
        row = {"event": seq, "outcome": made.value, "payout": payout, "processed_at": at}
        self._session.insert(_OUTCOME, [row])

    def page(self, *, after: int = 0, limit: int) -> Page[InInbox]:
        """All of them, in the order in which they came."""
        size = min(limit, PAGE_MAX)
        select = _KEPT.where(_EVENT.c.seq > after).order_by(_EVENT.c.seq).limit(size + 1)
        found = [_kept(row) for row in self._session.rows(select)]
        return Page(items=tuple(found[:size]), next_after=found[size - 1].seq if len(found) > size else None)


def _kept(row: Row) -> InInbox:
    return InInbox(
        seq=row.seq,
        reported=Reported(
            provider=row.provider,
            id=row.id,
            type=row.type,
            about=About(row.about),
            object=row.object,
            account=row.account,
            currency=row.currency,
            minor_units=row.minor_units,
            key=row.key,
            payload_sha256=row.payload_sha256,
        ),
        received_at=row.received_at,
        made=Made(row.outcome) if row.outcome else None,
        payout=row.payout,
    )
