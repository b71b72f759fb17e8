"""Amounts, shares and thresholds as they stand in all views."""

from __future__ import annotations

from typing import Any

from provenance.kernel.money import Money, format_micros
from provenance.kernel.parts import WHOLE_PPB, WHOLE_PPM
from provenance.royalties.accrual import OUT_OF_REACH_PPM

View = dict[str, Any]


def threshold_view(threshold_ppm: int | None) -> float | None:
    """The confidence that a use must have to be paid; None where none is asked for, or none would do."""
    return None if threshold_ppm is None or threshold_ppm == OUT_OF_REACH_PPM else threshold_ppm / WHOLE_PPM


def money_view(money: Money) -> View:
    """An amount as a decimal string, so that no reader makes a float of it by accident."""
    return {"amount": format_micros(money.micros), "currency": money.currency}


def share_view(ppb: int) -> str:
    """Parts per billion as a decimal fraction of one: ``"0.250000000"``."""
    return f"{ppb // WHOLE_PPB}.{ppb % WHOLE_PPB:09d}"
