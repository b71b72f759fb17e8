"""The unmatched pool at the end of a period: kept, spread by usage, spread equally."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.errors import InvalidInput
from provenance.royalties.pool import PoolPolicy, spread_pool

USAGE = {"w1": 600_000_000, "w2": 300_000_000, "w3": 100_000_000, "w4": 0}


@pytest.mark.parametrize(
    ("policy", "parts", "kept"),
    [
        (PoolPolicy.KEEP, {}, 1_000_001),
        (PoolPolicy.BY_USAGE, {"w1": 600_001, "w2": 300_000, "w3": 100_000}, 0),  # 600,000.6 300,000.3 100,000.1
        (PoolPolicy.EQUALLY, {"w1": 333_334, "w2": 333_334, "w3": 333_333}, 0),  # w4 wasn't used
    ],
)
def test_a_pool_of_one_unit_and_a_micro(policy: PoolPolicy, parts: dict[str, int], kept: int) -> None:
    found = spread_pool(1_000_001, USAGE, policy)
    assert (found.parts, found.kept) == (parts, kept)


@pytest.mark.parametrize("policy", PoolPolicy)
@pytest.mark.parametrize("usage", [{}, {"w1": 0}], ids=str)
def test_all_is_kept_where_nobody_was_used(policy: PoolPolicy, usage: dict[str, int]) -> None:
    assert spread_pool(500, usage, policy).kept == 500


@pytest.mark.parametrize(("pool", "usage"), [(-1, {"w": 1}), (1, {"w": -1})])
def test_a_pool_below_zero_is_refused(pool: int, usage: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        spread_pool(pool, usage, PoolPolicy.BY_USAGE)


@given(
    st.integers(0, 10**15), st.dictionaries(st.text(max_size=3), st.integers(0, 10**12)), st.sampled_from(PoolPolicy)
)
def test_a_pool_is_spread_or_kept_to_the_micro_unit(pool: int, usage: dict[str, int], policy: PoolPolicy) -> None:
    found = spread_pool(pool, usage, policy)
    assert sum(found.parts.values()) + found.kept == pool
    assert min(found.parts.values(), default=0) >= 0
    assert found == spread_pool(pool, dict(reversed(usage.items())), policy)
