"""What terms say of a period, from and to the plain mapping that files, the API and the database share.

{"tiers": [{"from_uses": 1000, "rate_basis_points": 2000}], "fee_min": {"amount": "0.001000", "currency": "USD"},
 "period": "quarter", "cap": {...}, "guarantee": {...},
 "advance": {"money": {...}, "across_works": true, "basis_points": 5000}}

What isn't set has no member: terms without any of it keep the form, and the digest, that they had before there was any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provenance.kernel.canonical import Json
from provenance.kernel.errors import InvalidTerms
from provenance.kernel.money import Money, format_micros, parse_money
from provenance.kernel.parts import WHOLE_BASIS_POINTS
from provenance.sources.period_bounds import TIERS_MAX, Advance, PeriodBounds, TermPeriod, Tier


def field_of(value: Mapping[str, Any], name: str, kind: type) -> Any:
    """A member of that type. Raises `InvalidTerms` where it lacks or is of another."""
    found = value.get(name)
    if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
        raise InvalidTerms(f"The terms need {name!r}, a value of type {kind.__name__}.", field=name)
    return found


def parse_amount(value: Mapping[str, Any], name: str) -> Money:
    """A member that is an amount. Raises `InvalidTerms`, `InvalidMoney` or `UnknownCurrency`."""
    money = field_of(value, name, Mapping)
    return parse_money(field_of(money, "amount", str), field_of(money, "currency", str))


def amount_mapping(money: Money) -> dict[str, Json]:
    """The mapping that `parse_amount` reads back."""
    return {"amount": format_micros(money.micros), "currency": money.currency}


def parse_bounds(value: Mapping[str, Any]) -> PeriodBounds:
    """The bounds of a period. Raises `InvalidTerms`, `InvalidMoney` or `UnknownCurrency`."""
    return PeriodBounds(
        period=_period(value),
        cap=_optional_amount(value, "cap"),
        guarantee=_optional_amount(value, "guarantee"),
        advance=_advance(field_of(value, "advance", Mapping)) if _is_set(value, "advance") else None,
    )


def parse_fee_min(value: Mapping[str, Any]) -> Money | None:
    """The minimum fee of a use, if one is set. Raises as `parse_bounds` does."""
    return _optional_amount(value, "fee_min")


def parse_tiers(value: Mapping[str, Any]) -> tuple[Tier, ...]:
    """The tiers, if any. Raises `InvalidTerms`."""
    if not _is_set(value, "tiers"):
        return ()
    found = value["tiers"]
    if not isinstance(found, Sequence) or isinstance(found, str) or len(found) > TIERS_MAX:
        raise InvalidTerms(f"The tiers are a list of at most {TIERS_MAX}.", field="tiers")
    return tuple(map(_tier, found))


def bounds_mapping(bounds: PeriodBounds) -> dict[str, Json]:
    """The members that `parse_bounds` reads back; those that are set alone."""
    found: dict[str, Json] = {}
    if bounds.period is not TermPeriod.MONTH:
        found["period"] = bounds.period.value
    if bounds.cap is not None:
        found["cap"] = amount_mapping(bounds.cap)
    if bounds.guarantee is not None:
        found["guarantee"] = amount_mapping(bounds.guarantee)
    if (advance := bounds.advance) is not None:
        stated: dict[str, Json] = {"money": amount_mapping(advance.money)}
        if advance.across_works:
            stated["across_works"] = True
        if advance.basis_points != WHOLE_BASIS_POINTS:
            stated["basis_points"] = advance.basis_points
        found["advance"] = stated
    return found


def use_mapping(tiers: Sequence[Tier], fee_min: Money | None) -> dict[str, Json]:
    """The members that `parse_tiers` and `parse_fee_min` read back; those that are set alone."""
    found: dict[str, Json] = {}
    if tiers:
        found["tiers"] = [{"from_uses": t.from_uses, "rate_basis_points": t.rate_basis_points} for t in tiers]
    if fee_min is not None:
        found["fee_min"] = amount_mapping(fee_min)
    return found


def _is_set(value: Mapping[str, Any], name: str) -> bool:
    return value.get(name) is not None


def _optional_amount(value: Mapping[str, Any], name: str) -> Money | None:
    return parse_amount(value, name) if _is_set(value, name) else None


def _period(value: Mapping[str, Any]) -> TermPeriod:
    if not _is_set(value, "period"):
        return TermPeriod.MONTH
    found = field_of(value, "period", str)
    if found not in set(TermPeriod):
        raise InvalidTerms(f"{found[:40]!r} is no period.", mend=f"Use one of {', '.join(TermPeriod)}.", field="period")
    return TermPeriod(found)


def _tier(value: object) -> Tier:
    if not isinstance(value, Mapping):
        raise InvalidTerms(
            "A tier is an object.", mend='Write {"from_uses": 1000, "rate_basis_points": 2000}.', field="tiers"
        )
    return Tier(
        from_uses=field_of(value, "from_uses", int), rate_basis_points=field_of(value, "rate_basis_points", int)
    )


def _advance(value: Mapping[str, Any]) -> Advance:
    return Advance(
        money=parse_amount(value, "money"),
        across_works=field_of(value, "across_works", bool) if _is_set(value, "across_works") else False,
        basis_points=field_of(value, "basis_points", int) if _is_set(value, "basis_points") else WHOLE_BASIS_POINTS,
    )
