"""Signed envelopes (DSSE, protocol v1.0.2) around statements of in-toto's attestation framework (v1).

What is signed is the payload with its type in front (PAE), so that no signature of an envelope can be taken for one of
anything else. Reads and writes the form; the arithmetic of Ed25519 comes from whoever calls.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from provenance.kernel.canonical import Json, canonical_bytes
from provenance.kernel.errors import InvalidCheckpoint, Untrusted
from provenance.transparency.note import Signer, VerifierKey, Verify

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
ENVELOPE_BYTES_MAX = 1 << 20
SIGNATURES_MAX = 64


def statement(name: str, sha256: str, predicate_type: str, predicate: Mapping[str, Json]) -> dict[str, Json]:
    """That something with a name and a SHA-256 (64 hexadecimal digits) is so: an in-toto statement of one subject."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": sha256}}],
        "predicateType": predicate_type,
        "predicate": dict(predicate),
    }


def envelope(said: Mapping[str, Json], signer: Signer) -> bytes:
    """The statement in an envelope with one signature, as canonical JSON (RFC 8785). The key id is that of the key."""
    payload = canonical_bytes(dict(said))
    signature = signer.sign(pae(PAYLOAD_TYPE, payload))
    signed: Json = [{"keyid": signer.key.id.hex(), "sig": base64.b64encode(signature).decode()}]
    form: Json = {"payload": base64.b64encode(payload).decode(), "payloadType": PAYLOAD_TYPE, "signatures": signed}
    return canonical_bytes(form) + b"\n"


def open_envelope(data: bytes, key: VerifierKey, verify: Verify) -> Mapping[str, Any]:
    """The statement, if the key signed it.

    Raises:
        InvalidCheckpoint: it is no envelope of a statement, or one above a bound.
        Untrusted: no signature of the key is under it, or not a right one.
    """
    if len(data) > ENVELOPE_BYTES_MAX:
        raise _unreadable(f"it has more than {ENVELOPE_BYTES_MAX} bytes")
    try:
        form = json.loads(data)
        kind, payload = str(form["payloadType"]), base64.b64decode(form["payload"], validate=True)
        signatures = [base64.b64decode(s["sig"], validate=True) for s in form["signatures"][:SIGNATURES_MAX]]
        said = json.loads(payload)
        known = kind == PAYLOAD_TYPE and said["_type"] == STATEMENT_TYPE
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise _unreadable("its form is another") from error
    if not known:
        raise _unreadable(f"it is of the type {kind[:80]!r}")
    # A key id is a hint and proves nothing: each signature is tried.
    if not any(verify(key.public, signature, pae(kind, payload)) for signature in signatures):
        raise Untrusted(f"{key.name} didn't sign this.", mend="Name the key that you had from elsewhere.")
    return dict(said)


def pae(payload_type: str, payload: bytes) -> bytes:
    """What is signed: the type and the payload, each with its length in front (DSSE, "Pre-Authentication Encoding")."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _unreadable(why: str) -> InvalidCheckpoint:
    return InvalidCheckpoint(f"This is no signed statement: {why}.", mend="Ask for the file again.")
