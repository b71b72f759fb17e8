"""The canonical forms of payouts, and of all that belongs to them."""

from __future__ import annotations

from provenance.kernel.canonical import Json
from provenance.payouts.approval import Approval, approval_form
from provenance.payouts.due import Skipped, refusal_form
from provenance.payouts.event import Event, event_form
from provenance.payouts.leg import Attempt, attempt_form
from provenance.payouts.payee_account import AccountState, PayeeAccount, account_state_form, payee_account_form
from provenance.payouts.payout import Payout, payout_form

PayoutFact = Payout | Skipped | Approval | Attempt | Event | PayeeAccount | AccountState


def describe_payout(fact: PayoutFact) -> tuple[str, str, dict[str, Json]]:
    """The kind, the name and the form of what belongs to payouts."""
    match fact:
        case Payout():
            return "payout", fact.id, payout_form(fact)
        case Skipped():
            return "payout_refusal", fact.id, refusal_form(fact)
        case Approval():
            return "payout_approval", fact.id, approval_form(fact)
        case Attempt():
            return "payout_attempt", fact.key, attempt_form(fact)
        case Event():
            return "payout_event", fact.id, event_form(fact)
        case PayeeAccount():
            return "payee_account", fact.id, payee_account_form(fact)
        case AccountState():
            return "payee_account_state", fact.id, account_state_form(fact)
