"""The chart of accounts: kind, party where it has one, currency."""

from __future__ import annotations

import pytest

from provenance.kernel.errors import InvalidInput, UnknownCurrency
from provenance.ledger.accounts import OF_A_PARTY, Account, AccountKind

WITHOUT_PARTY = [
    AccountKind.GENERATION_REVENUE,
    AccountKind.ROYALTY_POOL,
    AccountKind.UNATTRIBUTED_POOL,
    AccountKind.FX_LIQUIDITY,
    AccountKind.HELD,
    AccountKind.WITHHOLDING,
    AccountKind.PAYOUT_CASH,
    AccountKind.PAYOUT_FEES,
    AccountKind.PAYOUT_LOSSES,
]
WITH_PARTY = [
    AccountKind.SERVICE_RECEIVABLE,
    AccountKind.PARTY_PAYABLE,
    AccountKind.RESERVE,
    AccountKind.ADVANCE_RECOUPABLE,
    AccountKind.PAYOUT_CLEARING,
]


def test_services_owe_and_parties_are_owed_under_their_own_names() -> None:
    assert frozenset(WITH_PARTY) == OF_A_PARTY
    assert frozenset(AccountKind) - OF_A_PARTY == frozenset(WITHOUT_PARTY)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (AccountKind.GENERATION_REVENUE, "generation_revenue/USD"),
        (AccountKind.UNATTRIBUTED_POOL, "unattributed_pool/USD"),
        (AccountKind.HELD, "held/USD"),
    ],
)
def test_an_account_of_nobody_is_named_by_kind_and_currency(kind: AccountKind, name: str) -> None:
    assert Account(kind=kind, currency="USD").id == name


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (AccountKind.SERVICE_RECEIVABLE, "service_receivable/studio/EUR"),
        (AccountKind.PARTY_PAYABLE, "party_payable/studio/EUR"),
    ],
)
def test_an_account_of_a_party_is_named_by_kind_party_and_currency(kind: AccountKind, name: str) -> None:
    assert Account(kind=kind, party="studio", currency="EUR").id == name


@pytest.mark.parametrize("kind", WITH_PARTY)
def test_an_account_of_a_party_cannot_do_without_one(kind: AccountKind) -> None:
    with pytest.raises(AssertionError):
        Account(kind=kind, currency="USD")


@pytest.mark.parametrize("kind", WITHOUT_PARTY)
def test_an_account_of_nobody_takes_no_party(kind: AccountKind) -> None:
    with pytest.raises(AssertionError):
        Account(kind=kind, party="ann", currency="USD")


@pytest.mark.parametrize("party", ["Ann", "a/b", "ann/USD", ""])
def test_a_party_that_is_no_slug_has_no_account(party: str) -> None:
    with pytest.raises(InvalidInput, match="not a party id"):
        Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency="USD")


def test_an_account_is_in_one_currency_of_iso_4217() -> None:
    with pytest.raises(UnknownCurrency):
        Account(kind=AccountKind.HELD, currency="XXX")


def test_accounts_sort_by_kind_currency_and_party() -> None:
    bob, ann = (Account(kind=AccountKind.PARTY_PAYABLE, party=p, currency="USD") for p in ("bob", "ann"))
    euro = Account(kind=AccountKind.PARTY_PAYABLE, party="zoe", currency="EUR")
    held = Account(kind=AccountKind.HELD, currency="USD")
    assert sorted([bob, ann, euro, held]) == [held, euro, ann, bob]
