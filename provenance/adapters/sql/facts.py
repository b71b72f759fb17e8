"""Facts of a period, rebuilt from their rows so that each has the digest of its leaf."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from provenance.adapters.sql.books import TRANSACTIONS
from provenance.adapters.sql.counts import RATES
from provenance.adapters.sql.dispute_rows import DISPUTES, HOLDS, SETTLEMENTS, STEPS
from provenance.adapters.sql.generations_read import GENERATIONS
from provenance.adapters.sql.overlaps import OVERLAPS
from provenance.adapters.sql.parties import KEYS_AS_MADE, PARTIES, REVOCATIONS
from provenance.adapters.sql.payee_accounts import ACCOUNT_STATES, PAYEE_ACCOUNTS
from provenance.adapters.sql.payees import PAYOUT_TERMS, TAX_PROFILES
from provenance.adapters.sql.payout_rows import APPROVALS, ATTEMPTS, EVENTS, PAYOUTS, REFUSALS
from provenance.adapters.sql.reading import PAGE_MAX, FactRows
from provenance.adapters.sql.reviews import REVIEWS
from provenance.adapters.sql.revisions import REVISIONS
from provenance.adapters.sql.rights import CLAIMS, LICENCES
from provenance.adapters.sql.session import Session
from provenance.adapters.sql.snapshots import SNAPSHOTS
from provenance.adapters.sql.statements import CLOSES, STATEMENTS
from provenance.adapters.sql.subscriptions import SUBSCRIPTIONS
from provenance.adapters.sql.withdrawals import WITHDRAWALS
from provenance.adapters.sql.works import WORKS
from provenance.services.facts import Fact

BY_KIND: Mapping[str, FactRows[Any]] = {
    "party": PARTIES,
    "key": KEYS_AS_MADE,
    "key_revocation": REVOCATIONS,
    "work": WORKS,
    "revision": REVISIONS,
    "claims": CLAIMS,
    "licence": LICENCES,
    "withdrawal": WITHDRAWALS,
    "snapshot": SNAPSHOTS,
    "overlap": OVERLAPS,
    "generation": GENERATIONS,
    "transaction": TRANSACTIONS,
    "review": REVIEWS,
    "payout_terms": PAYOUT_TERMS,
    "tax_profile": TAX_PROFILES,
    "statement": STATEMENTS,
    "period_close": CLOSES,
    "subscription": SUBSCRIPTIONS,
    "fx_rate": RATES,
    "dispute": DISPUTES,
    "dispute_step": STEPS,
    "dispute_hold": HOLDS,
    "dispute_settlement": SETTLEMENTS,
    "payee_account": PAYEE_ACCOUNTS,
    "payee_account_state": ACCOUNT_STATES,
    "payout": PAYOUTS,
    "payout_approval": APPROVALS,
    "payout_attempt": ATTEMPTS,
    "payout_event": EVENTS,
    "payout_refusal": REFUSALS,
}


class SqlFacts:
    """Implements the port `FactReader`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def facts(self, kind: str, since: datetime, until: datetime) -> Iterator[tuple[Fact, datetime]]:
        """Facts of a leaf's kind recorded from ``since`` on and before ``until``, in order of recording."""
        return BY_KIND[kind].stream(self._session, since, until)

    def loose_rows(self) -> Iterator[str]:
        """What is wrong with rows that name what isn't there, or stand under another leaf than their fact's."""
        from provenance.adapters.sql.copied_columns import copied_columns
        from provenance.adapters.sql.loose_rows import loose_rows

        return chain(loose_rows(self._session), copied_columns(self._session))

    def numbered(self, kind: str, numbers: Sequence[int]) -> Mapping[int, tuple[Fact, datetime]]:
        """Facts of a kind by the numbers of their leaves, with the time of recording; at most a page of them."""
        assert len(numbers) <= PAGE_MAX
        found = BY_KIND[kind].all(self._session, BY_KIND[kind].table.c.seq.in_(numbers)) if numbers else ()
        return {recorded.seq: (recorded.fact, recorded.recorded_at) for recorded in found}
