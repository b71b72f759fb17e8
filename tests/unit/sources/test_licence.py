"""Licences: what a use costs, and where, when and for what they hold."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from provenance.kernel.errors import InvalidInput, InvalidTerms
from provenance.kernel.money import MicroUnits, Money
from provenance.sources.licence import (
    FeePerUse,
    FreeWithCredit,
    Licence,
    NotAllowed,
    Policy,
    PublicDomain,
    ShareOfRevenue,
    Terms,
)

RATE = ShareOfRevenue(rate_basis_points=2_500)


def licence(**reach: Any) -> Licence:
    return Licence(terms=RATE, **({"valid_from": date(2026, 3, 1)} | reach))


def covers(held: Licence, **use: Any) -> bool:
    defaults: dict[str, Any] = {"on": date(2026, 3, 15), "territory": "DE", "purpose": "advertising"}
    return held.covers(**(defaults | use))


@pytest.mark.parametrize("rate", [1, 2_500, 10_000])
def test_a_rate_is_a_part_of_the_revenue(rate: int) -> None:
    assert ShareOfRevenue(rate_basis_points=rate).rate_basis_points == rate


@pytest.mark.parametrize("rate", [0, -1, 10_001])
def test_a_rate_of_nothing_or_of_more_than_all_is_refused(rate: int) -> None:
    with pytest.raises(InvalidTerms, match=f"A rate of {rate} basis points"):
        ShareOfRevenue(rate_basis_points=rate)


def test_a_fee_is_above_zero() -> None:
    assert FeePerUse(fee=Money("USD", MicroUnits(1))).fee.micros == 1
    for micros in (0, -1):
        with pytest.raises(InvalidTerms, match="is no fee"):
            FeePerUse(fee=Money("USD", MicroUnits(micros)))


@pytest.mark.parametrize("credit", ["", " ", "\t\n"])
def test_a_free_licence_needs_its_credit_line(credit: str) -> None:
    with pytest.raises(InvalidTerms, match="needs the credit line"):
        FreeWithCredit(credit=credit)


@pytest.mark.parametrize(
    ("terms", "policy"),
    [
        (RATE, "pay"),
        (FeePerUse(fee=Money("USD", MicroUnits(1))), "pay"),
        (FreeWithCredit(credit="After Ann"), "track"),
        (NotAllowed(reason=""), "block"),
        (PublicDomain(reason=""), "free"),
    ],
)
def test_each_kind_of_terms_has_its_policy(terms: Terms, policy: str) -> None:
    assert terms.policy is Policy(policy)


def test_a_licence_reaches_everywhere_for_everything_and_for_ever_unless_it_says_otherwise() -> None:
    assert (licence().territory, licence().purpose, licence().valid_until) == ("*", "*", None)
    assert covers(licence())
    assert covers(licence(), territory="JP", purpose="film", on=date(9999, 12, 31))


@pytest.mark.parametrize(
    ("on", "covered"),
    [
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_the_first_and_the_last_day_are_included(on: date, covered: bool) -> None:
    assert covers(licence(valid_until=date(2026, 3, 31)), on=on) is covered


def test_a_licence_may_last_one_day_and_not_end_before_it_starts() -> None:
    assert licence(valid_until=date(2026, 3, 1)).valid_until == date(2026, 3, 1)
    with pytest.raises(InvalidTerms, match="ends on 2026-02-28, before it starts on 2026-03-01"):
        licence(valid_until=date(2026, 2, 28))


@pytest.mark.parametrize(("territory", "covered"), [("DE", True), ("FR", False), ("*", False), ("de", False)])
def test_a_territory_is_covered_by_its_own_name_alone(territory: str, covered: bool) -> None:
    assert covers(licence(territory="DE"), territory=territory) is covered


@pytest.mark.parametrize(("purpose", "covered"), [("advertising", True), ("film", False), ("*", False)])
def test_a_purpose_is_covered_by_its_own_name_alone(purpose: str, covered: bool) -> None:
    assert covers(licence(purpose="advertising"), purpose=purpose) is covered


@pytest.mark.parametrize("use", [{"territory": "FR"}, {"purpose": "film"}, {"on": date(2027, 1, 1)}], ids=str)
def test_a_use_must_lie_within_the_reach_in_every_way(use: dict[str, Any]) -> None:
    narrow = licence(territory="DE", purpose="advertising", valid_until=date(2026, 12, 31))
    assert covers(narrow)
    assert not covers(narrow, **use)


def test_a_use_of_unknown_territory_and_purpose_is_covered_where_the_licence_has_no_limit() -> None:
    assert covers(licence(), territory="*", purpose="*")


@pytest.mark.parametrize("field", ["territory", "purpose"])
@pytest.mark.parametrize("name", ["", " DE", "D\u200bE", "x" * 201], ids=ascii)
def test_a_reach_that_no_generation_could_name_is_refused(field: str, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        licence(**{field: name})
    assert refused.value.data == {"field": field}
