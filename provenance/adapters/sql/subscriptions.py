"""Subscription money, and the usage that it is shared out by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.closing_sums import counted, first_counted
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session
from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.subscription import NOBODY
from provenance.services.records import Page, Recorded
from provenance.statements.accounting_period import AccountingPeriod, parse_accounting_period
from provenance.statements.close import Window
from provenance.statements.subscription import Subscription

_TABLE, _G, _USE, _REVIEW = tables.subscription, tables.generation.c, tables.work_use, tables.review


class SqlSubscriptions:
    """Implements the port `SubscriptionStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, subscription: Subscription, at: datetime) -> None:
        """Record it, after its transaction.

        Raises:
            Conflict: the service stated money of this period and currency before.
            PeriodClosed: the period is closed.
        """
        row = {
            "seq": self._session.record(subscription, at),
            "id": subscription.id,
            "service": subscription.service,
            "period": subscription.period.name,
            "until": subscription.period.until,
            "currency": subscription.money.currency,
            "micros": subscription.money.micros,
            "transaction_id": subscription.taken_in_by,
            "recorded_at": at,
        }
        self._session.insert(_TABLE, [row])

    def get(self, subscription: str) -> Recorded[Subscription] | None:
        """The one of this id."""
        return SUBSCRIPTIONS.one(self._session, _TABLE.c.id == subscription)

    def page(self, *, after: int = 0, limit: int) -> Page[Recorded[Subscription]]:
        """All of them in the order of recording."""
        return SUBSCRIPTIONS.page(self._session, after=after, limit=limit)

    def due(self, window: Window) -> Sequence[Recorded[Subscription]]:
        """Those whose period ends in the window: no close before has shared them out."""
        inside = _TABLE.c.until <= window.until
        if window.closed_until is not None:
            inside &= _TABLE.c.until > window.closed_until
        return SUBSCRIPTIONS.all(self._session, inside)

    def usage(self, service: str, period: AccountingPeriod, currency: str) -> Mapping[str, int]:
        """What outputs without a price derived from, in parts per billion by work; what earns nothing is `NOBODY`'s."""
        mine = (
            (_G.service == service)
            & (_G.currency == currency)
            & (_G.price_micros == 0)
            & (_G.recorded_at >= period.since)
            & (_G.recorded_at < period.until)
        )
        free = sa.select(_G.id).where(mine).subquery()
        outputs = int(self._session.scalar(sa.select(sa.func.count()).select_from(free)) or 0)
        works = _shares_by_work(_USE.join(free, free.c.id == _USE.c.generation))
        used = {row.work: int(row.ppb) for row in self._session.rows(works)}
        return {**used, NOBODY: outputs * 1_000_000_000 - sum(used.values())}

    def used(self, window: Window) -> Mapping[str, Mapping[str, int]]:
        """What the outputs that count derived from, of works that earned by it: parts per billion by currency, work."""
        sealed = tables.ledger_transaction
        joined = _USE.join(tables.generation, _G.id == _USE.c.generation)
        joined = joined.join(sealed, sealed.c.id == _G.transaction_id)
        sums = (
            _shares_by_work(joined)
            .add_columns(_G.currency)
            .where(counted(window), sealed.c.seq >= first_counted(self._session, window))
            .group_by(_G.currency)
        )
        found: dict[str, dict[str, int]] = {}
        for row in self._session.rows(sums):
            found.setdefault(row.currency, {})[row.work] = int(row.ppb)
        return found


def _shares_by_work(joined: sa.FromClause) -> sa.Select[tuple[str, int]]:
    """Shares of uses that are paid, at once or since a review released them, added up by work."""
    released = (
        sa.select(_REVIEW.c.id)
        .where(
            _REVIEW.c.generation == _USE.c.generation,
            _REVIEW.c.work == _USE.c.work,
            _REVIEW.c.resolution == "release",
        )
        .exists()
    )
    paid = (_USE.c.outcome == "paid") | ((_USE.c.outcome == "review") & released)
    ppb = sa.func.sum(_USE.c.share_ppb).label("ppb")
    return sa.select(_USE.c.work, ppb).select_from(joined).where(paid).group_by(_USE.c.work)


def _subscriptions(_: Session, rows: Sequence[Row]) -> list[Subscription]:
    return [
        Subscription(
            service=row.service,
            period=parse_accounting_period(row.period),
            money=Money(row.currency, MicroUnits(row.micros)),
        )
        for row in rows
    ]


SUBSCRIPTIONS = FactRows(table=_TABLE, select=sa.select(_TABLE), rebuild=_subscriptions)
