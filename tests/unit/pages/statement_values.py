"""A statement with lines of every kind, and titles in several scripts."""

from datetime import UTC, date, datetime

from provenance.services.statements import StatementSheet
from provenance.statements.accounting_period import parse_accounting_period
from provenance.statements.addition import Addition
from provenance.statements.breakdown import Breakdown, BreakdownRow, Dimension, breakdown_of
from provenance.statements.closing import ToClose, statement_of
from provenance.statements.line import LineKind
from provenance.statements.movement import Movement
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.statement import Carried, ReserveTranche

PERIOD = parse_accounting_period("2026-11")
AT = datetime(2026, 11, 5, 12, 30, 0, 123456, UTC)
CLOSED_AT = datetime(2026, 12, 3, 8, 0, 0, 1, UTC)
TITLES = {
    "work_0": "Ελληνικός τίτλος",
    "work_1": "Über die Brücke — Łódź",
    "work_2": "Русская книга",
    "work_3": "水の本",
    "work_4": "كتاب",
    "work_5": "हिन्दी",
}
FIRST_DAY = date(2026, 1, 1)


def movement(cause: str, micros: int, *, late_from: str | None = None) -> Movement:
    return Movement(cause=cause, micros=micros, count=3, first_at=AT, last_at=AT, late_from=late_from)


def breakdowns(works: int = 14) -> tuple[Breakdown, ...]:
    rows = [BreakdownRow(key=f"work_{n}", micros=1_000_001 * (works - n), uses=n + 1) for n in range(works)]
    whole = sum(r.micros for r in rows)
    two = [BreakdownRow(key="*", micros=whole // 3, uses=5), BreakdownRow(key="DE", micros=whole - whole // 3, uses=6)]
    return tuple(breakdown_of(d, rows if d is Dimension.WORK else two) for d in Dimension)


def sheet(*, party_name: str = "Ann Ångström & Söhne", titles: dict[str, str] | None = None) -> StatementSheet:
    by = breakdowns()
    statement = statement_of(
        ToClose(
            period=PERIOD,
            party="ann",
            currency="USD",
            opening=Carried(
                micros=-1_500_000,
                untaxed_micros=-1_500_000,
                reserves=(
                    ReserveTranche(held_in="2026-09", micros=700_001, release_at=datetime(2026, 12, 1, tzinfo=UTC)),
                    ReserveTranche(held_in="2026-10", micros=800_002, release_at=datetime(2027, 1, 1, tzinfo=UTC)),
                ),
                statement="statement_before",
            ),
            movements=(
                movement("accrual", by[0].micros - 5_000_000),
                movement("accrual", 3_000_000, late_from="2026-10"),
                movement("release", 2_000_000),
                movement("reversal", -40_000),
                movement("exchange", -1_000_000),
                movement("payout", -7),
            ),
            additions=(
                Addition(
                    kind=LineKind.TOPPED_UP,
                    micros=250_000,
                    by_work=(("w1", 250_000),),
                    inputs=(("licence", "lic_9"), ("guarantee", "1.000000")),
                ),
            ),
            advance_micros=3_000_000,
            terms=PayoutTerms(
                party="ann",
                currency="USD",
                valid_from=FIRST_DAY,
                threshold_micros=10_000_000,
                reserve_basis_points=1_000,
                reserve_periods=2,
            ),
            tax=TaxProfile(
                party="ann",
                residence="DE",
                payer="US",
                basis="Treaty DE-US, article 12",
                basis_points=1_500,
                valid_from=FIRST_DAY,
            ),
            breakdowns=by,
        )
    )
    return StatementSheet(
        statement=statement,
        party_name=party_name,
        titles=TITLES if titles is None else titles,
        closed_at=CLOSED_AT,
    )
