"""The SDK's client, as payouts need it: a pinned version of the API, no retries of its own, bounded waits.

The SDK would make a call again by itself; the saga does that, under a key that it has recorded.
"""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import stripe

from provenance.kernel.errors import InvalidInput

API_VERSION = "2026-10-28.endive"
ANSWER_SECONDS_MAX = 30
_TEST_KEYS = ("sk_test_", "rk_test_")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def open_client(key: str, *, api_url: str = "", http_client: stripe.HTTPClient | None = None) -> stripe.StripeClient:
    """A client for a secret key. ``api_url`` leads elsewhere than to Stripe: to a double, which gets no live key.

    Raises:
        InvalidInput: a live key for another address than Stripe's, or an address without TLS that isn't loopback.
    """
    # What the SDK logs may hold what it was sent.
    logging.getLogger("stripe").setLevel(logging.WARNING)
    if api_url:
        _check_address(api_url, key)
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        max_network_retries=0,
        base_addresses={"api": api_url} if api_url else None,
        http_client=http_client or stripe.RequestsClient(timeout=ANSWER_SECONDS_MAX),
    )


def _check_address(api_url: str, key: str) -> None:
    found = urlsplit(api_url)
    if found.scheme != "https" and found.hostname not in _LOOPBACK:
        raise InvalidInput("The address of the API has no TLS.", mend="Use https, or loopback.", field="stripe_api_url")
    if not key.startswith(_TEST_KEYS):
        raise InvalidInput(
            "A live key is sent to Stripe alone.", mend="Use a test key with another address.", field="stripe_api_url"
        )
