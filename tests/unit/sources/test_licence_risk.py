"""Licences that state a risk: bounds, forms, and what a file may say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from provenance.kernel.errors import InvalidTerms
from provenance.kernel.money import MicroUnits, Money
from provenance.services.facts import describe, leaf
from provenance.services.records import WorkLicence
from provenance.sources.licence import (
    FeePerUse,
    FreeWithCredit,
    Licence,
    NotAllowed,
    PublicDomain,
    ShareOfRevenue,
    Terms,
)
from provenance.sources.terms_text import parse_risk, parse_terms, terms_mapping

DAY, AT = date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)
RATE = ShareOfRevenue(rate_basis_points=2_500)


def recorded(risk: int | None) -> WorkLicence:
    return WorkLicence(
        id="lic_1", work="work_1", number=1, licence=Licence(terms=RATE, valid_from=DAY, risk_basis_points_max=risk)
    )


@pytest.mark.parametrize("terms", [RATE, FeePerUse(fee=Money("USD", MicroUnits(1)))], ids=str)
@pytest.mark.parametrize("risk", [1, 100, 10_000])
def test_a_risk_is_a_part_of_the_money(terms: Terms, risk: int) -> None:
    assert Licence(terms=terms, valid_from=DAY, risk_basis_points_max=risk).risk_basis_points_max == risk


@pytest.mark.parametrize("risk", [0, -1, 10_001, 10**30])
def test_a_risk_of_nothing_or_of_more_than_all_is_refused(risk: int) -> None:
    with pytest.raises(InvalidTerms, match="not a part of the money") as refused:
        Licence(terms=RATE, valid_from=DAY, risk_basis_points_max=risk)
    assert "leave it out" in refused.value.mend


@pytest.mark.parametrize(
    "terms", [FreeWithCredit(credit="Ann"), NotAllowed(reason=""), PublicDomain(reason="")], ids=str
)
def test_where_nothing_is_paid_no_risk_is_stated(terms: Terms) -> None:
    with pytest.raises(InvalidTerms, match="nothing is ever paid"):
        Licence(terms=terms, valid_from=DAY, risk_basis_points_max=100)


def test_a_licence_without_a_risk_keeps_the_leaf_that_it_had_before_there_were_any() -> None:
    form = describe(recorded(None), AT)[2]
    assert "risk_basis_points_max" not in form
    assert describe(recorded(100), AT)[2] == form | {"risk_basis_points_max": 100}
    assert len({leaf(recorded(risk), AT).fact_sha256 for risk in (None, 100, 101)}) == 3


def test_a_file_states_the_risk_among_the_terms_and_the_terms_stay_the_same() -> None:
    mapping: dict[str, Any] = {"kind": "share_of_revenue", "rate_basis_points": 2_500, "risk_basis_points_max": 100}
    assert (parse_terms(mapping), parse_risk(mapping)) == (RATE, 100)
    assert "risk_basis_points_max" not in terms_mapping(RATE)
    assert parse_risk({"kind": "x"}) is parse_risk({"risk_basis_points_max": None}) is None


@pytest.mark.parametrize("risk", ["100", 1.0, True, [], {}], ids=repr)
def test_a_risk_that_is_no_integer_is_refused(risk: Any) -> None:
    with pytest.raises(InvalidTerms, match="risk_basis_points_max"):
        parse_risk({"risk_basis_points_max": risk})
