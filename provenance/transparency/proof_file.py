"""Proof files (C2SP tlog-proof): a leaf's place, its path, and a checkpoint, for whoever has the log's key alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from provenance.kernel.errors import InvalidCheckpoint, InvalidProof
from provenance.transparency.checkpoint import SignedCheckpoint
from provenance.transparency.merkle import leaf_hash
from provenance.transparency.note import NOTE_BYTES_MAX, Verify, decoded, encoded
from provenance.transparency.policy import Policy
from provenance.transparency.proof import PATH_HASHES_MAX, SIZE_MAX, check_inclusion
from provenance.transparency.tiles import HASH_BYTES

FIRST_LINE = "c2sp.org/tlog-proof@v1"
EXTRA_BYTES_MAX = 64 * 1024
FILE_BYTES_MAX = 2 * NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFile:
    """``index`` counts from 0; ``path`` goes from the leaf's sibling up. ``extra`` is proved by nothing.

    ``checkpoint`` is the note's bytes: nothing in here was checked.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    @property
    def text(self) -> bytes:
        """The file."""
        lines = [FIRST_LINE]
        if self.extra is not None:
            lines.append(f"extra {encoded(self.extra)}")
        lines.append(f"index {self.index}")
        lines += [encoded(found) for found in self.path]
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> ProofFile:
        """Raises `InvalidProof` where it can't be read."""
        if len(data) > FILE_BYTES_MAX:
            raise _unreadable(f"it has more than {FILE_BYTES_MAX} bytes")
        head, found, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise _unreadable("its first part isn't ASCII") from error
        if not found or lines[0] != FIRST_LINE:
            raise _unreadable(f"it doesn't start with {FIRST_LINE}, or has no checkpoint")
        extra = None
        rest = lines[1:]
        if rest and rest[0].startswith("extra "):
            extra = _bytes(rest.pop(0).removeprefix("extra "))
        index = _INDEX.fullmatch(rest[0]) if rest else None
        if index is None or int(index[1]) > SIZE_MAX:
            raise _unreadable("its line `index` is missing or wrong")
        if len(rest) - 1 > PATH_HASHES_MAX:
            raise _unreadable(f"its path has more than {PATH_HASHES_MAX} hashes")
        return cls(index=int(index[1]), path=_path(rest[1:]), checkpoint=checkpoint, extra=extra)

    def check(self, leaf: bytes, policy: Policy, verify: Verify) -> SignedCheckpoint:
        """The checkpoint, where it meets the policy and the leaf (its bytes) stands where the file says.

        Raises:
            InvalidProof: it is a proof for another leaf, or was altered.
            InvalidCheckpoint, OtherLog, ForgedSignature, UnknownSigner, NoQuorum: as `Policy.open`.
        """
        found = policy.open(self.checkpoint, verify)
        check_inclusion(leaf_hash(leaf), self.index, found.size, found.root, self.path)
        return found


def _path(lines: Sequence[str]) -> tuple[bytes, ...]:
    path = tuple(map(_bytes, lines))
    if any(len(found) != HASH_BYTES for found in path):
        raise _unreadable("a hash of its path has another length")
    return path


def _bytes(text: str) -> bytes:
    try:
        return decoded(text, "A line")
    except InvalidCheckpoint as error:
        raise _unreadable("a line isn't base64") from error


def _unreadable(why: str) -> InvalidProof:
    return InvalidProof(f"This is no proof: {why}.", mend="Ask for it again.")
