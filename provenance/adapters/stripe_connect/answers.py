"""Errors of the SDK as outcomes: refused only where it is sure that nothing happened; everything else is unknown.

What Stripe answered once under a key it answers again, failures of its own included
(docs.stripe.com/api/idempotent_requests).
"""

from __future__ import annotations

import re

import stripe

from provenance.kernel.errors import Unavailable
from provenance.payouts.outcome import Contradicted, Refused, Unknown

CODE_CHARS_MAX = 60
# Refusals that may pass: another attempt, under another key, can have an effect.
PASSING = frozenset(
    {"balance_insufficient", "insufficient_funds", "payouts_limit_exceeded", "instant_payouts_limit_exceeded"}
)
# Codes by which an account is of no more use; one word for all of them.
_DEAD = frozenset({"account_closed", "account_invalid", "no_account"})
_CODE = re.compile(r"[a-z0-9_.]{1,60}", re.ASCII)


def outcome_of(error: stripe.StripeError) -> Refused | Unknown | Contradicted:
    """What an error says of a call that changes something."""
    code = code_of(error)
    if isinstance(error, stripe.IdempotencyError):
        return Contradicted(code="another_request_under_the_key")
    if isinstance(error, stripe.PermissionError):
        # An account that left us: nothing can be done there any more. Else it is our key that lacks a permission.
        return Refused(code="account_invalid", permanent=True) if code in _DEAD else Unknown(code="forbidden")
    if isinstance(error, stripe.InvalidRequestError | stripe.CardError) and error.http_status in (400, 402, 404):
        if code == "lock_timeout":
            return Unknown(code=code)
        return Refused(code=code or "refused", permanent=code not in PASSING)
    return Unknown(code=unanswered(error))


def unanswered(error: stripe.StripeError) -> str:
    """Why there is no clear answer, in a word."""
    if isinstance(error, stripe.AuthenticationError):
        return "key_refused"
    if isinstance(error, stripe.RateLimitError):
        return "rate_limited"
    if isinstance(error, stripe.APIConnectionError):
        return "no_answer"
    if error.http_status == 409:
        return "in_use"
    if error.http_status == 404:
        return "not_found"
    return code_of(error) or "provider_failed"


def unavailable(error: stripe.StripeError) -> Unavailable:
    """An error of a call that only a person waits for."""
    why = unanswered(error)
    mend = "Set another key." if why == "key_refused" else "Try again later; look at the provider's dashboard."
    return Unavailable(f"Stripe doesn't do that now: {why}.", mend=mend, provider_code=why)


def code_of(error: stripe.StripeError) -> str:
    """Stripe's code of an error, where it is one that can stand in a record."""
    found = error.error.code if error.error is not None else error.code
    return found if isinstance(found, str) and _CODE.fullmatch(found) else ""
