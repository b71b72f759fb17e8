"""Keys and checkpoints to test with; what is signed here is signed for real."""

from __future__ import annotations

import hashlib

from provenance.adapters.ed25519 import KeyFile
from provenance.transparency.checkpoint import Checkpoint, SignedCheckpoint, sign
from provenance.transparency.merkle import root_of
from provenance.transparency.note import COSIGNATURE, ED25519, Note

ORIGIN = "example.org/log"


def key(name: str = ORIGIN, kind: int = ED25519, seed: str = "") -> KeyFile:
    return KeyFile.from_seed(name, kind, hashlib.sha256((seed or name).encode()).digest())


def witness(number: int) -> KeyFile:
    return key(f"witness{number}.example", COSIGNATURE)


def leaves(count: int, word: str = "leaf") -> list[bytes]:
    return [f"{word} {number}".encode() for number in range(count)]


def signed(count: int, word: str = "leaf", origin: str = ORIGIN) -> SignedCheckpoint:
    return sign(Checkpoint(origin=origin, size=count, root=root_of(leaves(count, word))), key(origin))


def bytes_of(note: Note) -> bytes:
    return note.whole.encode()
