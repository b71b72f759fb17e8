"""The chart of accounts. An account is named by its kind, its party where it has one, and its currency."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provenance.kernel.ids import check_party_id
from provenance.kernel.money import check_currency


class AccountKind(StrEnum):
    """What an account stands for. Debits are positive, credits negative."""

    SERVICE_RECEIVABLE = "service_receivable"  # asset: what a generation service owes
    GENERATION_REVENUE = "generation_revenue"  # income: what is left of the price after royalties
    PARTY_PAYABLE = "party_payable"  # liability: royalties owed to a party
    ROYALTY_POOL = "royalty_pool"  # liability: subscription money that its period's close will share out
    UNATTRIBUTED_POOL = "unattributed_pool"  # liability: the royalty pool's part that no work has a claim on
    HELD = "held"  # liability: set aside for works that are blocked, unlicensed, unclaimed or unsure
    RESERVE = "reserve"  # liability: what is held back of a party's earnings, for a while
    ADVANCE_RECOUPABLE = "advance_recoupable"  # asset: advances to a party that its earnings haven't made up for
    WITHHOLDING = "withholding"  # liability: tax that was withheld, owed to tax offices
    FX_LIQUIDITY = "fx_liquidity"  # what converting took in of a currency, and gave: its other side, in both


OF_A_PARTY = frozenset(
    {
        AccountKind.SERVICE_RECEIVABLE,
        AccountKind.PARTY_PAYABLE,
        AccountKind.RESERVE,
        AccountKind.ADVANCE_RECOUPABLE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Account:
    """An account in one currency; ``party`` is set for the kinds in `OF_A_PARTY`, and for no others."""

    kind: AccountKind
    currency: str
    party: str | None = None

    def __post_init__(self) -> None:
        check_currency(self.currency)
        assert (self.party is not None) == (self.kind in OF_A_PARTY), f"{self.kind} and party {self.party!r}"
        if self.party is not None:
            check_party_id(self.party)

    @property
    def id(self) -> str:
        """``kind/currency`` or ``kind/party/currency``."""
        if self.party is None:
            return f"{self.kind}/{self.currency}"
        return f"{self.kind}/{self.party}/{self.currency}"
