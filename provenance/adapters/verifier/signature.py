"""Who signed a note: by `cryptography` or by the program `openssl`, whichever is there."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import tempfile
from pathlib import Path

from .archive import Unreadable

PUBLIC_BYTES = 32
# What leads an Ed25519 public key in DER (RFC 8410).
_DER = bytes.fromhex("302a300506032b6570032100")
_OPENSSL = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in message -sigfile signature"


def parse_key(vkey: str) -> tuple[str, bytes, bytes]:
    """Name, id and public key of a C2SP vkey."""
    try:
        name, key_id, key = vkey.strip().split("+", 2)
        data = base64.b64decode(key, validate=True)
        expected = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        if data[:1] != b"\x01" or len(data) != 1 + PUBLIC_BYTES or key_id != expected.hex():
            raise ValueError("its id doesn't follow from it")
    except ValueError as error:
        raise Unreadable(f"this is no key of a log: {error}") from error
    return name, expected, data[1:]


def open_note(note: bytes, key: tuple[str, bytes, bytes]) -> tuple[str, bool | None]:
    """The text of a signed note, and whether the key signed it; None where nothing here can say so."""
    try:
        text, _, lines = note.decode().rpartition("\n\n")
        signatures = [line.split(" ") for line in lines.split("\n") if line]
        named = [base64.b64decode(s[2], validate=True) for s in signatures if s[0] == "—" and s[1] == key[0]]
    except (ValueError, IndexError) as error:
        raise Unreadable("a note can't be read") from error
    mine = [data[4:] for data in named if data[:4] == key[1]]
    if not mine:
        return text + "\n", False
    results = [verified(key[2], data, (text + "\n").encode()) for data in mine]
    return text + "\n", None if None in results else all(results)


def verified(public: bytes, signature: bytes, message: bytes) -> bool | None:
    """Whether an Ed25519 signature is right; None where neither `cryptography` nor `openssl` is there."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return verified_by_openssl(public, signature, message)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def verified_by_openssl(public: bytes, signature: bytes, message: bytes) -> bool | None:
    """The same with the program `openssl`, version 1.1.1 or newer."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (("key", _DER + public), ("signature", signature), ("message", message)):
            (Path(folder) / name).write_bytes(data)
        try:
            ran = subprocess.run(_OPENSSL.split(), cwd=folder, capture_output=True, check=False)  # noqa: S603
        except OSError:
            return None
    if ran.returncode and b"ailure" not in ran.stdout + ran.stderr:
        return None  # it doesn't know the algorithm
    return ran.returncode == 0


def checkpoint_of(text: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint's text."""
    try:
        origin, size, root = text.split("\n")[:3]
        return origin, int(size), base64.b64decode(root, validate=True)
    except ValueError as error:
        raise Unreadable("this is no checkpoint") from error
