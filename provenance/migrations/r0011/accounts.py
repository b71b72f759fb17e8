"""Accounts for payouts: on their way to a party, the cash they are paid from, fees and losses."""

from provenance.migrations.checks import exchange_check

_OF_A_PARTY = "'service_receivable', 'party_payable', 'reserve', 'advance_recoupable'"
_KINDS = (
    "'service_receivable', 'generation_revenue', 'party_payable', 'unattributed_pool', 'held', "
    "'reserve', 'advance_recoupable', 'withholding'"
)


def widen_accounts() -> None:
    """More kinds, one of them of a party."""
    exchange_check(
        "ledger_account",
        "party",
        f"(party IS NOT NULL) = (kind IN ({_OF_A_PARTY}))",
        f"(party IS NOT NULL) = (kind IN ({_OF_A_PARTY}, 'payout_clearing'))",
    )
    exchange_check(
        "ledger_account",
        "kind",
        f"kind IN ({_KINDS})",
        f"kind IN ({_KINDS}, 'payout_clearing', 'payout_cash', 'payout_fees', 'payout_losses')",
    )
