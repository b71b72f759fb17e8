"""What a use comes to by its terms, computed from the forms alone.

Written apart from `royalties.terms` on purpose, as `expected_entries` is: the check of an export must not repeat
a mistake of the accrual.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

MICROS_PLACES = 6


def micros_of(money: Mapping[str, Any] | None, currency: str) -> int | None:
    """Micro-units of an amount as terms state it; None where there is none, or it is in another currency."""
    if money is None or money["currency"] != currency:
        return None
    units, _, decimals = str(money["amount"]).partition(".")
    return int(units + decimals.ljust(MICROS_PLACES, "0"))


def expected_royalty(terms: Mapping[str, Any], use: Mapping[str, Any]) -> tuple[str, int] | None:
    """The currency and micro-units that a use owes under terms; None where terms owe nothing.

    Raises:
        ValueError: terms that count uses, and a use that doesn't say what came before it; or unknown terms.
    """
    part, standing = use["price_part"], use.get("standing")
    counts = "cap" in terms or "tiers" in terms
    if counts != (standing is not None):
        raise ValueError(f"the use of {use['work']} says what came before it, or doesn't, against its terms")
    uses_before = standing["uses_before"] if standing else 0
    if terms["kind"] == "share_of_revenue":
        currency, rate = part["currency"], terms["rate_basis_points"]
        for tier in terms.get("tiers", ()):
            if uses_before >= tier["from_uses"]:
                rate = tier["rate_basis_points"]
        owed = (2 * int(part["micros"]) * rate + 10_000) // 20_000  # to the nearest micro-unit, a half upwards
        owed = max(owed, micros_of(terms.get("fee_min"), currency) or 0)
    elif terms["kind"] == "fee_per_use":
        currency = terms["fee"]["currency"]
        owed = micros_of(terms["fee"], currency) or 0
    elif terms["kind"] in ("free_with_credit", "not_allowed", "public_domain"):
        return None
    else:
        raise ValueError(f"the terms {terms['kind']!r} are unknown")
    cap = micros_of(terms.get("cap"), currency)
    if cap is not None and standing:
        owed = min(owed, max(0, cap - int(standing["earned_before"])))
    return currency, owed


def expected_line(licence: Mapping[str, Any], use: Mapping[str, Any], *, on: date) -> tuple[str, str]:
    """The line and the first day under which a licence's uses of that day are counted."""
    terms, workers = licence["terms"], licence.get("workers", {"kind": "*", "hosting": "*"})
    fee = terms.get("fee") or use["price_part"]
    period = terms.get("period", "month")
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    first = date(on.year, (on.month - 1) // months * months + 1, 1)
    parts = (use["work"], licence["territory"], licence["purpose"], f"{workers['kind']}.{workers['hosting']}", period)
    return "/".join((*parts, fee["currency"])), first.isoformat()
