"""Parameters read one by one, each checked as it is taken; what nobody takes is unknown, and refused.

Everything that is refused here can be told from the request alone: the endpoint hasn't begun, so nothing is saved under
the idempotency key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from provenance.kernel.money import CURRENCIES
from provenance.stripe_double.core.form import Params
from provenance.stripe_double.core.refused import Refused

AMOUNT_MAX = 999_999_999_999
TEXT_CHARS_MAX = 5_000
METADATA_KEYS_MAX = 50
METADATA_KEY_CHARS_MAX = 40
METADATA_VALUE_CHARS_MAX = 500
EXPAND_PATHS_MAX = 20
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
# Stripe writes these without decimals of their own with two more digits, which must be zero; those of three decimals
# with a last digit that must be (docs.stripe.com/currencies, special cases).
_HUNDREDS = frozenset({"isk", "ugx"})
_HUNDREDS_PAID_OUT = _HUNDREDS | {"huf", "twd"}
_TENS = frozenset({"bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """Bounds of a time of creation in Unix seconds, both included."""

    first: int | None = None
    last: int | None = None


class Reader:
    """The parameters of one request, taken by name."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._taken = {"expand"}

    def take(self, name: str) -> Any:
        """The raw value: a string, list or dict; None where it wasn't sent."""
        self._taken.add(name)
        return self._params.get(name)

    def text(self, name: str, *, chars_max: int = TEXT_CHARS_MAX) -> str | None:
        """A string. Raises `Refused` where it is nested or too long."""
        value = self.take(name)
        if value is None or (isinstance(value, str) and len(value) <= chars_max):
            return value
        raise Refused(f"Invalid string: {name}", param=name)

    def required(self, name: str, *, chars_max: int = TEXT_CHARS_MAX) -> str:
        """A string that has to be there, and isn't empty."""
        value = self.text(name, chars_max=chars_max)
        if value is None:
            raise Refused(f"Missing required param: {name}.", code="parameter_missing", param=name)
        if not value:
            raise Refused(f"You passed an empty string for '{name}'.", code="parameter_invalid_empty", param=name)
        return value

    def integer(self, name: str) -> int | None:
        """An integer in decimal digits."""
        value = self.text(name)
        if value is None:
            return None
        if not _INTEGER.fullmatch(value):
            raise Refused(f"Invalid integer: {value[:40]}", code="parameter_invalid_integer", param=name)
        return int(value)

    def flag(self, name: str) -> bool | None:
        """``true`` or ``false``."""
        value = self.text(name)
        if value not in (None, "true", "false"):
            raise Refused(f"Invalid boolean: {value[:40]}", param=name)
        return None if value is None else value == "true"

    def choice(self, name: str, *choices: str) -> str | None:
        """One of ``choices``."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise Refused(f"Invalid {name}: must be one of {', '.join(choices)}", param=name)
        return value

    def amount(self, name: str = "amount", *, needed: bool = True) -> int | None:
        """A positive count of minor units."""
        value = self.integer(name)
        if value is None:
            if needed:
                raise Refused(f"Missing required param: {name}.", code="parameter_missing", param=name)
            return None
        if value < 1:
            raise Refused(
                "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=name
            )
        if value > AMOUNT_MAX:
            raise Refused(f"Amount must be no more than {AMOUNT_MAX}.", code="amount_too_large", param=name)
        return value

    def currency(self, name: str = "currency") -> str:
        """An ISO 4217 code, in lower case."""
        value = self.required(name).lower()
        if value.upper() not in CURRENCIES:
            raise Refused(f"Invalid currency: {value[:16]}.", param=name)
        return value

    def money(self, *, paid_out: bool = False) -> tuple[int, str]:
        """``amount`` and ``currency``, checked against each other."""
        amount, currency = self.amount(), self.currency()
        assert amount is not None, "it is needed"
        hundreds = _HUNDREDS_PAID_OUT if paid_out else _HUNDREDS
        unit = 100 if currency in hundreds else 10 if currency in _TENS else 1
        if amount % unit:
            raise Refused(f"Amounts in {currency} must be multiples of {unit}.", param="amount")
        return amount, currency

    def metadata(self) -> dict[str, str] | None:
        """Up to 50 pairs of short strings. An empty string for all of them unsets them."""
        value = self.take("metadata")
        if value is None:
            return None
        if value == "":
            return {}
        if isinstance(value, list):  # names that happen to be numbers
            value = {str(number): item for number, item in enumerate(value)}
        if not isinstance(value, dict):
            raise Refused("Invalid hash: metadata", param="metadata")
        if len(value) > METADATA_KEYS_MAX:
            raise Refused(f"Metadata can have at most {METADATA_KEYS_MAX} keys.", param="metadata")
        for key, item in value.items():
            if not isinstance(item, str) or len(key) > METADATA_KEY_CHARS_MAX or len(item) > METADATA_VALUE_CHARS_MAX:
                raise Refused(f"Invalid metadata: {key[:40]}", param=f"metadata[{key[:40]}]")
        return value

    def nested(self, name: str) -> Reader:
        """A hash of its own, which may be absent; whoever takes it reads it to its end."""
        value = self.take(name)
        if value is None or value == "":
            return Reader({})
        if not isinstance(value, dict):
            raise Refused(f"Invalid hash: {name}", param=name)
        return Reader(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, empty where it wasn't sent."""
        value = self.take(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise Refused(f"Invalid array: {name}", param=name)
        return tuple(value)

    def created(self) -> Created:
        """``created`` as one time, or as bounds ``gt``, ``gte``, ``lt`` and ``lte``."""
        value = self.take("created")
        if value is None:
            return Created()
        if isinstance(value, str):
            at = self.integer("created")
            return Created(first=at, last=at)
        bounds = self.nested("created")
        gt, gte, lt, lte = (bounds.integer(name) for name in ("gt", "gte", "lt", "lte"))
        bounds.end()
        firsts = [at for at in (gte, None if gt is None else gt + 1) if at is not None]
        lasts = [at for at in (lte, None if lt is None else lt - 1) if at is not None]
        return Created(first=max(firsts, default=None), last=min(lasts, default=None))

    def end(self) -> None:
        """Refuse what nobody has taken."""
        if unknown := sorted(self._params.keys() - self._taken):
            name = unknown[0][:80]
            raise Refused(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def expand_paths(params: Params) -> tuple[str, ...]:
    """The paths of ``expand[]``, at most 20. Raises `Refused`."""
    paths = Reader(params).texts("expand")
    if len(paths) > EXPAND_PATHS_MAX:
        raise Refused(f"You can expand at most {EXPAND_PATHS_MAX} properties.", param="expand")
    return paths
