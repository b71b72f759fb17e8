"""The entries that a generation's form calls for, computed from the form alone.

Written apart from `royalties.postings` and `royalties.review` on purpose: the check of an export must not repeat a
mistake of the posting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any


def expected_entries(form: Mapping[str, Any]) -> dict[str, int]:
    """Micro-units by account id, debits positive, zeros left out."""
    legs: Counter[str] = Counter()
    home = form["price"]["currency"]
    legs[f"unattributed_pool/{home}"] -= int(form["unattributed"]["micros"])
    for use in form["uses"]:
        if use["held"]:
            legs[f"held/{use['held']['currency']}"] -= int(use["held"]["micros"])
        for accrual in use["accruals"]:
            money = accrual["money"]
            legs[f"party_payable/{accrual['party']}/{money['currency']}"] -= int(money["micros"])
    placed: Counter[str] = Counter()
    for account, micros in legs.items():
        placed[account.rsplit("/", 1)[1]] -= micros
    for currency in {home, *placed}:
        owed = max(int(form["price"]["micros"]) if currency == home else 0, placed[currency])
        legs[f"service_receivable/{form['service']}/{currency}"] += owed
        legs[f"generation_revenue/{currency}"] -= owed - placed[currency]
    return {account: micros for account, micros in legs.items() if micros}


def expected_decline(form: Mapping[str, Any], work: str, *, declined: Collection[str]) -> dict[str, int]:
    """What declining the hold of ``work`` moves, where those of ``declined`` were declined before."""
    before, after = (expected_entries(_as_nobodys(form, works)) for works in (declined, {*declined, work}))
    moved = Counter(after)
    moved.subtract(before)
    return {account: micros for account, micros in moved.items() if micros}


def _as_nobodys(form: Mapping[str, Any], works: Collection[str]) -> dict[str, Any]:
    pooled, uses = int(form["unattributed"]["micros"]), []
    for use in form["uses"]:
        if use["work"] in works:
            part = int(use["price_part"]["micros"]) * form["pool_basis_points"]
            pooled += (2 * part + 10_000) // 20_000  # to the nearest micro-unit, a half upwards
            uses.append({**use, "held": None})
        else:
            uses.append(use)
    return {**form, "uses": uses, "unattributed": {**form["unattributed"], "micros": str(pooled)}}
