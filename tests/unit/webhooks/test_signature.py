"""Signatures, held against the reference verifier of Standard Webhooks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from provenance.kernel.errors import InvalidInput
from provenance.webhooks.signature import (
    OVERLAP,
    SigningSecret,
    secret_from,
    secret_text,
    signed_headers,
    signing,
)

OLD = SigningSecret(key=b"a" * 32, since=datetime(2026, 1, 1, tzinfo=UTC))
NEW = SigningSecret(key=b"b" * 32, since=datetime(2026, 6, 1, tzinfo=UTC))


@given(st.text(), st.binary(min_size=24, max_size=64), st.text("abcdef_0123456789", min_size=1))
def test_the_reference_verifier_takes_every_signature(text: str, key: bytes, message_id: str) -> None:
    body, now = text.encode(errors="replace"), datetime.now(UTC)
    secret = SigningSecret(key=key, since=now)
    headers = signed_headers(message_id, body, [secret], at=now)
    Webhook(secret_text(secret)).verify(body, dict(headers), json_parse=False)


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_it_refuses_what_was_changed(changed: str) -> None:
    now, body = datetime.now(UTC), b'{"type":"x"}'
    headers = dict(signed_headers("event_1", body, [NEW], at=now))
    if changed == "webhook-timestamp":
        headers[changed] = str(int(headers[changed]) + 1)
    elif changed in headers:
        headers[changed] += "0"
    secret = secret_text(OLD if changed == "secret" else NEW)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + (b" " if changed == "body" else b""), headers, json_parse=False)


def test_while_a_secret_is_exchanged_either_one_verifies() -> None:
    now, body = datetime.now(UTC), b"{}"
    both = [SigningSecret(key=OLD.key, since=now - OVERLAP), SigningSecret(key=NEW.key, since=now)]
    headers = dict(signed_headers("event_1", body, signing(both, at=now), at=now))
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in both:
        Webhook(secret_text(secret)).verify(body, headers)


def test_the_secret_before_signs_for_a_day_and_no_longer() -> None:
    assert signing([OLD, NEW], at=NEW.since + OVERLAP - timedelta(seconds=1)) == (NEW, OLD)
    assert signing([OLD, NEW], at=NEW.since + OVERLAP) == (NEW,)
    assert signing([OLD, NEW], at=NEW.since - timedelta(seconds=1)) == (OLD,)


def test_a_known_signature() -> None:
    # The example of the specification's reference implementations.
    secret = secret_from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", since=OLD.since)
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [secret], at=at)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_is_written_and_read_back_and_shown_nowhere(key: bytes) -> None:
    secret = SigningSecret(key=key, since=OLD.since)
    assert secret_from(secret_text(secret), since=OLD.since) == secret
    assert secret_text(secret) not in repr(secret)
    assert repr(key) not in repr(secret)


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_AAAA", "whsec_not base64!", "whsec_" + "A" * 100])
def test_what_is_no_secret_is_refused_without_telling_it(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        secret_from(text, since=OLD.since)
    assert not text or text not in str(refused.value)
