"""Advances that licences state: paid ahead by the first close whose period reaches the licence, once.

Of versions of one reach an advance is paid once: a later version adds what it states above what earlier ones came to.
While nobody has a claim on the work, nobody is paid; the close after there is one pays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from provenance.kernel.money import MicroUnits, format_micros
from provenance.royalties.recoupment import OpenAdvance
from provenance.services.in_force import InForce, by_claims, claims_in_force, last_day, licences_in_force
from provenance.services.ports import UnitOfWork
from provenance.sources.licence import FeePerUse, Licence, ShareOfRevenue
from provenance.sources.period_bounds import Advance
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.addition import Addition
from provenance.statements.line import LineKind

Payee = tuple[str, str]  # a party and a currency


def advances_due(work: UnitOfWork, period: AccountingPeriod) -> Mapping[Payee, Sequence[Addition]]:
    """The advances that the close of a period pays, by party and currency."""
    found: dict[Payee, list[Addition]] = defaultdict(list)
    names = work.statements.works_stating("advance")
    paid = work.statements.advanced_licences() if names else frozenset()
    for name in names:
        for standing in licences_in_force(work, name, on=last_day(period)):
            for payee, addition in _of_licence(work, name, standing, period, paid).items():
                found[payee].append(addition)
    return found


def _of_licence(
    work: UnitOfWork, name: str, standing: InForce, period: AccountingPeriod, paid: Set[str]
) -> Mapping[Payee, Addition]:
    advance = _stated(standing.licence)
    basis_points = claims_in_force(work, name, on=last_day(period))
    if advance is None or standing.id in paid or not basis_points:
        return {}
    currency = advance.money.currency
    earlier = [_stated(licence) for version, licence in standing.versions.items() if version in paid]
    before = max((a.money.micros for a in earlier if a and a.money.currency == currency), default=0)
    due = advance.money.micros - before
    if due <= 0:
        return {}
    inputs = (
        ("licence", standing.id),
        ("work", name),
        ("advance", format_micros(advance.money.micros)),
        ("paid_before", format_micros(before)),
    )
    return {
        (party, currency): Addition(
            kind=LineKind.ADVANCED,
            micros=micros,
            inputs=(*inputs, ("claim_basis_points", str(basis_points[party]))),
            advance=OpenAdvance(
                id=standing.id,
                paid_on=last_day(period),
                outstanding=MicroUnits(micros),
                work=None if advance.across_works else name,
                basis_points=advance.basis_points,
            ),
        )
        for party, micros in by_claims(due, basis_points).items()
    }


def _stated(licence: Licence) -> Advance | None:
    terms = licence.terms
    return terms.bounds.advance if isinstance(terms, ShareOfRevenue | FeePerUse) else None
