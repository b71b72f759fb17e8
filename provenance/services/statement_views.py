"""Closed periods, statements and what lies under their lines as plain JSON objects, for the API and ``--json``."""

from __future__ import annotations

from typing import Any

from provenance.kernel.money import format_micros
from provenance.services.facts import utc
from provenance.services.records import Recorded
from provenance.services.statement_stores import PostedLine
from provenance.services.statements import UnderLine
from provenance.services.views import use_line_view
from provenance.statements.close import PeriodClose
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.statement import Statement
from provenance.statements.subscription import Subscription

View = dict[str, Any]


def close_view(recorded: Recorded[PeriodClose]) -> View:
    """A closed period."""
    close = recorded.fact
    return {
        "period": close.period.name,
        "since": utc(close.period.since),
        "until": utc(close.period.until),
        "closed_by": close.closed_by,
        "closed_at": utc(recorded.recorded_at),
        "statements": close.statements,
        "statements_sha256": close.statements_sha256,
    }


def subscription_view(recorded: Recorded[Subscription]) -> View:
    """Subscription money of a service for a period."""
    stated = recorded.fact
    return {
        "id": stated.id,
        "service": stated.service,
        "period": stated.period.name,
        "currency": stated.money.currency,
        "amount": format_micros(stated.money.micros),
        "transaction": stated.taken_in_by,
        "recorded_at": utc(recorded.recorded_at),
    }


def statement_view(recorded: Recorded[Statement]) -> View:
    """A statement in a list: what it came to, without its lines."""
    statement = recorded.fact
    return {
        "id": statement.id,
        "party": statement.party,
        "period": statement.period.name,
        "currency": statement.currency,
        "opening": format_micros(statement.opening.micros),
        "closing": format_micros(statement.closing.micros),
        "payable": format_micros(statement.payable_micros),
        "lines": len(statement.lines),
        "closed_at": utc(recorded.recorded_at),
    }


def under_line_view(found: UnderLine) -> View:
    """A line and what lies under it; the page's cursor is the caller's."""
    line = found.line
    return {
        "statement": found.statement.id,
        "line": found.number,
        "kind": line.kind.value,
        "amount": format_micros(line.micros),
        "currency": found.statement.currency,
        "count": line.count,
        "rule": line.explanation.rule,
        "inputs": dict(line.explanation.inputs),
        "rounding": line.explanation.rounding,
        "uses": [use_line_view(u) for u in found.uses.items] if found.uses else [],
        "transactions": [_posted(p) for p in found.transactions.items] if found.transactions else [],
    }


def next_after(found: UnderLine) -> int | None:
    """What asks for the rest of what lies under a line."""
    page = found.uses or found.transactions
    return page.next_after if page else None


def payout_terms_view(terms: PayoutTerms) -> View:
    """How a party is paid in a currency, from a day on."""
    return {
        "id": terms.id,
        "party": terms.party,
        "currency": terms.currency,
        "valid_from": terms.valid_from.isoformat(),
        "threshold": format_micros(terms.threshold_micros),
        "reserve_basis_points": terms.reserve_basis_points,
        "reserve_periods": terms.reserve_periods,
    }


def tax_profile_view(profile: TaxProfile) -> View:
    """What is withheld, from a day on, and why."""
    return {
        "id": profile.id,
        "party": profile.party,
        "residence": profile.residence,
        "payer": profile.payer,
        "basis": profile.basis,
        "basis_points": profile.basis_points,
        "valid_from": profile.valid_from.isoformat(),
    }


def _posted(recorded: Recorded[PostedLine]) -> View:
    posted = recorded.fact
    return {
        "transaction": posted.transaction,
        "business_key": posted.business_key,
        "cause": posted.cause,
        "effective_at": utc(posted.effective_at),
        "recorded_at": utc(recorded.recorded_at),
        "corrects": posted.corrects,
        "amount": format_micros(posted.micros),
    }
