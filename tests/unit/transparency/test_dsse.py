"""An envelope says what its key signed and nothing else; another's library agrees."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from provenance.adapters.ed25519 import KeyFile, verify
from provenance.kernel.errors import InvalidCheckpoint, Untrusted
from provenance.transparency.dsse import ENVELOPE_BYTES_MAX, envelope, open_envelope, pae, statement
from provenance.transparency.note import ED25519

KEY = KeyFile.from_seed("example.org/log", ED25519, bytes(range(32)))
OTHER = KeyFile.from_seed("example.org/log", ED25519, bytes(32))
SAID = statement("snapshot/ab", "ab" * 32, "urn:x", {"works": 3, "encoder": "水"})


def theirs(key: KeyFile) -> SSlibKey:
    return SSlibKey(key.key.id.hex(), "ed25519", "ed25519", {"public": key.key.public.hex()})


def test_what_was_signed_is_read_again() -> None:
    assert open_envelope(envelope(SAID, KEY), KEY.key, verify) == SAID


def test_the_encoding_is_that_of_the_protocol() -> None:
    # The example of the protocol's text.
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_anothers_library_accepts_it_and_refuses_a_flipped_byte() -> None:
    form = json.loads(envelope(SAID, KEY))
    Envelope.from_dict(json.loads(envelope(SAID, KEY))).verify([theirs(KEY)], 1)
    with pytest.raises(VerificationError):
        Envelope.from_dict(json.loads(envelope(SAID, KEY))).verify([theirs(OTHER)], 1)
    payload = bytearray(base64.b64decode(form["payload"]))
    payload[20] ^= 1
    form["payload"] = base64.b64encode(bytes(payload)).decode()
    with pytest.raises(Untrusted):
        open_envelope(json.dumps(form).encode(), KEY.key, verify)
    with pytest.raises(VerificationError):
        Envelope.from_dict(form).verify([theirs(KEY)], 1)


def test_another_key_is_not_trusted() -> None:
    with pytest.raises(Untrusted):
        open_envelope(envelope(SAID, KEY), OTHER.key, verify)


@pytest.mark.parametrize(
    "bend",
    [
        lambda form: form.update(payloadType="text/plain"),
        lambda form: form.update(payload="!"),
        lambda form: form.update(signatures=[]),
        lambda form: form.update(signatures="none"),
        lambda form: form.pop("payload"),
        lambda form: form.update(payload=base64.b64encode(b"[]").decode()),
        lambda form: form.update(payload=base64.b64encode(b'{"_type": "x"}').decode()),
    ],
)
def test_what_is_no_envelope_is_refused(bend: Callable[[dict[str, Any]], Any]) -> None:
    form = json.loads(envelope(SAID, KEY))
    bend(form)
    with pytest.raises((InvalidCheckpoint, Untrusted)):
        open_envelope(json.dumps(form).encode(), KEY.key, verify)


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"7", b'{"a":' * 5_000, b" " * (ENVELOPE_BYTES_MAX + 1)])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidCheckpoint):
        open_envelope(data, KEY.key, verify)
