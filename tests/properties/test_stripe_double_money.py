"""Whatever is asked of the double, and whatever goes wrong: its money is neither made nor lost."""

from collections import Counter
from contextlib import suppress
from typing import Any

import stripe
from hypothesis import given
from hypothesis import strategies as st

from provenance.stripe_double.core.control import COMMANDS
from provenance.stripe_double.core.faults import OF_EVENTS, FaultKind
from provenance.stripe_double.core.records import BalanceTransaction, Charge, Payout, Topup, Transfer
from provenance.stripe_double.core.world import DAY, Options, World
from provenance.stripe_double.edges.in_process import Double

CURRENCIES = ("usd", "eur", "jpy")
ACCOUNTS = 2
Steps = list[tuple[Any, ...]]

amounts = st.integers(1, 2_000)
which = st.integers(0, 20)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("charge"), amounts, st.sampled_from(CURRENCIES)),
        st.tuples(st.just("topup"), amounts, st.sampled_from(CURRENCIES)),
        st.tuples(st.just("transfer"), amounts, st.sampled_from(CURRENCIES), which, st.sampled_from("abcde")),
        st.tuples(st.just("reverse"), which, st.none() | amounts, st.sampled_from("vwxyz")),
        st.tuples(st.just("payout"), amounts, st.sampled_from(CURRENCIES), which),
        st.tuples(st.just("cancel"), which),
        st.tuples(st.just("fail"), which),
        st.tuples(st.just("advance"), st.integers(0, 5 * DAY)),
        st.tuples(st.just("fault"), st.sampled_from(sorted(set(FaultKind) - OF_EVENTS)), st.integers(0, 3 * DAY)),
        st.tuples(st.just("restrict"), which),
        st.tuples(st.just("onboard"), which),
    ),
    max_size=40,
)


@given(steps=steps, overdraws=st.booleans(), fee=st.sampled_from([0, 290]))
def test_what_came_in_is_what_is_held_and_what_went_out(steps: Steps, *, overdraws: bool, fee: int) -> None:
    double = Double(options=Options(reversal_overdraws=overdraws, charge_fee_basis_points=fee))
    client = double.client()
    accounts = [_account(double, client, interval) for interval in ("manual", "daily")]
    for step in steps:
        with suppress(stripe.StripeError):
            _take(double, client, accounts, step)
        _check(double.world)
    double.advance(60 * DAY)
    _check(double.world)
    assert all(not held.pending for books in double.world.books.values() for held in books.values())


def _account(double: Double, client: stripe.StripeClient, interval: Any) -> str:
    account = client.v1.accounts.create(
        {
            "country": "US",
            "capabilities": {"transfers": {"requested": True}},
            "settings": {"payouts": {"schedule": {"interval": interval}}},
        }
    ).id
    for currency in CURRENCIES:
        double.onboard(account, currency=currency)
    return account


def _take(double: Double, client: stripe.StripeClient, accounts: list[str], step: tuple[Any, ...]) -> None:
    match step:
        case ("charge", amount, currency):
            source = "tok_visa" if amount % 2 else "tok_bypassPending"
            client.v1.charges.create({"amount": amount, "currency": currency, "source": source})
        case ("topup", amount, currency):
            client.v1.topups.create({"amount": amount, "currency": currency})
        case ("transfer", amount, currency, index, key):
            destination = accounts[index % ACCOUNTS]
            client.v1.transfers.create(
                {"amount": amount, "currency": currency, "destination": destination}, {"idempotency_key": key}
            )
        case ("reverse", index, amount, key):
            made = client.v1.transfers.list({"limit": 100}).data or [stripe.Transfer(id="tr_none")]
            params: Any = {"amount": amount} if amount else None
            client.v1.transfers.reversals.create(made[index % len(made)].id, params, {"idempotency_key": key})
        case ("payout" | "cancel", *details, index):
            _of_payouts(double.client(account=accounts[index % ACCOUNTS]), details)
        case _:
            _from_outside(double, accounts, step)


def _of_payouts(mine: stripe.StripeClient, details: list[Any]) -> None:
    """Pay out an amount, or cancel the latest."""
    if details:
        mine.v1.payouts.create({"amount": details[0], "currency": details[1]})
    else:
        latest = mine.v1.payouts.list({"limit": 1}).data
        mine.v1.payouts.cancel(latest[0].id if latest else "po_none")


def _from_outside(double: Double, accounts: list[str], step: tuple[Any, ...]) -> None:
    match step:
        case ("fail", index):
            found = [record.id for record in double.world.objects.values() if isinstance(record, Payout)]
            if found:
                COMMANDS["payouts/fail"](double.world, {"payout": found[index % len(found)]})
        case ("advance", seconds):
            double.advance(seconds)
        case ("fault", kind, seconds):
            double.inject(kind, seconds=seconds)
        case ("restrict" | "onboard" as change, index):
            COMMANDS[f"accounts/{change}"](double.world, {"account": accounts[index % ACCOUNTS]})


def _check(world: World) -> None:
    held: Counter[str] = Counter()
    for books in world.books.values():
        for currency, holding in books.items():
            held[currency] += holding.available + holding.pending
    # What came in and what is out, from the objects alone; what is held, from the balances alone.
    outside: Counter[str] = Counter()
    by_account: Counter[tuple[str, str]] = Counter()
    for record in world.objects.values():
        match record:
            case Charge(source_transfer=None):
                outside[record.currency] += record.amount - world.get(BalanceTransaction, record.transaction).fee
            case Topup(status="succeeded"):
                outside[record.currency] += record.amount
            case Payout(status="pending" | "in_transit" | "paid"):
                outside[record.currency] -= record.amount
            case Transfer():
                assert 0 <= record.reversed_amount <= record.amount
            case BalanceTransaction():
                by_account[record.account, record.currency] += record.net
    assert +held == +outside
    assert -held == -outside
    for (account, currency), net in by_account.items():
        holding = world.books[account][currency]
        assert holding.available + holding.pending == net
        assert account != world.platform or holding.available >= 0
