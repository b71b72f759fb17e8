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
from provenance.services.ports import UnitOfWork
from provenance.sources.licence import FeePerUse, Licence, ShareOfRevenue
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.deductions import TopUp

Payee = tuple[str, str]  # a party and a currency
_A_DAY = timedelta(days=1)


def top_ups(work: UnitOfWork, period: AccountingPeriod) -> Mapping[Payee, Sequence[TopUp]]:
    """The top-ups of all guarantees that end with the period, by party and currency."""
    found: dict[Payee, list[TopUp]] = defaultdict(list)
    for name in work.statements.guaranteed_works():
        versions = [(r.fact.id, r.fact.licence) for r in work.rights.licences_of(name)]
        for ids, licence in _standing(versions, on=_last_day(period)):
            for party, added in _of_licence(work, name, ids, licence, period).items():
                found[party, added[0]].append(added[1])
    return found


def _standing(versions: Sequence[tuple[str, Licence]], *, on: date) -> list[tuple[tuple[str, ...], Licence]]:
    """For each reach the version that stands on a day, with the ids of all versions of the reach."""
    by_reach: dict[object, list[tuple[str, Licence]]] = defaultdict(list)
    for name, licence in versions:
        if licence.valid_from <= on:
            by_reach[licence.reach].append((name, licence))
    return [(tuple(name for name, _ in of), of[-1][1]) for of in by_reach.values()]


def _of_licence(
    work: UnitOfWork, name: str, ids: tuple[str, ...], licence: Licence, period: AccountingPeriod
) -> Mapping[str, tuple[str, TopUp]]:
    """What is added to each party, with the currency; nothing where the guarantee doesn't end with the period."""
    terms, last = licence.terms, _last_day(period)
    if not isinstance(terms, ShareOfRevenue | FeePerUse) or terms.bounds.guarantee is None:
        return {}
    first, next_first = terms.bounds.period.starts(last), terms.bounds.period.starts(last + _A_DAY)
    claims = [r.fact for r in work.rights.claims_of(name) if r.fact.claims.valid_from <= last]
    if next_first != last + _A_DAY or not claims:
        return {}
    days = _days_in_force(licence, first, last)
    whole = (last - first).days + 1
    guaranteed = guarantee_for(terms.bounds.guarantee, days_in_force=days, days_in_period=whole)
    since = datetime.combine(first, time.min, UTC)
    earned = work.statements.earned_under(ids, since, period.until, guaranteed.currency)
    standing = max(enumerate(claims), key=lambda found: (found[1].claims.valid_from, found[0]))[1]
    due = top_up(guaranteed, earned, standing.claims.basis_points)
    inputs = _inputs(terms.bounds.guarantee, guaranteed, earned, days=days, of_days=whole)
    return {
        party: (guaranteed.currency, TopUp(name=ids[-1], micros=micros, inputs=inputs))
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


def _last_day(period: AccountingPeriod) -> date:
    return (period.until - _A_DAY).date()
