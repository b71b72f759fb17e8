"""Record subscription money of a service for a period. The close of the period shares it out: see `pools`."""

from __future__ import annotations

from datetime import datetime

from provenance.kernel.errors import Conflict, NotFound, PeriodClosed
from provenance.services.ports import Database
from provenance.services.records import Recorded
from provenance.statements.subscription import Subscription, taken_in


def record_subscription(database: Database, subscription: Subscription, *, at: datetime) -> Recorded[Subscription]:
    """The service owes it from now on. The same again does nothing.

    Raises:
        NotFound: the service isn't a registered party.
        Conflict: it stated another amount of this period and currency before.
        PeriodClosed: the period, or a part of it, is closed.
    """
    with database.begin(write=True) as work:
        if work.parties.get(subscription.service) is None:
            raise NotFound(f"There is no party {subscription.service!r}.", mend="Register the service first.")
        known = work.subscriptions.get(subscription.id)
        if known is None:
            last = work.statements.last_close()
            if last and subscription.period.since < last.fact.period.until:
                raise PeriodClosed(
                    f"{subscription.period.name} is closed, or a part of it: {last.fact.period.name} was closed last.",
                    mend="State the money for an open period.",
                    period=subscription.period.name,
                )
            work.books.post(taken_in(subscription, at=at), at)
            work.subscriptions.add(subscription, at)
            known = work.subscriptions.get(subscription.id)
            work.commit()
    assert known is not None, "it was recorded just now, or before"
    if known.fact != subscription:
        raise Conflict(
            f"{subscription.service} stated {known.fact.money} for {subscription.period.name} before.",
            mend="What is recorded is never changed; state a difference for the next period.",
            subscription=subscription.id,
        )
    return known
