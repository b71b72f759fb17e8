"""The machine's clock and its source of randomness: nothing below reads either."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def random_key_id() -> str:
    """A public name for a key: 12 hexadecimal digits."""
    return secrets.token_hex(6)


def random_signing_key() -> bytes:
    """256 random bits, as they are."""
    return secrets.token_bytes(32)


def random_secret() -> str:
    """256 random bits, in letters and digits."""
    return secrets.token_hex(32)
