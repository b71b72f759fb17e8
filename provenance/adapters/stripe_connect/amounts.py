"""Amounts as Stripe writes them: not always in ISO 4217's minor unit (docs.stripe.com/currencies, special cases)."""

from __future__ import annotations

from provenance.kernel.errors import UnknownCurrency
from provenance.kernel.money import CURRENCIES

# No decimals by ISO 4217, and written with two all the same: they are always 00.
_WRITTEN_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
# Two decimals by ISO 4217 (it counts in fifths), and written without.
_WRITTEN_WHOLE = frozenset({"MGA"})
# In which steps it pays, in minor units of ISO 4217: the last of three decimals is 0, and some are paid whole.
MULTIPLES = {
    **dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 10),
    **dict.fromkeys(("HUF", "TWD", "MGA"), 100),
}


def to_stripe(currency: str, minor_units: int) -> int:
    """Minor units of ISO 4217 as Stripe writes them; they are a multiple as `MULTIPLES` asks."""
    if currency in _WRITTEN_IN_HUNDREDTHS:
        return minor_units * 100
    return minor_units // 100 if currency in _WRITTEN_WHOLE else minor_units


def from_stripe(currency: str, amount: int) -> int:
    """What Stripe writes as minor units of ISO 4217. A part of one is rounded away from what any payout could be."""
    if currency in _WRITTEN_IN_HUNDREDTHS:
        whole, rest = divmod(amount, 100)
        return whole if not rest else -1
    return amount * 100 if currency in _WRITTEN_WHOLE else amount


def currency_of(written: object) -> str:
    """A currency as Stripe writes it, in capitals. Raises `UnknownCurrency`."""
    code = str(written).upper()[:16]
    if code not in CURRENCIES:
        raise UnknownCurrency(f"{code!r} is not an ISO 4217 currency.", currency=code)
    return code
