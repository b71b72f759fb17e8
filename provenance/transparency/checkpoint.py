"""Checkpoints (C2SP tlog-checkpoint): the size and the root of a log at one moment, signed by the log.

Who signed is checked before anything is read from it. Cosignatures of witnesses stand under the same note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from provenance.kernel.errors import ForgedSignature, InvalidCheckpoint, OtherLog, UnknownSigner
from provenance.transparency.merkle import EMPTY_ROOT
from provenance.transparency.note import ED25519, Note, Signature, Signer, VerifierKey, Verify, decoded, encoded
from provenance.transparency.proof import SIZE_MAX
from provenance.transparency.tiles import HASH_BYTES

_LINES = 3
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """``origin`` is the log; ``root`` has 32 bytes."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        assert 0 <= self.size <= SIZE_MAX
        assert len(self.root) == HASH_BYTES

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A checkpoint whose log's signature was checked, and its whole note."""

    checkpoint: Checkpoint
    note: Note

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self.checkpoint.size

    @property
    def root(self) -> bytes:
        """The root of the log."""
        return self.checkpoint.root


def parse_text(text: str) -> Checkpoint:
    """The checkpoint that a note's text is. Extension lines are signed with it, and say nothing here.

    Raises:
        InvalidCheckpoint
    """
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < _LINES or not all(lines):
        raise _unreadable("it has fewer than three lines, or an empty one")
    origin, size, root = lines[:_LINES]
    if not _SIZE.fullmatch(size) or int(size) > SIZE_MAX:
        raise _unreadable("its size is no number of leaves")
    found = decoded(root, "A root")
    if len(found) != HASH_BYTES:
        raise _unreadable("its root has another length")
    if size == "0" and found != EMPTY_ROOT:
        raise _unreadable("an empty log has another root")
    return Checkpoint(origin=origin, size=int(size), root=found)


def sign(checkpoint: Checkpoint, signer: Signer) -> SignedCheckpoint:
    """The checkpoint with the log's signature. The signer is named as the log is."""
    assert signer.key.type == ED25519, "a log signs, and a witness cosigns"
    assert signer.key.name == checkpoint.origin, "a log signs as itself"
    data = signer.sign(checkpoint.text.encode())
    line = Signature(name=signer.key.name, key_id=signer.key.id, data=data)
    return SignedCheckpoint(checkpoint=checkpoint, note=Note(text=checkpoint.text, signatures=(line,)))


def open_checkpoint(data: bytes, keys: Iterable[VerifierKey], verify: Verify) -> SignedCheckpoint:
    """A checkpoint that one of the log's keys has signed. Signatures of unknown keys count for nothing.

    Raises:
        InvalidCheckpoint: it can't be read.
        OtherLog: it is of a log that none of the keys is named for.
        ForgedSignature: a signature that names one of the keys isn't its own.
        UnknownSigner: no signature names one of them.
    """
    note, found = Note.parse(data), list(keys)
    checkpoint = parse_text(note.text)
    mine = [k for k in found if k.name == checkpoint.origin and k.type == ED25519]
    if not mine:
        raise OtherLog(
            f"This checkpoint is of the log {checkpoint.origin!r}.", mend="Name the key of that log, or its checkpoint."
        )
    signed = False
    for line in note.signatures:
        for key in mine:
            if line.names(key):
                if not verify(key.public, line.data, note.text.encode()):
                    raise ForgedSignature(f"{key.name} didn't sign this.", mend="Fetch the checkpoint again.")
                signed = True
    if not signed:
        raise UnknownSigner(
            f"No key that you trust has signed this checkpoint of {checkpoint.origin}.",
            mend="Get the log's key from somebody you trust.",
        )
    return SignedCheckpoint(checkpoint=checkpoint, note=note)


def _unreadable(why: str) -> InvalidCheckpoint:
    return InvalidCheckpoint(f"This is no checkpoint: {why}.", mend="Fetch it again.")
