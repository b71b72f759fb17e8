"""Take in what a provider reports, answer at once, and make something of it later: the object is fetched again.

A report says only that there is something to look at. One that speaks of another amount, currency or account than was
intended moves nothing, and neither does one of an object that no payout has; each is kept, with what was made of it.
Late, twice, or in another order: nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from provenance.kernel.errors import Conflict, Unavailable
from provenance.payouts.reported import About, Made, Reported
from provenance.services.payees import refresh
from provenance.services.payment_provider import Onboarding, Providers
from provenance.services.payout_advance import advance
from provenance.services.payout_standing import standing
from provenance.services.payout_stores import InInbox
from provenance.services.ports import Clock, Database, UnitOfWork

REPORTS_AT_ONCE_MAX = 1_000
WAIT_MAX = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """A report, what was made of it, and the payout that it led to. None is made while the provider doesn't answer."""

    report: InInbox
    made: Made | None
    payout: str | None = None


def take_in(database: Database, reported: Reported, *, at: datetime) -> bool:
    """Keep a report whose signature was checked; whether it is new."""
    with database.begin(write=True) as work:
        new = work.inbox.add(reported, at)
        work.commit()
    return new


def process(
    database: Database, providers: Providers, onboarding: Onboarding | None, clock: Clock
) -> Iterator[Processed]:
    """Make something of each report that waits, oldest first; a bounded number."""
    with database.begin() as work:
        waiting = work.inbox.waiting(limit=REPORTS_AT_ONCE_MAX)
    for report in waiting:
        try:
            done = _process(database, providers, onboarding, report, clock)
        except Unavailable:  # another one's provider may well answer
            done = Processed(report=report, made=None)
        if done.made is None and clock() - report.received_at > WAIT_MAX:
            done = Processed(report=report, made=Made.EXPIRED, payout=done.payout)
        if done.made is not None:
            _settle(database, done, clock)
        yield done


def _process(
    database: Database, providers: Providers, onboarding: Onboarding | None, report: InInbox, clock: Clock
) -> Processed:
    if report.reported.about is About.OTHER:
        return Processed(report=report, made=Made.UNKNOWN_TYPE)
    if report.reported.about is About.ACCOUNT:
        return _of_account(database, onboarding, report, clock)
    with database.begin() as work:
        found = _of_payout(work, report)
    if found.made is not Made.LOOKED or found.payout is None:
        return found
    advanced = advance(database, providers, found.payout, clock, look_again=True)
    return Processed(report=report, made=None if advanced.unanswered else Made.LOOKED, payout=found.payout)


def _of_account(database: Database, onboarding: Onboarding | None, report: InInbox, clock: Clock) -> Processed:
    reported = report.reported
    with database.begin() as work:
        account = work.payee_accounts.of_provider(reported.provider, reported.object)
    if account is None or onboarding is None or onboarding.provider != reported.provider:
        return Processed(report=report, made=Made.UNKNOWN_OBJECT)
    refresh(database, onboarding, account.fact.party, clock)
    return Processed(report=report, made=Made.ACCOUNT)


def _of_payout(work: UnitOfWork, report: InInbox) -> Processed:
    reported = report.reported
    payouts = list(work.payouts.of_object(reported.object))
    if not payouts and reported.key is not None:
        # The answer that named the object was lost: the key that it carries leads to the attempt.
        payouts = [name for name in [work.payouts.of_key(reported.key)] if name is not None]
    if len(payouts) != 1:
        return Processed(report=report, made=Made.UNKNOWN_OBJECT)
    found = standing(work, payouts[0])
    made = Made.LOOKED
    if reported.account is not None and reported.account != found.history.account.account:
        made = Made.OTHER_ACCOUNT
    elif (reported.currency, reported.minor_units) != (found.payout.currency, found.payout.minor_units):
        made = Made.DIFFERS
    return Processed(report=report, made=made, payout=found.payout.id)


def _settle(database: Database, done: Processed, clock: Clock) -> None:
    assert done.made is not None, "something was made of it"
    # Another worker may have made the same of it meanwhile: the first one has said so.
    with suppress(Conflict), database.begin(write=True) as work:
        work.inbox.settle(done.report.seq, done.made, done.payout, clock())
        work.commit()
