"""Worked cases of licence terms: each figure was computed by hand before it was written here."""

from __future__ import annotations

from datetime import date

import pytest

from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.standing import Count, Standing, count_of
from provenance.royalties.terms import explain, royalty
from provenance.sources.licence import FeePerUse, Licence, ShareOfRevenue, Terms
from provenance.sources.period_bounds import PeriodBounds, TermPeriod, Tier

NOVEMBER = date(2026, 11, 1)


def usd(micros: int) -> Money:
    return Money("USD", MicroUnits(micros))


def eur(micros: int) -> Money:
    return Money("EUR", MicroUnits(micros))


def before(uses: int, earned: int = 0) -> Standing:
    return Standing(count=Count(line="w1", period_from=NOVEMBER), uses_before=uses, earned_before=earned)


TIERED = ShareOfRevenue(
    rate_basis_points=3_000,
    tiers=(Tier(from_uses=1_000, rate_basis_points=2_500), Tier(from_uses=10_000, rate_basis_points=2_000)),
)


@pytest.mark.parametrize(
    ("uses", "rate", "owed"),
    [
        (0, 3_000, 7_200),  # the first use: 30 % of 24,000
        (999, 3_000, 7_200),  # the thousandth: 999 came before it
        (1_000, 2_500, 6_000),  # the next one: 25 %
        (9_999, 2_500, 6_000),
        (10_000, 2_000, 4_800),  # 20 %
        (10**9, 2_000, 4_800),
    ],
)
def test_a_tier_holds_from_the_use_on_that_so_many_came_before(uses: int, rate: int, owed: int) -> None:
    found = explain(TIERED, usd(24_000), before(uses))
    assert found is not None
    assert (found.rate_basis_points, found.owed) == (rate, usd(owed))


@pytest.mark.parametrize(
    ("price_part", "owed"),
    [
        (24_000, 6_000),  # 25 % is 6,000, above the minimum of 2,000
        (8_000, 2_000),  # 25 % is the minimum to the unit
        (7_999, 2_000),  # 1,999.75, rounded to 2,000
        (7_000, 2_000),  # 1,750, raised
        (0, 2_000),  # an output that was given away still owes it
    ],
)
def test_a_use_comes_to_the_minimum_fee_at_least(price_part: int, owed: int) -> None:
    terms = ShareOfRevenue(rate_basis_points=2_500, fee_min=usd(2_000))
    assert royalty(terms, usd(price_part)) == usd(owed)


CAPPED = ShareOfRevenue(rate_basis_points=2_500, bounds=PeriodBounds(cap=usd(100_000)))


@pytest.mark.parametrize(
    ("earned", "owed", "cut"),
    [
        (0, 6_000, 0),
        (94_000, 6_000, 0),  # reaches the cap to the unit
        (96_500, 3_500, 2_500),  # reaches it in the middle of the use
        (100_000, 0, 6_000),  # nothing more in this period
    ],
)
def test_the_cap_cuts_the_use_that_reaches_it(earned: int, owed: int, cut: int) -> None:
    found = explain(CAPPED, usd(24_000), before(40, earned))
    assert found is not None
    assert (found.owed, found.cut_micros) == (usd(owed), cut)


def test_a_fee_is_cut_by_the_cap_too() -> None:
    terms = FeePerUse(fee=eur(4_000), bounds=PeriodBounds(cap=eur(10_000)))
    assert [royalty(terms, usd(24_000), before(n, min(4_000 * n, 10_000))) for n in range(4)] == [
        eur(4_000),
        eur(4_000),
        eur(2_000),
        eur(0),
    ]


def test_the_cap_cuts_below_the_minimum_fee() -> None:
    terms = ShareOfRevenue(rate_basis_points=100, fee_min=usd(2_000), bounds=PeriodBounds(cap=usd(5_000)))
    found = explain(terms, usd(24_000), before(2, 4_000))
    assert found is not None  # 1 % is 240, raised to 2,000, cut to the 1,000 that the cap leaves
    assert (found.gross, found.minimum, found.cut_micros, found.owed) == (usd(240), usd(2_000), 1_000, usd(1_000))


def test_amounts_in_another_currency_than_the_price_do_not_apply_and_that_is_said() -> None:
    terms = ShareOfRevenue(rate_basis_points=2_500, fee_min=usd(9_000), bounds=PeriodBounds(cap=usd(9_000)))
    found = explain(terms, eur(24_000), before(0))
    assert found is not None
    assert (found.owed, found.not_applied) == (eur(6_000), ("minimum fee", "cap"))


@pytest.mark.parametrize(
    ("terms", "price_part", "standing", "sentence"),
    [
        (TIERED, usd(24_000), before(0), "30.00 % of 0.024000 USD is 0.007200 USD."),
        (
            TIERED,
            usd(24_000),
            before(1_000),
            "25.00 % (tier from 1000 uses on) of 0.024000 USD is 0.006000 USD.",
        ),
        (
            ShareOfRevenue(rate_basis_points=105, fee_min=usd(2_000), bounds=PeriodBounds(cap=usd(5_000))),
            usd(24_000),
            before(2, 4_000),
            "1.05 % of 0.024000 USD is 0.000252 USD, raised to the minimum fee of 0.002000 USD, "
            "cut by 0.001000 at the period's cap.",
        ),
        (FeePerUse(fee=eur(4_000)), usd(1), before(0), "a fee of 0.004000 EUR a use."),
        (
            CAPPED,
            eur(24_000),
            before(0),
            "25.00 % of 0.024000 EUR is 0.006000 EUR, the cap is in another currency and doesn't apply.",
        ),
    ],
)
def test_an_explanation_says_each_step(terms: Terms, price_part: Money, standing: Standing, sentence: str) -> None:
    found = explain(terms, price_part, standing)
    assert found is not None
    assert found.sentence() == sentence
    assert found.rounding == "nearest_half_up"


@pytest.mark.parametrize(
    ("period", "day", "first"),
    [
        (TermPeriod.MONTH, date(2026, 11, 30), date(2026, 11, 1)),
        (TermPeriod.QUARTER, date(2026, 12, 31), date(2026, 10, 1)),
        (TermPeriod.QUARTER, date(2026, 1, 1), date(2026, 1, 1)),
        (TermPeriod.YEAR, date(2026, 11, 30), date(2026, 1, 1)),
    ],
)
def test_a_period_starts_with_a_calendar_month(period: TermPeriod, day: date, first: date) -> None:
    assert period.starts(day) == first


def test_uses_count_by_work_reach_period_and_currency() -> None:
    licence = Licence(terms=CAPPED, valid_from=NOVEMBER, territory="DE")
    count = count_of("w1", licence, on=date(2026, 11, 20), price_currency="USD")
    assert count is not None
    assert (count.line, count.period_from) == ("w1/DE/*/*.*/month/USD", NOVEMBER)
    assert (
        count_of("w1", Licence(terms=FeePerUse(fee=usd(1)), valid_from=NOVEMBER), on=NOVEMBER, price_currency="USD")
        is None
    )


def test_a_standing_grows_by_one_use_and_what_it_earned() -> None:
    assert before(3, 100).after(25) == before(4, 125)
