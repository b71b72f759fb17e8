"""Tiers, caps, guarantees, advances and schedules: what they refuse, by stable codes, and how they are written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from provenance.kernel.errors import InvalidMoney, InvalidTerms, ProvenanceError, UnknownCurrency
from provenance.kernel.money import MicroUnits, Money
from provenance.sources.licence import FeePerUse, FreeWithCredit, Licence, ShareOfRevenue, check_schedule
from provenance.sources.period_bounds import Advance, PeriodBounds, TermPeriod, Tier
from provenance.sources.terms_text import parse_terms, terms_mapping
from provenance.sources.worker_class import WorkerClass, hosting_of

JAN, MARCH, JUNE = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1)
RATE = ShareOfRevenue(rate_basis_points=2_500)
SHARE = {"kind": "share_of_revenue", "rate_basis_points": 2_500}
FEE = {"kind": "fee_per_use", "fee": {"amount": "0.004000", "currency": "USD"}}


def usd(micros: int) -> Money:
    return Money("USD", MicroUnits(micros))


def amount(text: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": text, "currency": currency}


WHOLE: dict[str, Any] = SHARE | {
    "tiers": [{"from_uses": 1_000, "rate_basis_points": 2_000}, {"from_uses": 5_000, "rate_basis_points": 1_500}],
    "fee_min": amount("0.001000"),
    "period": "quarter",
    "cap": amount("900.000000"),
    "guarantee": amount("50.000000"),
    "advance": {"money": amount("200.000000"), "across_works": True, "basis_points": 5_000},
}


def test_all_that_terms_can_say_is_read_and_written_back() -> None:
    terms = parse_terms(WHOLE)
    assert terms == ShareOfRevenue(
        rate_basis_points=2_500,
        tiers=(Tier(from_uses=1_000, rate_basis_points=2_000), Tier(from_uses=5_000, rate_basis_points=1_500)),
        fee_min=usd(1_000),
        bounds=PeriodBounds(
            period=TermPeriod.QUARTER,
            cap=usd(900_000_000),
            guarantee=usd(50_000_000),
            advance=Advance(money=usd(200_000_000), across_works=True, basis_points=5_000),
        ),
    )
    assert terms_mapping(terms) == WHOLE


@pytest.mark.parametrize("plain", [SHARE, FEE], ids=lambda t: t["kind"])
def test_terms_that_say_no_more_keep_the_form_that_they_had(plain: dict[str, Any]) -> None:
    assert terms_mapping(parse_terms(plain)) == plain


@pytest.mark.parametrize("name", ["tiers", "fee_min", "period", "cap", "guarantee", "advance"])
def test_what_is_null_is_not_set(name: str) -> None:
    assert parse_terms(SHARE | {name: None}) == RATE


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"rate_basis_points": 10_001}, "invalid_terms"),
        ({"tiers": [{"from_uses": 10, "rate_basis_points": 10_001}]}, "invalid_terms"),
        ({"tiers": [{"from_uses": 0, "rate_basis_points": 10}]}, "invalid_terms"),
        (
            {"tiers": [{"from_uses": 10, "rate_basis_points": 9}, {"from_uses": 10, "rate_basis_points": 8}]},
            "tiers_not_ascending",
        ),
        (
            {"tiers": [{"from_uses": 20, "rate_basis_points": 9}, {"from_uses": 10, "rate_basis_points": 8}]},
            "tiers_not_ascending",
        ),
        ({"tiers": [{"from_uses": n + 1, "rate_basis_points": 9} for n in range(21)]}, "invalid_terms"),
        ({"tiers": "none"}, "invalid_terms"),
        ({"tiers": [7]}, "invalid_terms"),
        ({"fee_min": amount("0")}, "invalid_terms"),
        ({"fee_min": amount("10000.000001")}, "invalid_terms"),
        ({"fee_min": amount("0.0000001")}, "invalid_money"),
        ({"cap": amount("1", "XXX")}, "unknown_currency"),
        ({"cap": amount("0")}, "invalid_terms"),
        ({"cap": amount("1"), "fee_min": amount("2")}, "cap_below_minimum"),
        ({"cap": amount("1"), "guarantee": amount("1.000001")}, "cap_below_minimum"),
        ({"cap": amount("1"), "guarantee": amount("1", "EUR")}, "invalid_terms"),
        ({"cap": amount("1"), "fee_min": amount("1", "EUR")}, "invalid_terms"),
        ({"guarantee": amount("-1")}, "invalid_terms"),
        ({"advance": {"money": amount("0")}}, "invalid_terms"),
        ({"advance": {"money": amount("1"), "basis_points": 0}}, "invalid_terms"),
        ({"advance": {"money": amount("1"), "across_works": "yes"}}, "invalid_terms"),
        ({"period": "week"}, "invalid_terms"),
    ],
    ids=str,
)
def test_terms_that_can_not_be_are_refused_by_a_stable_code(stated: dict[str, Any], code: str) -> None:
    with pytest.raises(ProvenanceError) as refused:
        parse_terms(SHARE | stated)
    assert refused.value.code == code


def test_a_cap_lets_at_least_one_use_be_paid() -> None:
    with pytest.raises(InvalidTerms) as refused:
        parse_terms(FEE | {"cap": amount("0.003999")})
    assert refused.value.code == "cap_below_minimum"
    assert parse_terms(FEE | {"cap": amount("0.004000")})


def test_amounts_are_refused_as_all_amounts_are() -> None:
    with pytest.raises(InvalidMoney):
        parse_terms(FEE | {"guarantee": amount("1.0000001")})
    with pytest.raises(UnknownCurrency):
        parse_terms(FEE | {"guarantee": amount("1", "usd")})


@pytest.mark.parametrize(
    ("stated", "what"),
    [
        ({"opt_out_from": JAN}, "starts on"),
        ({"opt_out_from": MARCH, "valid_until": JUNE}, "opts out and ends"),
        ({"most_favoured": True, "terms": FreeWithCredit(credit="x")}, "favours nobody"),
    ],
    ids=str,
)
def test_a_licence_that_contradicts_itself_is_refused(stated: dict[str, Any], what: str) -> None:
    with pytest.raises(InvalidTerms, match=what):
        Licence(**({"terms": RATE, "valid_from": JAN} | stated))


@pytest.mark.parametrize("stated", [{"kind": "oracle"}, {"hosting": "moon"}])
def test_a_class_of_workers_that_there_is_not_is_refused(stated: dict[str, str]) -> None:
    with pytest.raises(InvalidTerms, match="no class of workers"):
        WorkerClass(**stated)


@pytest.mark.parametrize(
    ("region", "hosting"),
    [
        ("on-prem-lyon", "on_premises"),
        ("On_Premises", "on_premises"),
        ("eu-west", "hosted"),
        ("lyon-on-prem", "hosted"),
    ],
)
def test_a_worker_runs_on_premises_where_its_region_says_so(region: str, hosting: str) -> None:
    assert hosting_of(region) == hosting


def licence(valid_from: date, valid_until: date | None = None, territory: str = "*") -> Licence:
    return Licence(terms=RATE, valid_from=valid_from, valid_until=valid_until, territory=territory)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (licence(JAN), licence(MARCH)),
        (licence(JAN, MARCH), licence(MARCH, JUNE)),
        (licence(MARCH), licence(JAN)),
        (licence(JAN), licence(JAN)),
    ],
)
def test_licences_that_are_stated_together_hold_on_no_common_day(one: Licence, other: Licence) -> None:
    with pytest.raises(InvalidTerms) as refused:
        check_schedule([one, other])
    assert refused.value.code == "overlapping_validity"


def test_a_schedule_of_licences_one_after_the_other_stands() -> None:
    check_schedule([licence(MARCH), licence(JAN, date(2026, 2, 28)), licence(JAN, territory="DE")])


def test_a_fee_takes_the_bounds_of_a_period_too() -> None:
    bounds = PeriodBounds(period=TermPeriod.YEAR, guarantee=usd(5))
    assert parse_terms(FEE | {"period": "year", "guarantee": amount("0.000005")}) == FeePerUse(
        fee=usd(4_000), bounds=bounds
    )
