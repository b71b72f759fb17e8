"""Claims: the parts of a work's owners, which add up to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from provenance.kernel.errors import InvalidClaims, InvalidInput
from provenance.sources.claim import CLAIMANTS_MAX, Claims

DAY = date(2026, 1, 1)


def claims(basis_points: Mapping[str, int]) -> Claims:
    return Claims(basis_points=basis_points, valid_from=DAY)


@pytest.mark.parametrize(
    "parts",
    [{"ann": 10_000}, {"ann": 9_999, "bob": 1}, {"ann": 3_334, "bob": 3_333, "cy": 3_333}],
    ids=lambda p: f"{len(p)} claimants",
)
def test_claims_that_add_up_to_the_whole_are_kept_as_given(parts: dict[str, int]) -> None:
    assert claims(parts).basis_points == parts
    assert claims(parts).valid_from == DAY


@pytest.mark.parametrize(("parts", "total"), [({"ann": 9_999}, 9_999), ({"ann": 5_000, "bob": 5_001}, 10_001)])
def test_claims_that_add_up_to_something_else_are_refused(parts: dict[str, int], total: int) -> None:
    with pytest.raises(InvalidClaims, match=f"add up to {total} basis points") as refused:
        claims(parts)
    assert refused.value.data == {"total": total}
    assert "must add up to 10000" in refused.value.mend


@pytest.mark.parametrize("part", [0, -1])
def test_a_part_of_zero_or_less_is_refused_though_the_sum_is_right(part: int) -> None:
    with pytest.raises(InvalidClaims, match=f"'bob' claims {part} basis points") as refused:
        claims({"ann": 10_000 - part, "bob": part})
    assert refused.value.data == {"party": "bob"}


def test_a_work_has_at_least_one_claimant() -> None:
    with pytest.raises(InvalidClaims, match="1 to 1000 claimants, not 0"):
        claims({})


def test_a_thousand_claimants_are_allowed_and_one_more_is_not() -> None:
    thousand = {f"p{n}": 10 for n in range(CLAIMANTS_MAX)}
    assert len(claims(thousand).basis_points) == 1_000
    with pytest.raises(InvalidClaims, match="not 1001"):
        claims({"p0": 5, "more": 5, **{f"p{n}": 10 for n in range(1, CLAIMANTS_MAX)}})


@pytest.mark.parametrize("party", ["Ann", "", "a b", "a/b", "ann\u200b"], ids=ascii)
def test_a_claimant_is_named_by_a_party_id(party: str) -> None:
    with pytest.raises(InvalidInput, match="not a party id"):
        claims({party: 10_000})


def test_claims_from_another_day_are_other_claims() -> None:
    assert claims({"ann": 10_000}) == claims({"ann": 10_000})
    assert claims({"ann": 10_000}) != Claims(basis_points={"ann": 10_000}, valid_from=date(2026, 1, 2))
