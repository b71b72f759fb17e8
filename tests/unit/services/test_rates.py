"""How a person writes an exchange rate."""

from __future__ import annotations

import pytest

from provenance.kernel.errors import InvalidMoney
from provenance.services.rates import parse_ratio


@pytest.mark.parametrize(
    ("text", "ratio"),
    [("1.0842", (10_842, 10_000)), ("2", (2, 1)), ("10842/10000", (10_842, 10_000)), ("0.000001", (1, 10**6))],
)
def test_a_rate_is_two_integers(text: str, ratio: tuple[int, int]) -> None:
    assert parse_ratio(text) == ratio


@pytest.mark.parametrize(
    "text", ["", "-1", "1.", ".5", "1e3", "1/", "/2", "1.5/2", "one", "1,5", "١.٠", f"0.{'1' * 13}"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(InvalidMoney):
        parse_ratio(text)
