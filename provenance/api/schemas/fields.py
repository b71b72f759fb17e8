"""What forms share: strict bases, ids, lines of text, days, money, and a page of a list."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from provenance.kernel.errors import InvalidInput
from provenance.kernel.ids import EXTERNAL_ID_CHARS_MAX
from provenance.kernel.money import Money, parse_money, parse_price
from provenance.kernel.parts import WHOLE_BASIS_POINTS

PARTY_ID_CHARS_MAX = 64
AMOUNT_CHARS_MAX = 40
CURRENCY_CHARS_MAX = 16
DAY_CHARS = 10

# Control characters, and those that turn the direction of what follows: a title must read as it is.
_DISGUISING = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

Item = TypeVar("Item")


class Form(BaseModel):
    """What a caller sends: no member that isn't documented, no conversion from another type."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class View(BaseModel):
    """What we answer."""

    model_config = ConfigDict(frozen=True)


class ListOf(View, Generic[Item]):
    """A page of a list, in the order of recording. `next_cursor` asks for the rest; null where this was the end."""

    items: list[Item]
    next_cursor: str | None = Field(examples=["MS53b3Jrcy4xMjM"])


def _amount(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Pydantic takes a ValueError for a bad value; a TypeError would pass it.
        raise ValueError(  # noqa: TRY004
            'An amount is a string such as "0.040000": a JSON number would be rounded on its way.'
        )
    return value


def _day(value: object) -> object:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise ValueError('A day is written as "2026-11-21".')


def one_line(text: str) -> str:
    """The text with runs of white space made one space.

    Raises:
        InvalidInput: it holds control characters, or some that turn the direction of the text.
    """
    if found := _DISGUISING.search(text):
        raise InvalidInput(
            f"The text holds the character U+{ord(found[0]):04X}, which can't be seen.", mend="Leave it out."
        )
    return " ".join(text.split())


Id = Annotated[str, Field(min_length=1, max_length=EXTERNAL_ID_CHARS_MAX)]
PartyId = Annotated[str, Field(min_length=1, max_length=PARTY_ID_CHARS_MAX, examples=["oona-tresker"])]
BasisPoints = Annotated[int, Field(strict=True, ge=1, le=WHOLE_BASIS_POINTS, description="Hundredths of a per cent.")]
Amount = Annotated[
    str,
    BeforeValidator(_amount),
    Field(
        max_length=AMOUNT_CHARS_MAX,
        description="A decimal string with at most six decimals.",
        examples=["0.040000"],
        json_schema_extra={"pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"},
    ),
]
Currency = Annotated[str, Field(max_length=CURRENCY_CHARS_MAX, description="ISO 4217.", examples=["USD"])]
Day = Annotated[
    date,
    BeforeValidator(_day),
    PlainSerializer(date.isoformat, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-11-21"]}),
]
Moment = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-21T08:00:00.000000Z"]})
]
Share = Annotated[str, Field(description="A fraction of one, with nine decimals.", examples=["0.250000000"])]
Unit = Annotated[float, Field(ge=0, le=1)]
SpanPair = Annotated[
    list[int],
    Field(
        min_length=2,
        max_length=2,
        description="Start (included) and end (excluded), in characters.",
        examples=[[0, 42]],
    ),
]


class MoneyForm(Form):
    """An amount of money."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": "0.040000", "currency": "USD"}]})

    amount: Amount
    currency: Currency

    def price(self) -> Money:
        """As a price: raises `InvalidMoney` or `UnknownCurrency`, also below zero."""
        return parse_price(self.amount, self.currency)

    def money(self) -> Money:
        """As any amount: raises `InvalidMoney` or `UnknownCurrency`."""
        return parse_money(self.amount, self.currency)


class MoneyView(View):
    """An amount of money."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": "0.040000", "currency": "USD"}]})

    amount: Amount
    currency: Currency


def example(value: dict[str, Any]) -> ConfigDict:
    """Configuration of a form or view with one example."""
    return ConfigDict(json_schema_extra={"examples": [value]})
