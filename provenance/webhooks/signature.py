"""Sign messages as Standard Webhooks asks (specification 1.0, "Symmetric signatures"): HMAC-SHA256, scheme ``v1``.

What is signed is ``id.timestamp.body``. Several secrets sign at once, so that a receiver can exchange its own in peace.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from provenance.kernel.errors import InvalidInput

PREFIX = "whsec_"
SECRET_BYTES = 32
SECRET_BYTES_MIN, SECRET_BYTES_MAX = 24, 64
# How long the secret before goes on signing beside the new one.
OVERLAP = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSecret:
    """A secret, and since when it signs. It is shown nowhere, and in no ``repr``: see `secret_text`."""

    key: bytes = field(repr=False)
    since: datetime

    def __post_init__(self) -> None:
        if not SECRET_BYTES_MIN <= len(self.key) <= SECRET_BYTES_MAX:
            raise InvalidInput(f"A signing secret has {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes.", field="secret")


def secret_text(secret: SigningSecret) -> str:
    """The secret as its receiver keeps it: shown once, when it is made."""
    return PREFIX + base64.b64encode(secret.key).decode()


def secret_from(text: str, *, since: datetime) -> SigningSecret:
    """The secret of a text.

    Raises:
        InvalidInput: it is no secret; what it holds isn't told.
    """
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("This is no signing secret.", mend="It starts with whsec_.", field="secret") from error
    return SigningSecret(key=key, since=since)


def signing(secrets: Sequence[SigningSecret], *, at: datetime) -> tuple[SigningSecret, ...]:
    """Which of an endpoint's secrets sign at a time: the newest one, and the one before it for as long as `OVERLAP`."""
    known = sorted((s for s in secrets if s.since <= at), key=lambda s: s.since, reverse=True)
    return tuple(known[:1]) + tuple(s for s in known[1:2] if at < known[0].since + OVERLAP)


def signed_headers(
    message_id: str, body: bytes, secrets: Sequence[SigningSecret], *, at: datetime
) -> Mapping[str, str]:
    """The headers of a message that is sent at a time."""
    assert secrets, "an endpoint has a secret"
    assert "." not in message_id, "the parts of what is signed are told apart by dots"
    timestamp = int(at.timestamp())
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = (
        base64.b64encode(hmac.new(secret.key, content, hashlib.sha256).digest()).decode() for secret in secrets
    )
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
