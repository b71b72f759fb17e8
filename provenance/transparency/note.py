"""Signed notes (C2SP signed-note): a text, an empty line, a line for each signature; and how keys are written.

Reads and writes the form. What a signature is worth is for `checkpoint` and `cosignature` to say; the arithmetic of
Ed25519 comes from whoever calls.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from provenance.kernel.errors import InvalidCheckpoint

ED25519, COSIGNATURE = 1, 4  # types of signatures
PUBLIC_BYTES = SEED_BYTES = 32
SIGNATURE_BYTES = 64
KEY_ID_BYTES = 4
NOTE_BYTES_MAX = 64 * 1024
SIGNATURES_MAX = 64
NAME_CHARS_MAX = 200
_DASH = "— "
_PRIVATE = "PRIVATE+KEY+"

# Whether the holder of a public key (32 bytes) made a signature (64 bytes) of a message (RFC 8032).
Verify = Callable[[bytes, bytes, bytes], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key with the name of its holder and the type of the signatures that it checks."""

    name: str
    type: int
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.type not in (ED25519, COSIGNATURE) or len(self.public) != PUBLIC_BYTES:
            raise InvalidCheckpoint("A key of a kind that we don't know.", mend="Use Ed25519 keys, of type 1 or 4.")

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        named = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return hashlib.sha256(named).digest()[:KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """The key as it is handed out: ``<name>+<id>+<key>``, a vkey."""
        return f"{self.name}+{self.id.hex()}+{encoded(bytes([self.type]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Raises `InvalidCheckpoint` where it isn't one, or its id doesn't follow from it."""
        name, _, rest = text.strip().partition("+")
        key_id, _, key = rest.partition("+")
        data = decoded(key, "A key")
        if len(data) != 1 + PUBLIC_BYTES:
            raise InvalidCheckpoint("A key has another length.", mend="Copy the whole line.")
        found = cls(name=name, type=data[0], public=data[1:])
        if key_id != found.id.hex():
            raise InvalidCheckpoint(f"The key of {name} was altered: its id is another.", mend="Copy the whole line.")
        return found


class Signer(Protocol):
    """Holds a private key and signs with it."""

    @property
    def key(self) -> VerifierKey:
        """The key that others check its signatures with."""

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature (64 bytes)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One line under a note. ``data`` is what the type of the key says; for Ed25519 the signature alone."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """The line, with its end."""
        return f"{_DASH}{self.name} {encoded(self.key_id + self.data)}\n"

    def names(self, key: VerifierKey) -> bool:
        """Whether it says to be this key's."""
        return self.name == key.name and self.key_id == key.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """``text`` ends in a newline."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def whole(self) -> str:
        """The note as it is written."""
        return self.text + "\n" + "".join(s.line for s in self.signatures)

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Raises `InvalidCheckpoint` where it is no signed note, or one above a bound."""
        if len(data) > NOTE_BYTES_MAX:
            raise _unreadable(f"it has more than {NOTE_BYTES_MAX} bytes")
        try:
            whole = data.decode()
        except UnicodeDecodeError as error:
            raise _unreadable("it is not in UTF-8") from error
        if any(c < " " and c != "\n" for c in whole):
            raise _unreadable("it has control characters")
        text, found, lines = whole.rpartition("\n\n")
        if not found or not lines.endswith("\n"):
            raise _unreadable("it has no signatures, or its end is missing")
        return cls(text=text + "\n", signatures=signatures_of(lines))


def signatures_of(lines: str) -> tuple[Signature, ...]:
    """The signatures of lines that each end in a newline. Raises `InvalidCheckpoint`."""
    found = lines.removesuffix("\n").split("\n")
    if len(found) > SIGNATURES_MAX:
        raise _unreadable(f"it has more than {SIGNATURES_MAX} signatures")
    return tuple(map(_signature, found))


def _signature(line: str) -> Signature:
    name, _, data = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH):
        raise _unreadable("a line under it is no signature")
    check_name(name)
    raw = decoded(data, "A signature")
    if len(raw) <= KEY_ID_BYTES:
        raise _unreadable("a signature is too short")
    return Signature(name=name, key_id=raw[:KEY_ID_BYTES], data=raw[KEY_ID_BYTES:])


def private_text(key: VerifierKey, seed: bytes) -> str:
    """A private key as its file holds it: the form that Go's ``note`` reads."""
    return f"{_PRIVATE}{key.name}+{key.id.hex()}+{encoded(bytes([key.type]) + seed)}"


def parse_private(text: str) -> tuple[str, int, bytes]:
    """Name, type and seed of a private key. Raises `InvalidCheckpoint`, never naming what it holds."""
    stripped = text.strip()
    name, _, rest = stripped.removeprefix(_PRIVATE).partition("+")
    data = decoded(rest.partition("+")[2], "A private key")
    if not stripped.startswith(_PRIVATE) or len(data) != 1 + SEED_BYTES:
        raise InvalidCheckpoint("This is no private key.", mend="Name the file that `init` wrote.")
    return name, data[0], data[1:]


def check_name(name: str) -> None:
    """Do nothing where a key may have this name, or a log this origin. Raises `InvalidCheckpoint`."""
    fit = 0 < len(name) <= NAME_CHARS_MAX and name.isascii() and name.isprintable()
    if not fit or " " in name or "+" in name:
        raise InvalidCheckpoint(
            f"{name[:NAME_CHARS_MAX]!r} can't be the name of a log or a witness.",
            mend="Use letters, digits and signs other than spaces and +, such as example.org/log.",
        )


def encoded(data: bytes) -> str:
    """Base64 (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def decoded(text: str, what: str) -> bytes:
    """The bytes of the one base64 form that they have. Raises `InvalidCheckpoint`."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidCheckpoint(f"{what} isn't base64.", mend="Copy the whole of it.") from error
    if encoded(data) != text:
        raise InvalidCheckpoint(f"{what} isn't written as base64 writes it.", mend="Copy the whole of it.")
    return data


def _unreadable(why: str) -> InvalidCheckpoint:
    return InvalidCheckpoint(f"This is no signed note: {why}.", mend="Fetch it again.")
