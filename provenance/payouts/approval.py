"""Who has to approve a payout: one person, and two from a limit on. Reads no setting: the limits are arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.canonical import Json
from provenance.kernel.errors import InvalidInput, ProvenanceError
from provenance.kernel.ids import check_party_id, derived_id
from provenance.kernel.money import Money, check_currency, parse_price

ANY = "*"
LIMITS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From which amounts on two people approve, in micro-units by currency; ``"*"`` stands for all others."""

    micros: Mapping[str, int]

    def approvals(self, money: Money) -> int:
        """How many people have to approve an amount: two where no limit is stated for its currency."""
        limit = self.micros.get(money.currency, self.micros.get(ANY))
        return 1 if limit is not None and money.micros < limit else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """That somebody approved a payout. Nobody approves one twice."""

    payout: str
    by: str
    at: datetime

    def __post_init__(self) -> None:
        check_party_id(self.by)

    @property
    def id(self) -> str:
        """It follows from the payout and the person."""
        return derived_id("payout_approval", {"payout": self.payout, "by": self.by})


def parse_limits(text: str) -> Limits:
    """Read ``"USD=1000,JPY=150000,*=500"``: amounts of the main unit.

    Raises:
        InvalidInput: it isn't such a list.
    """
    found: dict[str, int] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        currency, _, amount = part.partition("=")
        try:
            known = currency if currency == ANY else check_currency(currency)
            micros = parse_price(amount, "USD" if known == ANY else known).micros
        except ProvenanceError as error:
            raise _unreadable(part) from error
        if known in found or len(found) >= LIMITS_MAX:
            raise _unreadable(part)
        found[known] = micros
    return Limits(micros=found)


def approval_form(approval: Approval) -> dict[str, Json]:
    """All of it, as its leaf commits to it; its time is when it was recorded."""
    return {"id": approval.id, "payout": approval.payout, "by": approval.by}


def _unreadable(part: str) -> InvalidInput:
    return InvalidInput(
        f"{part[:40]!r} is no limit.", mend='Write "USD=1000,*=500": each currency once.', field="payout_limits"
    )
