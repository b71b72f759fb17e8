"""Form-encoded requests, hostile ones among them."""

from typing import Any

import pytest

from provenance.stripe_double.core.form import FIELDS_MAX, FORM_CHARS_MAX, parse_form
from provenance.stripe_double.core.handle import handle
from provenance.stripe_double.core.refused import Refused
from provenance.stripe_double.core.request import Request, Response
from provenance.stripe_double.core.world import new_world

AUTHORIZED = {"authorization": "Bearer sk_test_1"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a[b][c]=x+y%26", {"a": {"b": {"c": "x y&"}}}),
        ("expand[0]=a&expand[1]=b", {"expand": ["a", "b"]}),
        ("expand[]=a&expand[]=b", {"expand": ["a", "b"]}),
        ("expand%5B0%5D=a", {"expand": ["a"]}),
        ("banks[0][country]=DE&banks[1][country]=FR", {"banks": [{"country": "DE"}, {"country": "FR"}]}),
    ],
)
def test_nested_names_are_nested_values(text: str, found: dict[str, Any]) -> None:
    assert parse_form(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "a=1&a[b]=2",
        "a[b]=2&a=1",
        "[a]=1",
        "a[b=1",
        "a[][b]=1",
        "a" + "[b]" * 7 + "=1",
        "&".join(f"a{n}=1" for n in range(FIELDS_MAX + 1)),
        "a=" + "x" * FORM_CHARS_MAX,
    ],
    ids=["value and hash", "hash and value", "no name", "open", "list of hashes", "deep", "many", "long"],
)
def test_contradictory_and_oversized_forms_are_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_form(text)


@pytest.mark.parametrize(
    "body",
    [
        "amount=5",
        "amount=5&currency=usd&destination[a]=1",
        "amount=5&currency=usd&destination=acct_1&metadata=7",
        "amount=5&currency=usd&destination=acct_1&metadata[a][b]=7",
        "amount=5&currency=usd&destination=acct_1&expand=no-list",
        "amount=5&currency=usd&destination=acct_1&" + "&".join(f"expand[{n}]=destination" for n in range(21)),
        "amount=٥&currency=usd&destination=acct_1",
        "amount=5.0&currency=usd&destination=acct_1",
        "amount=5&currency=usd&destination=acct_1&surprise=1",
        "amount=5&currency=usd&destination=acct_1&" + "&".join(f"metadata[k{n}]=1" for n in range(51)),
    ],
)
def test_a_request_that_makes_no_sense_changes_nothing(body: str) -> None:
    world = new_world()
    answer = handle(world, Request(method="POST", path="/v1/transfers", body=body, headers=AUTHORIZED), 10)
    assert isinstance(answer, Response)
    assert answer.status == 400
    assert not world.lists
    assert not world.books


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/transfers/tr_1", 404),
        ("PUT", "/v1/transfers/tr_1", 404),
        ("GET", "/v1/nothing", 404),
        ("GET", "/" + "a/" * 500, 404),
        ("GET", "/v1/accounts/acct_1/capabilities/transfers/more/and/more/still", 404),
        ("GET", "/v1/balance_transactions/..%2Fbalance", 404),
    ],
)
def test_what_is_not_there_is_not_found(method: str, path: str, status: int) -> None:
    answer = handle(new_world(), Request(method=method, path=path, headers=AUTHORIZED), 10)
    assert isinstance(answer, Response)
    assert answer.status == status
