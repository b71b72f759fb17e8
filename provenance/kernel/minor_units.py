"""What can be paid of an amount: whole minor units of its currency (ISO 4217). The rest is carried, never dropped."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.kernel.money import MICROS_PER_UNIT, MicroUnits, Money, check_currency

DECIMALS_USUALLY = 2
# Currencies of ISO 4217, list one, with another number of decimals.
DECIMALS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """What can be paid now: ``minor_units``, worth ``paid``, and the ``residue`` that stays owed: the whole amount."""

    minor_units: int
    paid: Money
    residue: Money

    def __post_init__(self) -> None:
        assert self.paid.currency == self.residue.currency, "one currency"
        assert self.residue.micros < micros_per_minor_unit(self.paid.currency), "less than a minor unit stays"


def decimals_of(currency: str) -> int:
    """Decimals of a currency's minor unit: 2 of USD, 0 of JPY, 3 of KWD. Raises `UnknownCurrency`."""
    return DECIMALS.get(check_currency(currency), DECIMALS_USUALLY)


def micros_per_minor_unit(currency: str) -> int:
    """Micro-units in a minor unit: 10,000 in a cent, 1,000,000 in a yen. Raises `UnknownCurrency`."""
    return int(MICROS_PER_UNIT // 10 ** decimals_of(currency))


def payable(owed: Money) -> Payable:
    """Round what is owed down to whole minor units: no more is paid than is owed, and nothing of a debt."""
    unit = micros_per_minor_unit(owed.currency)
    whole = max(0, owed.micros) // unit
    return Payable(
        minor_units=whole,
        paid=Money(owed.currency, MicroUnits(whole * unit)),
        residue=Money(owed.currency, MicroUnits(owed.micros - whole * unit)),
    )
