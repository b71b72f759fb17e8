"""The tables as the stores see them. The migrations make them; a test holds the two against each other.

Rows of a fact carry the ``seq`` of their leaf as primary key, so that no fact can be recorded without one.
"""

from provenance.adapters.sql.tables.columns import metadata
from provenance.adapters.sql.tables.counts import fx_rate, use_count
from provenance.adapters.sql.tables.disputes import (
    dispute,
    dispute_held,
    dispute_hold,
    dispute_part,
    dispute_settled,
    dispute_settlement,
    dispute_step,
)
from provenance.adapters.sql.tables.generations import accrual, attribution, generation, match, part, work_use
from provenance.adapters.sql.tables.ledger import ledger_account, ledger_checkpoint, ledger_entry, ledger_transaction
from provenance.adapters.sql.tables.log import leaf, publication, snapshot
from provenance.adapters.sql.tables.outbound import (
    outbound_delivery,
    outbound_endpoint,
    outbound_event,
    outbound_secret,
    outbound_standing,
    outbound_try,
)
from provenance.adapters.sql.tables.overlaps import comparison, overlap
from provenance.adapters.sql.tables.parties import api_key, key_revocation, party
from provenance.adapters.sql.tables.payees import payee_account, payee_account_state
from provenance.adapters.sql.tables.payouts import (
    payout,
    payout_approval,
    payout_attempt,
    payout_event,
    payout_line,
    payout_refusal,
    webhook_event,
    webhook_outcome,
)
from provenance.adapters.sql.tables.reviews import released, review
from provenance.adapters.sql.tables.statements import (
    payout_terms,
    period_close,
    statement,
    statement_line,
    tax_profile,
)
from provenance.adapters.sql.tables.withdrawals import withdrawal
from provenance.adapters.sql.tables.works import (
    claim_part,
    claims,
    content,
    licence,
    revision,
    revision_vectors,
    work,
)

__all__ = [
    "accrual",
    "api_key",
    "attribution",
    "claim_part",
    "claims",
    "comparison",
    "content",
    "dispute",
    "dispute_held",
    "dispute_hold",
    "dispute_part",
    "dispute_settled",
    "dispute_settlement",
    "dispute_step",
    "fx_rate",
    "generation",
    "key_revocation",
    "leaf",
    "ledger_account",
    "ledger_checkpoint",
    "ledger_entry",
    "ledger_transaction",
    "licence",
    "match",
    "metadata",
    "outbound_delivery",
    "outbound_endpoint",
    "outbound_event",
    "outbound_secret",
    "outbound_standing",
    "outbound_try",
    "overlap",
    "part",
    "party",
    "payee_account",
    "payee_account_state",
    "payout",
    "payout_approval",
    "payout_attempt",
    "payout_event",
    "payout_line",
    "payout_refusal",
    "payout_terms",
    "period_close",
    "publication",
    "released",
    "review",
    "revision",
    "revision_vectors",
    "snapshot",
    "statement",
    "statement_line",
    "tax_profile",
    "use_count",
    "webhook_event",
    "webhook_outcome",
    "withdrawal",
    "work",
    "work_use",
]
