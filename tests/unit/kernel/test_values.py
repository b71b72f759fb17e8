"""Values of the domain are frozen and hold no field beside their own; all but three are made by keyword alone."""

from __future__ import annotations

import dataclasses
import functools
from types import ModuleType

import pytest

from provenance.kernel import money, span
from provenance.ledger import accounts, balance, transaction
from provenance.royalties import accrual
from provenance.sources import claim, document, licence, party, work
from provenance.transparency import leaf, merkle
from provenance.workers import generation, worker

MODULES: list[ModuleType] = [money, span, accounts, balance, transaction, accrual, claim, document, licence, party]
MODULES += [work, leaf, merkle, generation, worker]
BY_POSITION = {"Money", "Span", "Tree"}
WORKED_OUT = {"Generation": {"id", "payload_digest"}}  # asked for several times a request
VALUES: list[type] = [
    c
    for m in MODULES
    for c in vars(m).values()
    if isinstance(c, type) and dataclasses.is_dataclass(c) and c.__module__ == m.__name__
]


def test_every_value_of_the_domain_is_looked_at() -> None:
    assert len({c.__name__ for c in VALUES}) == len(VALUES) >= 28


@pytest.mark.parametrize(
    "constant", [money.CURRENCIES, accounts.OF_A_PARTY, accrual.HELD_OUTCOMES, leaf.KINDS], ids=len
)
def test_a_set_that_the_domain_goes_by_cannot_be_changed(constant: object) -> None:
    assert isinstance(constant, frozenset)


@pytest.mark.parametrize("value", VALUES, ids=lambda c: c.__name__)
def test_a_value_is_frozen(value: type) -> None:
    assert vars(value)["__dataclass_params__"].frozen


@pytest.mark.parametrize("value", VALUES, ids=lambda c: c.__name__)
def test_a_value_holds_its_fields_and_no_other(value: type) -> None:
    names = tuple(f.name for f in dataclasses.fields(value))
    if value.__name__ in WORKED_OUT:
        # What follows from the fields is kept beside them; nothing else can be put there.
        assert vars(value)["__dataclass_params__"].frozen
        assert {n for n, v in vars(value).items() if isinstance(v, functools.cached_property)} == WORKED_OUT[
            value.__name__
        ]
    else:
        assert vars(value)["__slots__"] == names


@pytest.mark.parametrize("value", VALUES, ids=lambda c: c.__name__)
def test_a_value_is_made_by_keyword_unless_its_order_is_plain(value: type) -> None:
    assert all(f.kw_only is (value.__name__ not in BY_POSITION) for f in dataclasses.fields(value))


@pytest.mark.parametrize("value", VALUES, ids=lambda c: c.__name__)
def test_only_what_is_sorted_has_an_order(value: type) -> None:
    assert vars(value)["__dataclass_params__"].order is (value.__name__ in {"Span", "Account"})
