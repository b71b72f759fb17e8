"""``expand[]``: ids in an answer replaced by their objects, at most four levels deep, and only where that is known.

Paths are checked before anything is done: a request with one that leads nowhere has no effect.
"""

from __future__ import annotations

from provenance.stripe_double.core.refused import Refused
from provenance.stripe_double.core.shapes import Json, shape
from provenance.stripe_double.core.world import World

DEPTH_MAX = 4
_PAYMENT, _TXN, _PAYOUT, _TRANSFER, _REVERSAL, _REFUND = (
    "charge", "balance_transaction", "payout", "transfer", "transfer_reversal", "refund",
)  # fmt: skip
ANY = "any"  # a transaction's source: one of several
# What each property of an object leads to; properties that are lists are stepped through as well.
EXPANDABLE: dict[str, dict[str, str]] = {
    "account": {"external_accounts": "list:bank_account"},
    "balance_transaction": {"source": ANY},
    "bank_account": {"account": "account"},
    "capability": {"account": "account"},
    "charge": {"balance_transaction": _TXN, "source_transfer": _TRANSFER, "refunds": f"list:{_REFUND}"},
    "payout": {
        "balance_transaction": _TXN,
        "destination": "bank_account",
        "failure_balance_transaction": _TXN,
        "original_payout": _PAYOUT,
        "reversed_by": _PAYOUT,
    },
    "refund": {
        "balance_transaction": _TXN,
        "charge": _PAYMENT,
        "source_transfer_reversal": _REVERSAL,
        "transfer_reversal": _REVERSAL,
    },
    "topup": {"balance_transaction": _TXN},
    "transfer": {
        "balance_transaction": _TXN,
        "destination": "account",
        "destination_payment": _PAYMENT,
        "reversals": f"list:{_REVERSAL}",
        "source_transaction": _PAYMENT,
    },
    "transfer_reversal": {
        "balance_transaction": _TXN,
        "destination_payment_refund": _REFUND,
        "source_refund": _REFUND,
        "transfer": _TRANSFER,
    },
}
# What stands last in a path, and which objects it answers with.
ANSWERS = {
    "account": "account",
    "accounts": "account",
    "balance_transactions": _TXN,
    "cancel": _PAYOUT,
    "capabilities": "capability",
    "charges": _PAYMENT,
    "external_accounts": "bank_account",
    "payouts": _PAYOUT,
    "reject": "account",
    "reversals": _REVERSAL,
    "topups": "topup",
    "transfers": _TRANSFER,
}


def check_paths(method: str, route: str, paths: tuple[str, ...]) -> None:
    """Refuse paths that lead nowhere from what an endpoint (``route`` with ``*`` for ids) answers with.

    Raises:
        Refused: a path is too deep, or leads to what can't be expanded.
    """
    if not paths:
        return
    named = [part for part in route.split("/") if part != "*"][-1]
    kind = ANSWERS.get(named, "")
    if method == "GET" and not route.endswith("*") and named.endswith("s"):
        kind = f"list:{kind}"
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEPTH_MAX:
            raise Refused(f"You cannot expand more than {DEPTH_MAX} levels of a property.", param="expand")
        here = kind
        for step in steps:
            here = _leads_to(here, step)
            if not here:
                raise Refused(f"This property cannot be expanded ({path[:80]}).", param="expand")


def _leads_to(kind: str, step: str) -> str:
    """The kind of object that a step leads to; empty where it leads nowhere."""
    if kind == ANY:
        return ANY
    if kind.startswith("list:"):
        return kind.removeprefix("list:") if step == "data" else ""
    return EXPANDABLE.get(kind, {}).get(step, "")


def expand(world: World, answer: Json, paths: tuple[str, ...]) -> Json:
    """``answer`` with what the checked ``paths`` name expanded, in place."""
    for path in paths:
        here = [answer]
        for step in path.split("."):
            here = [item for parent in here for item in _step(world, parent, step)]
    return answer


def _step(world: World, parent: Json, step: str) -> list[Json]:
    """The objects that a step leads to from one object."""
    value = parent.get(step)
    if isinstance(value, str) and step in EXPANDABLE.get(str(parent.get("object")), ()):
        record = world.objects.get(value)
        if record is not None:
            parent[step] = value = shape(world, record)
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
