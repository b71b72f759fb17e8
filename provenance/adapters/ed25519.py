"""Ed25519 (RFC 8032): keys in files, signatures, and whether one is right. The one place that imports the library."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from provenance.kernel.errors import Conflict, LogMissing, StorageFailed
from provenance.transparency.note import SEED_BYTES, VerifierKey, parse_private, private_text

KEY_FILE_BYTES_MAX = 4_096
_OWNER_ONLY = 0o600


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of ``public`` (32 bytes) made this signature of the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Implements the port `Signer`. Neither its text nor an error shows the private key."""

    key: VerifierKey
    _private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"KeyFile({self.key.name})"

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature (64 bytes)."""
        return self._private.sign(message)

    @classmethod
    def from_seed(cls, name: str, kind: int, seed: bytes) -> KeyFile:
        """The key of a seed (32 bytes). Raises `InvalidCheckpoint` where the name or the kind can't be used."""
        private = Ed25519PrivateKey.from_private_bytes(seed)
        return cls(VerifierKey(name=name, type=kind, public=private.public_key().public_bytes_raw()), private)

    @classmethod
    def read(cls, path: Path) -> KeyFile:
        """Raises `LogMissing` where there is none, `InvalidCheckpoint` where it holds something else."""
        try:
            with path.open("rb") as file:
                text = file.read(KEY_FILE_BYTES_MAX).decode("ascii", "replace")
        except OSError as error:
            raise LogMissing("The private key can't be read.", mend="Make it with `init`, or name it.") from error
        return cls.from_seed(*parse_private(text))

    @classmethod
    def create(cls, path: Path, name: str, kind: int) -> KeyFile:
        """Make a new key and write it, for its owner's eyes alone.

        Raises:
            InvalidCheckpoint: the name can't be used.
            Conflict: there is a key already; it stays.
            StorageFailed: it can't be written.
        """
        seed = secrets.token_bytes(SEED_BYTES)
        made = cls.from_seed(name, kind, seed)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        except FileExistsError as error:
            raise Conflict("There is a key already.", mend="Keep it: what it signed stands.") from error
        except OSError as error:
            raise StorageFailed(f"The key can't be written: {error.strerror}.", mend="Check the folder.") from error
        with os.fdopen(file, "w") as out:
            out.write(private_text(made.key, seed) + "\n")
            out.flush()
            os.fsync(out.fileno())
        return made
