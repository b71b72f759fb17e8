"""Statements computed by hand: amounts as a person writes them, and nothing of the program in between."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from provenance.statements.accounting_period import parse_accounting_period
from provenance.statements.addition import Addition
from provenance.statements.closing import NOTHING, ToClose, statement_of
from provenance.statements.line import LineKind
from provenance.statements.movement import Movement
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.statement import Carried, ReserveTranche, Statement

PARTY = "ann"
START = date(2020, 1, 1)


def micros(amount: str) -> int:
    found = Decimal(amount) * 1_000_000
    assert found == int(found)
    return int(found)


def moved(cause: str, amount: str, *, count: int = 1, late: str | None = None) -> Movement:
    at = datetime(2026, 11, 5, tzinfo=UTC) if late is None else datetime.fromisoformat(f"{late}-05T00:00:00+00:00")
    return Movement(cause=cause, micros=micros(amount), count=count, first_at=at, last_at=at, late_from=late)


def topped_up(amount: int) -> Addition:
    return Addition(
        kind=LineKind.TOPPED_UP, micros=amount, by_work=(("work_1", amount),), inputs=(("licence", "lic_1"),)
    )


@dataclass(frozen=True, kw_only=True)
class Month:
    """What happens in one period, and what its statement must say."""

    period: str = "2026-11"
    moves: tuple[Movement, ...] = ()
    advance: str = "0"  # what is left of advances before the close
    guarantee: str = "0"  # what a guarantee adds
    lines: tuple[tuple[str, str], ...] = ()
    closing: str = "0"
    payable: str = "0"
    untaxed: str = "0"
    reserved: str = "0"
    advance_left: str = "0"


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    months: tuple[Month, ...]
    currency: str = "USD"
    threshold: str = "0"
    reserve: tuple[int, int] = (0, 0)  # basis points, periods
    tax_basis_points: int | None = None
    opening: Carried = field(default=NOTHING)

    def terms(self) -> PayoutTerms:
        rate, periods = self.reserve
        return PayoutTerms(
            party=PARTY,
            currency=self.currency,
            valid_from=START,
            threshold_micros=micros(self.threshold),
            reserve_basis_points=rate,
            reserve_periods=periods,
        )

    def tax(self) -> TaxProfile | None:
        if self.tax_basis_points is None:
            return None
        basis = "Treaty DE-US, article 12"
        return TaxProfile(
            party=PARTY,
            residence="DE",
            payer="US",
            basis=basis,
            basis_points=self.tax_basis_points,
            valid_from=START,
        )

    def statements(self) -> list[tuple[Month, Statement]]:
        found, opening = [], self.opening
        for month in self.months:
            additions = (topped_up(micros(month.guarantee)),) if micros(month.guarantee) else ()
            statement = statement_of(
                ToClose(
                    period=parse_accounting_period(month.period),
                    party=PARTY,
                    currency=self.currency,
                    opening=opening,
                    movements=month.moves,
                    additions=additions,
                    advance_micros=micros(month.advance),
                    terms=self.terms(),
                    tax=self.tax(),
                )
            )
            found.append((month, statement))
            opening = statement.closing
        return found


def carried(amount: str, *, untaxed: str | None = None, reserves: tuple[tuple[str, str, str], ...] = ()) -> Carried:
    """An opening; reserves as (held in, amount, day of release). Untaxed is all of it, unless said otherwise."""
    tranches = tuple(
        ReserveTranche(held_in=h, micros=micros(a), release_at=datetime.fromisoformat(f"{day}T00:00:00+00:00"))
        for h, a, day in reserves
    )
    return Carried(
        micros=micros(amount), untaxed_micros=micros(amount if untaxed is None else untaxed), reserves=tranches
    )
