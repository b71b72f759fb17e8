"""Accounts for reserves, advances and withheld tax."""

from provenance.migrations.checks import exchange_check

_KINDS = "'service_receivable', 'generation_revenue', 'party_payable', 'unattributed_pool', 'held'"


def widen_accounts() -> None:
    """More kinds, two of them of a party."""
    exchange_check(
        "ledger_account",
        "party",
        "(party IS NOT NULL) = (kind IN ('service_receivable', 'party_payable'))",
        "(party IS NOT NULL) = (kind IN ('service_receivable', 'party_payable', 'reserve', 'advance_recoupable'))",
    )
    exchange_check(
        "ledger_account",
        "kind",
        f"kind IN ({_KINDS})",
        f"kind IN ({_KINDS}, 'reserve', 'advance_recoupable', 'withholding')",
    )
