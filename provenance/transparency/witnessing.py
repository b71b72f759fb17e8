"""What a witness does (C2SP tlog-witness): it cosigns a checkpoint that only adds to the one it cosigned last.

It keeps one checkpoint of each log. Whoever calls keeps that between two requests, and hands out no cosignature before
the new one is on disk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provenance.kernel.errors import ForkedLog, InvalidCheckpoint, InvalidProof, NotFound, OtherLog, StaleCheckpoint
from provenance.transparency.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint
from provenance.transparency.note import NOTE_BYTES_MAX, VerifierKey, Verify, decoded, encoded
from provenance.transparency.proof import PATH_HASHES_MAX, SIZE_MAX, check_consistency
from provenance.transparency.tiles import HASH_BYTES

REQUEST_BYTES_MAX = NOTE_BYTES_MAX + 8 * 1024
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A checkpoint, and the proof that it only adds to the one of ``old`` leaves."""

    old: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    @property
    def body(self) -> bytes:
        """The body of the request."""
        lines = [f"old {self.old}", *map(encoded, self.path), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, body: bytes) -> Request:
        """Raises `InvalidCheckpoint` where it can't be read."""
        head, found, checkpoint = body.partition(b"\n\n")
        lines = head.decode("ascii", "replace").split("\n")
        old = _OLD.fullmatch(lines[0])
        if len(body) > REQUEST_BYTES_MAX or not found or old is None or int(old[1]) > SIZE_MAX:
            raise InvalidCheckpoint("This is no request to a witness.", mend="See C2SP's tlog-witness for the form.")
        if len(lines) - 1 > PATH_HASHES_MAX:
            raise InvalidCheckpoint(f"A proof has at most {PATH_HASHES_MAX} hashes.", mend="Send the one that is due.")
        path = tuple(decoded(line, "A line of the proof") for line in lines[1:])
        if any(len(hash_) != HASH_BYTES for hash_ in path):
            raise InvalidCheckpoint("A hash of the proof has another length.", mend="Send hashes of SHA-256.")
        return cls(old=int(old[1]), path=path, checkpoint=checkpoint)


def admit(
    request: Request, logs: Sequence[VerifierKey], latest: Mapping[str, Checkpoint], verify: Verify
) -> SignedCheckpoint:
    """The checkpoint that may be cosigned, and takes the place of its log's latest one.

    Raises:
        NotFound: the witness knows no log of this origin.
        UnknownSigner, ForgedSignature: the log didn't sign it.
        InvalidCheckpoint: it can't be read, or is smaller than ``old``.
        StaleCheckpoint: ``old`` isn't the latest size, which is ``data["size"]``.
        ForkedLog: another root at the same size.
        InvalidProof: it doesn't lead from the latest root to the new one.
    """
    try:
        found = open_checkpoint(request.checkpoint, logs, verify)
    except OtherLog as error:
        raise NotFound("This witness doesn't know the log.", mend="Ask its operator to add the log's key.") from error
    seen = latest.get(found.checkpoint.origin)
    if request.old > found.size:
        raise InvalidCheckpoint("The old size is above the new one.", mend="Send the checkpoints in their order.")
    size = seen.size if seen else 0
    if request.old != size:
        raise StaleCheckpoint(
            f"The latest checkpoint here has {size} leaves.", mend="Prove that yours adds to it.", size=size
        )
    if seen is not None:
        check_consistency(seen.size, seen.root, found.size, found.root, request.path)
    elif request.path:
        raise InvalidProof("A first checkpoint needs no proof.", mend="Send none.")
    return found


def agreed(seen: SignedCheckpoint, new: SignedCheckpoint, path: Sequence[bytes]) -> None:
    """Do nothing where ``new`` only adds to a checkpoint that somebody kept.

    Raises:
        OtherLog, StaleCheckpoint, ForkedLog, InvalidProof
    """
    if seen.checkpoint.origin != new.checkpoint.origin:
        raise OtherLog(
            f"One checkpoint is of {seen.checkpoint.origin!r}, the other of {new.checkpoint.origin!r}.",
            mend="Compare checkpoints of one log.",
        )
    if new.size < seen.size:
        raise StaleCheckpoint(
            f"{new.size} leaves are fewer than the {seen.size} that were seen before.",
            mend="Fetch the newest checkpoint; if it stays so, the log's tail was cut.",
            size=seen.size,
        )
    try:
        check_consistency(seen.size, seen.root, new.size, new.root, path)
    except InvalidProof as error:
        raise ForkedLog(
            f"The log at {new.size} leaves doesn't continue the log at {seen.size}.",
            mend="Keep both checkpoints: together they prove it.",
        ) from error
