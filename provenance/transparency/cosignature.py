"""Cosignatures (C2SP tlog-cosignature, version 1, Ed25519): a witness says when it saw that a log only grew."""

from __future__ import annotations

from provenance.kernel.errors import ForgedSignature
from provenance.transparency.note import COSIGNATURE, SIGNATURE_BYTES, Note, Signature, Signer, VerifierKey, Verify

_TIME_BYTES = 8
_DATA_BYTES = _TIME_BYTES + SIGNATURE_BYTES
SECONDS_MAX = 2**63 - 1


def cosigned_message(text: str, at_seconds: int) -> bytes:
    """What a witness signs: a header, the time (POSIX seconds), and the checkpoint's text."""
    return f"cosignature/v1\ntime {at_seconds}\n{text}".encode()


def cosign(text: str, signer: Signer, *, at_seconds: int) -> Signature:
    """A witness's line under the checkpoint with this text."""
    assert signer.key.type == COSIGNATURE, "a witness's key signs nothing else"
    assert 0 <= at_seconds <= SECONDS_MAX
    data = at_seconds.to_bytes(_TIME_BYTES, "big") + signer.sign(cosigned_message(text, at_seconds))
    return Signature(name=signer.key.name, key_id=signer.key.id, data=data)


def cosigned_at(note: Note, key: VerifierKey, verify: Verify) -> int | None:
    """When the witness says it saw the checkpoint (POSIX seconds, its latest); None where it doesn't say so.

    Raises:
        ForgedSignature: a line names the witness, and isn't its own.
    """
    assert key.type == COSIGNATURE
    latest = None
    for line in note.signatures:
        if not line.names(key):
            continue
        at = int.from_bytes(line.data[:_TIME_BYTES], "big")
        message = cosigned_message(note.text, at)
        fit = len(line.data) == _DATA_BYTES and at <= SECONDS_MAX
        if not fit or not verify(key.public, line.data[_TIME_BYTES:], message):
            raise ForgedSignature(f"{key.name} didn't cosign this.", mend="Ask the witness again.")
        latest = max(at, latest or 0)
    return latest
