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
from provenance.adapters.sql.tables.log import leaf, log_checkpoint, publication, snapshot
from provenance.adapters.sql.tables.overlaps import comparison, overlap
from provenance.adapters.sql.tables.parties import api_key, key_revocation, party
from provenance.adapters.sql.tables.reviews import released, review
from provenance.adapters.sql.tables.statements import (
    payout_terms,
    period_close,
    statement,
    statement_line,
    tax_profile,
)
from provenance.adapters.sql.tables.subscriptions import subscription
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
    "log_checkpoint",
    "match",
    "metadata",
    "overlap",
    "part",
    "party",
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
    "subscription",
    "tax_profile",
    "use_count",
    "withdrawal",
    "work",
    "work_use",
]
