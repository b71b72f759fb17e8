"""Subscription money by attributed usage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.errors import InvalidInput
from provenance.royalties.subscription import NOBODY, share_out

USAGE = {"w1": 1_000_000_000, "w2": 4_500_000_000, NOBODY: 4_500_000_000}


def test_money_follows_usage_and_the_rest_is_nobodys() -> None:
    found = share_out(20_000_000, USAGE)
    assert found.works == {"w1": 2_000_000, "w2": 9_000_000}  # 10 % and 45 % of 20.000000
    assert found.unattributed == 9_000_000


def test_money_that_does_not_divide_is_split_by_largest_remainder() -> None:
    assert share_out(100, {"x": 1, "y": 1, "z": 1}).works == {"x": 34, "y": 33, "z": 33}


@pytest.mark.parametrize("usage", [{}, {NOBODY: 5}, {"w1": 0}])
def test_where_no_work_was_used_all_is_nobodys(usage: dict[str, int]) -> None:
    found = share_out(7, usage)
    assert (found.works, found.unattributed) == ({}, 7)


@pytest.mark.parametrize(("money", "usage"), [(-1, {"w": 1}), (1, {"w": -1})])
def test_less_than_nothing_is_refused(money: int, usage: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        share_out(money, usage)


@given(st.integers(0, 10**15), st.dictionaries(st.sampled_from([NOBODY, *"abcdef"]), st.integers(0, 10**18)))
def test_no_micro_unit_is_lost_and_none_goes_to_what_was_not_used(money: int, usage: dict[str, int]) -> None:
    found = share_out(money, usage)
    assert found.total == money
    assert all(usage[work] for work in found.works)
