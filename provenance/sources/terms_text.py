"""Licence terms from and to the plain mapping that files, the API and the database share.

{"kind": "share_of_revenue", "rate_basis_points": 2500}
{"kind": "fee_per_use", "fee": {"amount": "0.004000", "currency": "USD"}}
{"kind": "free_with_credit", "credit": "..."}
{"kind": "not_allowed", "reason": "..."}
{"kind": "public_domain", "reason": "..."}

The first two may say more of a use and of a period: see `bounds_text`.

A file may state the licence's risk among its terms: "risk_basis_points_max": 100. It belongs to the licence, and stands
in no mapping that is made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provenance.kernel.canonical import Json
from provenance.kernel.errors import InvalidTerms
from provenance.sources.bounds_text import (
    amount_mapping,
    bounds_mapping,
    field_of,
    parse_amount,
    parse_bounds,
    parse_fee_min,
    parse_tiers,
    use_mapping,
)
from provenance.sources.licence import FeePerUse, FreeWithCredit, NotAllowed, PublicDomain, ShareOfRevenue, Terms

KINDS = ("share_of_revenue", "fee_per_use", "free_with_credit", "not_allowed", "public_domain")


def parse_terms(value: Any) -> Terms:
    """Terms from a mapping.

    Raises:
        InvalidTerms: an unknown kind, or a field that is missing or of another type.
        InvalidMoney: an amount isn't one.
    """
    if not isinstance(value, Mapping):
        raise InvalidTerms("Licence terms are an object.", mend=f'Its "kind" is one of {", ".join(KINDS)}.')
    kind = value.get("kind")
    if kind == "share_of_revenue":
        return ShareOfRevenue(
            rate_basis_points=field_of(value, "rate_basis_points", int),
            tiers=parse_tiers(value),
            fee_min=parse_fee_min(value),
            bounds=parse_bounds(value),
        )
    if kind == "fee_per_use":
        return FeePerUse(fee=parse_amount(value, "fee"), bounds=parse_bounds(value))
    if kind == "free_with_credit":
        return FreeWithCredit(credit=field_of(value, "credit", str))
    if kind == "not_allowed":
        return NotAllowed(reason=field_of(value, "reason", str) if "reason" in value else "")
    if kind == "public_domain":
        return PublicDomain(reason=field_of(value, "reason", str) if "reason" in value else "")
    raise InvalidTerms(f"{str(kind)[:40]!r} is no kind of terms.", mend=f"Use one of {', '.join(KINDS)}.")


def parse_risk(value: Mapping[str, Any]) -> int | None:
    """The risk that a mapping of terms states, or None. Raises `InvalidTerms` where it isn't an integer."""
    return field_of(value, "risk_basis_points_max", int) if value.get("risk_basis_points_max") is not None else None


def terms_mapping(terms: Terms) -> dict[str, Json]:
    """The mapping that `parse_terms` reads back."""
    match terms:
        case ShareOfRevenue():
            stated = use_mapping(terms.tiers, terms.fee_min) | bounds_mapping(terms.bounds)
            return {"kind": "share_of_revenue", "rate_basis_points": terms.rate_basis_points, **stated}
        case FeePerUse():
            return {"kind": "fee_per_use", "fee": amount_mapping(terms.fee), **bounds_mapping(terms.bounds)}
        case FreeWithCredit():
            return {"kind": "free_with_credit", "credit": terms.credit}
        case NotAllowed():
            return {"kind": "not_allowed", "reason": terms.reason}
        case PublicDomain():
            return {"kind": "public_domain", "reason": terms.reason}
