"""Which licences and claims of a work hold at the end of a period: what a close goes by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from provenance.kernel.parts import split_exactly
from provenance.services.ports import UnitOfWork
from provenance.sources.licence import Licence
from provenance.statements.accounting_period import AccountingPeriod

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The version of a licence's reach that stands: the last of ``versions``, which are by id in order of recording."""

    versions: dict[str, Licence]

    @property
    def id(self) -> str:
        """The id of the version that stands."""
        return next(reversed(self.versions))

    @property
    def licence(self) -> Licence:
        """The version that stands."""
        return self.versions[self.id]


def last_day(period: AccountingPeriod) -> date:
    """The last day of a period."""
    return (period.until - _A_DAY).date()


def licences_in_force(work: UnitOfWork, name: str, *, on: date) -> Sequence[InForce]:
    """For each reach of a work's licences the version that stands on a day, with the earlier ones."""
    by_reach: dict[object, dict[str, Licence]] = defaultdict(dict)
    for recorded in work.rights.licences_of(name):
        licence = recorded.fact.licence
        if licence.valid_from <= on:
            by_reach[licence.reach][recorded.fact.id] = licence
    return [InForce(versions=versions) for versions in by_reach.values()]


def claims_in_force(work: UnitOfWork, name: str, *, on: date) -> Mapping[str, int] | None:
    """Basis points by party of the claims on a work that hold on a day; None where nobody has one."""
    claims = [r.fact.claims for r in work.rights.claims_of(name) if r.fact.claims.valid_from <= on]
    if not claims:
        return None
    _, standing = max(enumerate(claims), key=lambda found: (found[1].valid_from, found[0]))
    return standing.basis_points


def by_claims(micros: int, basis_points: Mapping[str, int]) -> dict[str, int]:
    """An amount by party, by their claims, in the order of their ids; who gets nothing is left out."""
    parties = sorted(basis_points)
    parts = split_exactly(micros, [basis_points[p] for p in parties])
    return {party: part for party, part in zip(parties, parts, strict=True) if part}
