"""The royalty that an export's check computes by itself is the one that was accrued, for any terms and any standing."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.standing import NOTHING_BEFORE, Count, Standing, count_of
from provenance.royalties.terms import explain
from provenance.services.expected_royalty import expected_line, expected_royalty
from provenance.services.facts import money_form, standing_form
from provenance.sources.licence import FeePerUse, Licence, ShareOfRevenue
from provenance.sources.period_bounds import PeriodBounds, TermPeriod, Tier
from provenance.sources.terms_text import parse_terms, terms_mapping
from provenance.sources.worker_class import WorkerClass

rates = st.integers(1, 10_000)
small, large = st.integers(1, 1_000), st.integers(1, 10**10)


def money(micros: int, currency: str = "USD") -> Money:
    return Money(currency, MicroUnits(micros))


@st.composite
def bounds(draw: st.DrawFn, *, cap_min: int = 1) -> PeriodBounds:
    cap = draw(st.none() | st.integers(cap_min, cap_min + 10**6) | st.integers(cap_min, 10**12))
    return PeriodBounds(period=draw(st.sampled_from(TermPeriod)), cap=money(cap) if cap else None)


@st.composite
def paying(draw: st.DrawFn) -> ShareOfRevenue | FeePerUse:
    least = draw(st.none() | small | large)
    bounded = draw(bounds(cap_min=least or 1))
    if least and draw(st.booleans()):
        return FeePerUse(fee=money(least), bounds=bounded)
    starts = sorted(draw(st.sets(st.integers(1, 100), max_size=4)))
    return ShareOfRevenue(
        rate_basis_points=draw(rates),
        tiers=tuple(Tier(from_uses=start, rate_basis_points=draw(rates)) for start in starts),
        fee_min=money(least) if least else None,
        bounds=bounded,
    )


@given(
    terms=paying(),
    part=st.integers(0, 100) | st.integers(0, 10**12),
    currency=st.sampled_from(["USD", "EUR"]),
    uses=st.integers(0, 110),
    earned=st.integers(0, 10**6) | st.integers(0, 10**12),
    day=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    hosting=st.sampled_from(["*", "hosted"]),
)
def test_the_check_and_the_accrual_agree(
    terms: ShareOfRevenue | FeePerUse, part: int, currency: str, uses: int, earned: int, day: date, hosting: str
) -> None:
    assert parse_terms(terms_mapping(terms)) == terms
    licence = Licence(terms=terms, valid_from=date(2020, 1, 1), workers=WorkerClass(hosting=hosting))
    price_part = money(part, currency)
    count = count_of("w", licence, on=day, price_currency=currency)
    standing = Standing(count=count, uses_before=uses, earned_before=earned) if count else None
    explained = explain(terms, price_part, standing or NOTHING_BEFORE)
    assert explained is not None
    use = {"work": "w", "price_part": money_form(price_part)}
    if standing is not None:
        use["standing"] = standing_form(standing)
    found = expected_royalty(terms_mapping(terms), use)
    assert found == (explained.owed.currency, explained.owed.micros)
    if count is not None:
        form = {"terms": terms_mapping(terms), "territory": "*", "purpose": "*"}
        form |= {"workers": {"kind": "*", "hosting": hosting}}
        line, first = expected_line(form, use, on=day)
        assert Count(line=line, period_from=date.fromisoformat(first)) == count
