"""Lists in pages: whole, in order, without gaps or doubles, whatever the limit."""

import pytest
import stripe

from provenance.stripe_double.edges.in_process import Double


@pytest.fixture
def made(double: Double, client: stripe.StripeClient, creator: str) -> list[str]:
    """Eleven transfers, a minute apart, newest first; every third of another group."""
    ids = []
    for number in range(11):
        double.advance(60)
        group = "march" if number % 3 else "april"
        ids.append(
            client.v1.transfers.create(
                {"amount": 1 + number, "currency": "usd", "destination": creator, "transfer_group": group}
            ).id
        )
    return ids[::-1]


@pytest.mark.parametrize("limit", [1, 2, 5, 10, 11, 100])
def test_pages_of_any_size_are_the_whole(client: stripe.StripeClient, made: list[str], limit: int) -> None:
    pages = client.v1.transfers.list({"limit": limit})
    assert [t.id for t in pages.auto_paging_iter()] == made


def test_going_back_meets_the_same(client: stripe.StripeClient, made: list[str]) -> None:
    page = client.v1.transfers.list({"limit": 4, "ending_before": made[8]})
    assert [t.id for t in page.data] == made[4:8]
    assert page.has_more
    page = client.v1.transfers.list({"limit": 4, "ending_before": made[3]})
    assert [t.id for t in page.data] == made[:3]
    assert not page.has_more


def test_filters_hold_on_every_page(client: stripe.StripeClient, made: list[str]) -> None:
    pages = client.v1.transfers.list({"limit": 2, "transfer_group": "april"})
    assert [t.id for t in pages.auto_paging_iter()] == made[1::3]


def test_times_bound_a_list(double: Double, client: stripe.StripeClient, made: list[str]) -> None:
    now = double.now
    between = client.v1.transfers.list({"created": {"gt": now - 180, "lte": now - 60}}).data
    assert [t.id for t in between] == made[1:3]
    assert [t.id for t in client.v1.transfers.list({"created": now}).data] == made[:1]
    assert client.v1.transfers.list({"created": {"gt": now}}).data == []


def test_a_page_ends_where_the_list_does(client: stripe.StripeClient, made: list[str]) -> None:
    page = client.v1.transfers.list({"limit": 5, "starting_after": made[5]})
    assert ([t.id for t in page.data], page.has_more) == (made[6:], False)


@pytest.mark.parametrize("limit", [0, 101, -1])
def test_a_limit_out_of_bounds_is_refused(client: stripe.StripeClient, limit: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.list({"limit": limit})
    assert refused.value.param == "limit"


def test_a_cursor_of_nothing_is_refused(client: stripe.StripeClient, made: list[str], creator: str) -> None:
    for cursor in ("tr_unknown", creator):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.transfers.list({"starting_after": cursor})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.list({"starting_after": made[0], "ending_before": made[1]})
    assert refused.value.code == "parameters_exclusive"


def test_balance_transactions_are_found_by_type_source_and_currency(
    client: stripe.StripeClient, made: list[str]
) -> None:
    found = client.v1.balance_transactions.list({"type": "transfer", "limit": 100}).data
    assert [t.source for t in found] == made
    assert [t.source for t in client.v1.balance_transactions.list({"source": made[4]}).data] == [made[4]]
    assert [t.amount for t in client.v1.balance_transactions.list({"currency": "JPY"}).data] == [90_000]


def test_expanded_lists_carry_their_objects(client: stripe.StripeClient, made: list[str]) -> None:
    [txn] = client.v1.balance_transactions.list({"source": made[0], "expand": ["data.source.destination"]}).data
    assert isinstance(txn.source, stripe.Transfer)
    assert isinstance(txn.source.destination, stripe.Account)
