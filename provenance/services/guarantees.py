"""What minimum guarantees add to a period: for each licence that states one, where uses earned less.

A guarantee of a month, a quarter or a year is made good by the close whose period ends with it. What is earned late,
after that, is owed on top; no top-up is taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from provenance.kernel.money import Money, format_micros
from provenance.royalties.guarantee import guarantee_for, top_up
from provenance.services.in_force import InForce, claims_in_force, last_day, licences_in_force
from provenance.services.ports import UnitOfWork
from provenance.sources.licence import FeePerUse, Licence, ShareOfRevenue
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.addition import Addition
from provenance.statements.line import LineKind

Payee = tuple[str, str]  # a party and a currency
_A_DAY = timedelta(days=1)


def top_ups(work: UnitOfWork, period: AccountingPeriod) -> Mapping[Payee, Sequence[Addition]]:
    """The top-ups of all guarantees that end with the period, by party and currency."""
    found: dict[Payee, list[Addition]] = defaultdict(list)
    for name in work.statements.works_stating("guarantee"):
        for standing in licences_in_force(work, name, on=last_day(period)):
            for payee, addition in _of_licence(work, name, standing, period).items():
                found[payee].append(addition)
    return found


def _of_licence(work: UnitOfWork, name: str, standing: InForce, period: AccountingPeriod) -> Mapping[Payee, Addition]:
    """What is added to each party; nothing where the guarantee doesn't end with the period."""
    terms, last = standing.licence.terms, last_day(period)
    if not isinstance(terms, ShareOfRevenue | FeePerUse) or terms.bounds.guarantee is None:
        return {}
    first, next_first = terms.bounds.period.starts(last), terms.bounds.period.starts(last + _A_DAY)
    basis_points = claims_in_force(work, name, on=last)
    if next_first != last + _A_DAY or not basis_points:
        return {}
    days = _days_in_force(standing.licence, first, last)
    whole = (last - first).days + 1
    guaranteed = guarantee_for(terms.bounds.guarantee, days_in_force=days, days_in_period=whole)
    since = datetime.combine(first, time.min, UTC)
    earned = work.statements.earned_under(standing.versions.keys(), since, period.until, guaranteed.currency)
    due = top_up(guaranteed, earned, basis_points)
    stated = _inputs(terms.bounds.guarantee, guaranteed, earned, days=days, of_days=whole)
    inputs = (("licence", standing.id), *stated)
    return {
        (party, guaranteed.currency): Addition(
            kind=LineKind.TOPPED_UP, micros=micros, by_work=((name, micros),), inputs=inputs
        )
        for party, micros in due.parties.items()
        if micros
    }


def _days_in_force(licence: Licence, first: date, last: date) -> int:
    ends = [last, licence.valid_until or last]
    if licence.opt_out_from is not None:
        ends.append(licence.opt_out_from - _A_DAY)
    return max(0, (min(ends) - max(first, licence.valid_from)).days + 1)


def _inputs(stated: Money, guaranteed: Money, earned: int, *, days: int, of_days: int) -> tuple[tuple[str, str], ...]:
    return (
        ("guarantee", format_micros(stated.micros)),
        ("days_in_force", f"{days} of {of_days}"),
        ("guaranteed", format_micros(guaranteed.micros)),
        ("earned_by_all", format_micros(earned)),
    )
