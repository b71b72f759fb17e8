"""Accounts for subscription money and for converting between currencies."""

from provenance.migrations.checks import exchange_check

_KINDS = (
    "'service_receivable', 'generation_revenue', 'party_payable', 'unattributed_pool', 'held',"
    " 'reserve', 'advance_recoupable', 'withholding'"
)


def widen_accounts() -> None:
    """More kinds, none of them of a party."""
    exchange_check(
        "ledger_account", "kind", f"kind IN ({_KINDS})", f"kind IN ({_KINDS}, 'royalty_pool', 'fx_liquidity')"
    )
