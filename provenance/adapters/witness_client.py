"""Ask witnesses for their cosignatures over HTTP (C2SP tlog-witness), each with what it has seen last."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from provenance.kernel.errors import ForkedLog, InvalidProof, Unavailable, Untrusted
from provenance.transparency.checkpoint import SignedCheckpoint
from provenance.transparency.cosignature import cosigned_at
from provenance.transparency.note import NOTE_BYTES_MAX, Note, Signature, Verify, signatures_of
from provenance.transparency.policy import Witness
from provenance.transparency.witnessing import Request

SECONDS_MAX = 10.0
TRIES_MAX = 3
_OK, _CONFLICT, _UNPROCESSABLE = 200, 409, 422

# The proof that the log of this checkpoint only adds to its first so many leaves.
Consistency = Callable[[int], tuple[bytes, ...]]


def cosignature(
    witness: Witness, checkpoint: SignedCheckpoint, prove: Consistency, verify: Verify, *, client: httpx.Client
) -> Signature:
    """The witness's line under the checkpoint.

    Raises:
        ForkedLog, InvalidProof: the witness has seen another history of the log.
        Untrusted: it answers with something else than its own cosignature.
        Unavailable: it can't be reached, or refuses for a reason of its own.
    """
    old = 0
    for _ in range(TRIES_MAX):
        path = prove(old)
        body = Request(old=old, path=path, checkpoint=checkpoint.note.whole.encode()).body
        status, text = _post(witness, body, client)
        if status == _OK:
            return _own(witness, checkpoint, text, verify)
        seen = text.strip()
        if status == _UNPROCESSABLE:
            raise InvalidProof(f"{witness.key.name} has seen another history.", mend="Ask it for its checkpoint.")
        if status != _CONFLICT:
            raise _unavailable(witness, f"it answers {status}")
        if not (seen.isascii() and seen.isdigit()) or int(seen) > checkpoint.size or int(seen) == old:
            raise ForkedLog(
                f"{witness.key.name} has seen another log, or a later checkpoint.", mend="Ask it for its checkpoint."
            )
        old = int(seen)
    raise _unavailable(witness, "its last size changes all the time")


def _post(witness: Witness, body: bytes, client: httpx.Client) -> tuple[int, str]:
    try:
        with client.stream("POST", f"{witness.url.rstrip('/')}/add-checkpoint", content=body) as response:
            found = bytearray()
            for chunk in response.iter_bytes():
                found += chunk
                if len(found) > NOTE_BYTES_MAX:
                    raise _unavailable(witness, "its answer is too long")
            return response.status_code, found.decode("utf-8", "replace")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unavailable(witness, type(error).__name__) from error


def _own(witness: Witness, checkpoint: SignedCheckpoint, text: str, verify: Verify) -> Signature:
    lines = tuple(line for line in signatures_of(text) if line.names(witness.key))
    note = Note(text=checkpoint.note.text, signatures=lines)
    if cosigned_at(note, witness.key, verify) is None:
        raise Untrusted(f"{witness.key.name} answers with another's signature.", mend="Check its key in the policy.")
    return lines[0]


def _unavailable(witness: Witness, why: str) -> Unavailable:
    return Unavailable(f"The witness {witness.key.name} can't be asked: {why}.", mend="Ask it again later.")
