"""Licence terms from and to the plain mapping of files, the API and the database."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from provenance.kernel.errors import InvalidMoney, InvalidTerms, UnknownCurrency
from provenance.kernel.money import MicroUnits, Money
from provenance.sources.licence import FeePerUse, FreeWithCredit, NotAllowed, PublicDomain, ShareOfRevenue, Terms
from provenance.sources.terms_text import parse_terms, terms_mapping

EXAMPLES: list[tuple[dict[str, Any], Terms]] = [
    ({"kind": "share_of_revenue", "rate_basis_points": 2_500}, ShareOfRevenue(rate_basis_points=2_500)),
    (
        {"kind": "fee_per_use", "fee": {"amount": "0.004000", "currency": "USD"}},
        FeePerUse(fee=Money("USD", MicroUnits(4_000))),
    ),
    ({"kind": "free_with_credit", "credit": "After Ann"}, FreeWithCredit(credit="After Ann")),
    ({"kind": "not_allowed", "reason": "No machine use."}, NotAllowed(reason="No machine use.")),
    ({"kind": "public_domain", "reason": "First printed in 1609."}, PublicDomain(reason="First printed in 1609.")),
]
KINDS_LISTED = "share_of_revenue, fee_per_use, free_with_credit, not_allowed, public_domain"


@pytest.mark.parametrize(("mapping", "terms"), EXAMPLES)
def test_each_kind_is_read(mapping: dict[str, Any], terms: Terms) -> None:
    assert parse_terms(mapping) == terms


@pytest.mark.parametrize(("mapping", "terms"), EXAMPLES)
def test_each_kind_is_written_as_it_is_read(mapping: dict[str, Any], terms: Terms) -> None:
    assert terms_mapping(terms) == mapping


def test_any_mapping_will_do() -> None:
    assert parse_terms(MappingProxyType(EXAMPLES[0][0])) == EXAMPLES[0][1]


def test_neither_a_refusal_nor_the_public_domain_needs_a_reason() -> None:
    assert parse_terms({"kind": "public_domain"}) == PublicDomain(reason="")
    assert parse_terms({"kind": "not_allowed"}) == NotAllowed(reason="")


@pytest.mark.parametrize("value", [None, "share_of_revenue", ["kind"], 7], ids=repr)
def test_terms_that_are_no_object_are_refused(value: Any) -> None:
    with pytest.raises(InvalidTerms, match="are an object") as refused:
        parse_terms(value)
    assert refused.value.mend == f'Its "kind" is one of {KINDS_LISTED}.'


@pytest.mark.parametrize(
    ("value", "kind"),
    [({}, "None"), ({"kind": "gift"}, "gift"), ({"kind": ["share_of_revenue"]}, "['share_of_revenue']")],
)
def test_an_unknown_kind_is_refused_and_the_known_ones_are_named(value: dict[str, Any], kind: str) -> None:
    with pytest.raises(InvalidTerms) as refused:
        parse_terms(value)
    assert refused.value.message == f"{kind!r} is no kind of terms."
    assert refused.value.mend == f"Use one of {KINDS_LISTED}."


def test_an_unknown_kind_is_quoted_no_further_than_40_characters() -> None:
    with pytest.raises(InvalidTerms) as refused:
        parse_terms({"kind": "z" * 500})
    assert refused.value.message == f"'{'z' * 40}' is no kind of terms."


@pytest.mark.parametrize(
    ("value", "field", "kind"),
    [
        ({"kind": "share_of_revenue"}, "rate_basis_points", "int"),
        ({"kind": "share_of_revenue", "rate_basis_points": "2500"}, "rate_basis_points", "int"),
        ({"kind": "share_of_revenue", "rate_basis_points": 2_500.0}, "rate_basis_points", "int"),
        ({"kind": "share_of_revenue", "rate_basis_points": True}, "rate_basis_points", "int"),
        ({"kind": "fee_per_use"}, "fee", "Mapping"),
        ({"kind": "fee_per_use", "fee": "0.004 USD"}, "fee", "Mapping"),
        ({"kind": "fee_per_use", "fee": {"currency": "USD"}}, "amount", "str"),
        ({"kind": "fee_per_use", "fee": {"amount": 0.004, "currency": "USD"}}, "amount", "str"),
        ({"kind": "fee_per_use", "fee": {"amount": "0.004"}}, "currency", "str"),
        ({"kind": "free_with_credit"}, "credit", "str"),
        ({"kind": "free_with_credit", "credit": None}, "credit", "str"),
        ({"kind": "not_allowed", "reason": None}, "reason", "str"),
    ],
    ids=str,
)
def test_a_field_that_lacks_or_is_of_another_type_is_named(value: dict[str, Any], field: str, kind: str) -> None:
    with pytest.raises(InvalidTerms, match=f"need '{field}', a value of type {kind}") as refused:
        parse_terms(value)
    assert refused.value.data == {"field": field}


@pytest.mark.parametrize("amount", ["four", "0.0000001", "", "1e3"])
def test_a_fee_that_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(InvalidMoney):
        parse_terms({"kind": "fee_per_use", "fee": {"amount": amount, "currency": "USD"}})


def test_a_fee_in_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownCurrency):
        parse_terms({"kind": "fee_per_use", "fee": {"amount": "1", "currency": "XXX"}})


@pytest.mark.parametrize(
    "value",
    [
        {"kind": "share_of_revenue", "rate_basis_points": 0},
        {"kind": "fee_per_use", "fee": {"amount": "0", "currency": "USD"}},
        {"kind": "fee_per_use", "fee": {"amount": "-1", "currency": "USD"}},
        {"kind": "free_with_credit", "credit": "  "},
    ],
    ids=str,
)
def test_terms_that_contradict_themselves_are_refused(value: dict[str, Any]) -> None:
    with pytest.raises(InvalidTerms):
        parse_terms(value)
