"""How parties are paid: payout terms and tax profiles, each from a day on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session
from provenance.kernel.errors import NotFound
from provenance.statements.payee import PayoutTerms, TaxProfile


class SqlPayees:
    """Implements the port `PayeeStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_terms(self, terms: PayoutTerms, at: datetime) -> None:
        """Record terms. The same again does nothing. `NotFound` where the party doesn't exist."""
        if self._is_recorded(tables.payout_terms, terms.id, terms.party):
            return
        row = {
            "seq": self._session.record(terms, at),
            "id": terms.id,
            "party": terms.party,
            "currency": terms.currency,
            "valid_from": terms.valid_from,
            "threshold_micros": terms.threshold_micros,
            "reserve_basis_points": terms.reserve_basis_points,
            "reserve_periods": terms.reserve_periods,
            "recorded_at": at,
        }
        self._session.insert(tables.payout_terms, [row])

    def add_tax(self, profile: TaxProfile, at: datetime) -> None:
        """Record a profile. The same again does nothing. `NotFound` where the party doesn't exist."""
        if self._is_recorded(tables.tax_profile, profile.id, profile.party):
            return
        row = {
            "seq": self._session.record(profile, at),
            "id": profile.id,
            "party": profile.party,
            "residence": profile.residence,
            "payer": profile.payer,
            "basis": profile.basis,
            "basis_points": profile.basis_points,
            "valid_from": profile.valid_from,
            "recorded_at": at,
        }
        self._session.insert(tables.tax_profile, [row])

    def terms(self) -> Mapping[tuple[str, str], Sequence[PayoutTerms]]:
        """All that was ever stated, by party and currency, in the order of recording."""
        found: dict[tuple[str, str], list[PayoutTerms]] = defaultdict(list)
        for recorded in PAYOUT_TERMS.all(self._session):
            found[recorded.fact.party, recorded.fact.currency].append(recorded.fact)
        return found

    def taxes(self) -> Mapping[str, Sequence[TaxProfile]]:
        """All that was ever stated, by party, in the order of recording."""
        found: dict[str, list[TaxProfile]] = defaultdict(list)
        for recorded in TAX_PROFILES.all(self._session):
            found[recorded.fact.party].append(recorded.fact)
        return found

    def _is_recorded(self, table: sa.Table, name: str, party: str) -> bool:
        if self._session.scalar(sa.select(tables.party.c.seq).where(tables.party.c.id == party)) is None:
            raise NotFound(f"There is no party {party!r}.", mend="Register it first.", party=party)
        return self._session.scalar(sa.select(table.c.seq).where(table.c.id == name)) is not None


def _terms(_: Session, rows: Sequence[Row]) -> list[PayoutTerms]:
    return [
        PayoutTerms(
            party=row.party,
            currency=row.currency,
            valid_from=row.valid_from,
            threshold_micros=row.threshold_micros,
            reserve_basis_points=row.reserve_basis_points,
            reserve_periods=row.reserve_periods,
        )
        for row in rows
    ]


def _profiles(_: Session, rows: Sequence[Row]) -> list[TaxProfile]:
    return [
        TaxProfile(
            party=row.party,
            residence=row.residence,
            payer=row.payer,
            basis=row.basis,
            basis_points=row.basis_points,
            valid_from=row.valid_from,
        )
        for row in rows
    ]


PAYOUT_TERMS = FactRows(table=tables.payout_terms, select=sa.select(tables.payout_terms), rebuild=_terms)
TAX_PROFILES = FactRows(table=tables.tax_profile, select=sa.select(tables.tax_profile), rebuild=_profiles)
