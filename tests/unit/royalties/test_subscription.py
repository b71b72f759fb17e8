"""Subscription money by attributed usage: of the service as a whole, or of each subscriber."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.errors import InvalidInput
from provenance.royalties.subscription import NOBODY, Centre, share_out

# Ann makes one output of w1; Bob nine, each half w2 and half nobody's. Both pay 10.000000.
MONEY = {"ann": 10_000_000, "bob": 10_000_000}
USAGE = {"ann": {"w1": 1_000_000_000}, "bob": {"w2": 4_500_000_000, NOBODY: 4_500_000_000}}


def test_service_centric_money_follows_all_usage() -> None:
    found = share_out(MONEY, USAGE, Centre.SERVICE)
    assert found.works == {"w1": 2_000_000, "w2": 9_000_000}  # 10 % and 45 % of 20.000000
    assert (found.unattributed, found.unused) == (9_000_000, 0)


def test_user_centric_money_follows_each_subscribers_usage() -> None:
    found = share_out(MONEY, USAGE, Centre.USER)
    assert found.works == {"w1": 10_000_000, "w2": 5_000_000}
    assert (found.unattributed, found.unused) == (5_000_000, 0)


def test_the_money_of_a_subscriber_who_used_nothing_is_nobodys_user_centric() -> None:
    found = share_out(MONEY | {"cy": 4_000_000}, USAGE, Centre.USER)
    assert (found.works, found.unused) == ({"w1": 10_000_000, "w2": 5_000_000}, 4_000_000)
    shared = share_out(MONEY | {"cy": 4_000_000}, USAGE, Centre.SERVICE)
    assert (shared.works, shared.unused) == ({"w1": 2_400_000, "w2": 10_800_000}, 0)


def test_money_that_does_not_divide_is_split_by_largest_remainder() -> None:
    found = share_out({"ann": 100}, {"ann": {"x": 1, "y": 1, "z": 1}}, Centre.USER)
    assert found.works == {"x": 34, "y": 33, "z": 33}


@pytest.mark.parametrize(
    ("money", "usage"), [({"ann": -1}, {}), ({"ann": 1}, {"ann": {"w": -1}}), ({"ann": 1}, {"bob": {"w": 1}})], ids=str
)
def test_what_can_not_be_is_refused(money: dict[str, int], usage: dict[str, dict[str, int]]) -> None:
    with pytest.raises(InvalidInput):
        share_out(money, usage, Centre.USER)


_works = st.dictionaries(st.sampled_from([NOBODY, "u", "v", "w"]), st.integers(0, 10**12))
_users = st.dictionaries(st.sampled_from("abcde"), st.tuples(st.integers(0, 10**12), _works), min_size=1)


@given(_users, st.sampled_from(Centre))
def test_no_micro_unit_is_lost(users: dict[str, tuple[int, dict[str, int]]], centre: Centre) -> None:
    money = {user: paid for user, (paid, _) in users.items()}
    found = share_out(money, {user: used for user, (_, used) in users.items()}, centre)
    assert found.total == sum(money.values())
    assert min([*found.works.values(), found.unattributed, found.unused]) >= 0


@given(st.integers(0, 10**12), _works)
def test_one_subscriber_alone_is_the_service(paid: int, used: dict[str, int]) -> None:
    by_user, by_service = (share_out({"a": paid}, {"a": used}, centre) for centre in (Centre.USER, Centre.SERVICE))
    assert (by_user.works, by_user.total) == (by_service.works, by_service.total)
