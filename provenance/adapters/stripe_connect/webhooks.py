"""Webhooks of Stripe: the signature is checked over the raw body before a word of it is believed to come from Stripe.

Even then it only says what to look at. The calls of the SDK that make events without checking are banned by a rule of
the linter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import stripe

from provenance.adapters.stripe_connect.amounts import currency_of, from_stripe
from provenance.adapters.stripe_connect.objects import key_of
from provenance.adapters.stripe_connect.provider import NAME
from provenance.kernel.canonical import sha256_hex
from provenance.kernel.errors import InvalidReport, InvalidSignature, ProvenanceError
from provenance.payouts.reported import About, Reported

TOLERANCE_SECONDS = 300
BODY_BYTES_MAX = 256 * 1024
HEADER_CHARS_MAX = 2_000
NAME_CHARS_MAX = 255
_PAYMENTS = ("transfer", "payout", "transfer_reversal")
_ACCOUNTS = ("account.updated", "account.application.deauthorized", "capability.updated")


def verified_report(
    client: stripe.StripeClient, body: bytes, header: str | None, *, secrets: Sequence[str], now: datetime
) -> Reported:
    """The report that a request holds, signed with one of the endpoints' secrets within 5 minutes of ``now``.

    Raises:
        InvalidSignature: nobody with a secret signed it, or too long ago, or for a time to come.
        InvalidReport: it was signed, and is no event.
    """
    if not secrets or len(body) > BODY_BYTES_MAX or len(header or "") > HEADER_CHARS_MAX:
        raise InvalidSignature("The request isn't signed as it has to be.", mend="Send it as Stripe signs it.")
    event = _verified(client, body, header, secrets)
    # The installation's clock decides, and not the SDK's: it also refuses what is signed for a time to come.
    if abs(now.timestamp() - _signed_at(header or "")) > TOLERANCE_SECONDS:
        raise InvalidSignature("The signature is too old.", mend="Send it again; check both clocks.", why="stale")
    try:
        return _report(event, body)
    except (AttributeError, KeyError, TypeError, ValueError, ProvenanceError) as error:
        raise InvalidReport("The request is no event.", mend="Send events of the v1 API.") from error


def _verified(client: stripe.StripeClient, body: bytes, header: str | None, secrets: Sequence[str]) -> stripe.Event:
    for secret in secrets:
        try:
            # Its own tolerance reads the machine's clock: see above.
            return client.construct_event(body, header, secret, tolerance=0)
        except stripe.SignatureVerificationError:
            continue
        except (AttributeError, RecursionError, TypeError, ValueError) as error:  # not JSON, no object, a thin event
            raise InvalidReport("The request is no event.", mend="Send events of the v1 API.") from error
    raise InvalidSignature("The signature isn't of an endpoint's secret.", mend="Set the endpoint's own secret.")


def _signed_at(header: str) -> int:
    """The time of a header that was found to be signed (``t=…,v1=…``)."""
    return next(int(part[2:]) for part in header.split(",") if part.startswith("t="))


def _report(event: stripe.Event, body: bytes) -> Reported:
    found: Any = event.data.object.to_dict()
    account = getattr(event, "account", None)
    about = _about(event.type, str(found["object"]))
    currency, minor_units = _amount(found) if about is About.PAYMENT else (None, None)
    if about is About.PAYMENT and found["object"] == "transfer":
        account = str(found["destination"])
    name = str(account) if about is About.ACCOUNT and account else str(found.get("id") or "")
    return Reported(
        provider=NAME,
        id=_short(event.id),
        type=_short(event.type),
        about=about,
        object=_short(name),
        account=_short(str(account)) if account else None,
        currency=currency,
        minor_units=minor_units,
        key=key_of(found.get("metadata")) if about is About.PAYMENT else None,
        payload_sha256=sha256_hex(body),
    )


def _about(kind: str, of: str) -> About:
    if kind in _ACCOUNTS:
        return About.ACCOUNT
    return About.PAYMENT if of in _PAYMENTS and kind.partition(".")[0] in _PAYMENTS else About.OTHER


def _amount(found: Any) -> tuple[str, int]:
    currency = currency_of(found["currency"])
    return currency, from_stripe(currency, int(found["amount"]))


def _short(text: str) -> str:
    if not 0 < len(text) <= NAME_CHARS_MAX or not text.isprintable():
        raise ValueError("no name")
    return text
