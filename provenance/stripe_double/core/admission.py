"""Who asks: a key of test mode, and the account for which it asks. A live key is never taken."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from provenance.stripe_double.core.refused import ErrorType, Refused
from provenance.stripe_double.core.world import World

TEST_KEYS = ("sk_test_", "rk_test_")
KEY_CHARS_MAX = 255


def admit(world: World, headers: Mapping[str, str]) -> str:
    """The account that acts: the platform, or the connected account of the ``Stripe-Account`` header.

    Raises:
        Refused: there is no key, or none that is taken; or the platform has no access to that account.
    """
    key = _key(headers.get("authorization", ""))
    if not key:
        raise Refused("You did not provide an API key.", status=401)
    if not key.startswith(TEST_KEYS) or len(key) > KEY_CHARS_MAX:
        # Nothing of it is repeated: it may be a live one.
        raise Refused("This double takes keys of test mode alone: sk_test_... or rk_test_....", status=401)
    if key in world.revoked:
        raise Refused("Expired API Key provided.", status=401, code="api_key_expired")
    if world.options.check_keys and key not in world.keys:
        raise Refused("Invalid API Key provided.", status=401)
    named = headers.get("stripe-account") or headers.get("stripe-context")
    if not named or named == world.platform:
        return world.platform
    if world.account_of(named) is None:
        raise Refused(
            f"The provided key does not have access to account '{named[:80]}' (or that account does not exist)."
            " Application access may have been revoked.",
            status=403,
            kind=ErrorType.INVALID,
            code="account_invalid",
        )
    return named


def _key(authorization: str) -> str:
    """The key of a bearer, or of basic authentication, where it is the user's name."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode("ascii").partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""
