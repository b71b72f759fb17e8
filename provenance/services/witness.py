"""A witness: it cosigns checkpoints of the logs that it knows, each only where it adds to the one before.

The state is read, checked, written and only then answered from, one request at a time: so no two histories of a log
can both be cosigned, whatever comes when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from provenance.kernel.errors import ClockWentBack
from provenance.services.ports import Clock
from provenance.transparency.checkpoint import parse_text
from provenance.transparency.cosignature import cosign
from provenance.transparency.note import Note, Signature, Signer, VerifierKey, Verify
from provenance.transparency.witnessing import Request, admit


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The newest checkpoint of a log that was cosigned, and when (POSIX seconds)."""

    note: Note
    at_seconds: int


class WitnessState(Protocol):
    """What a witness remembers, on disk."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep all others from the state, in this process and others, until the block ends."""

    def read(self) -> Mapping[str, Seen]:
        """The newest checkpoint of each log. `LogAltered` where that can't be read: it is never taken for none."""

    def write(self, seen: Mapping[str, Seen]) -> None:
        """Keep it; on disk when this returns. Raises `StorageFull`, `StorageFailed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigner:
    """A witness with its key, the keys of the logs that it knows, and its state."""

    signer: Signer
    logs: Sequence[VerifierKey]
    state: WitnessState
    verify: Verify
    clock: Clock

    def add_checkpoint(self, body: bytes) -> Signature:
        """Cosign the checkpoint of a request.

        Raises:
            ClockWentBack: the clock shows a time before the last cosignature's.
            InvalidCheckpoint, NotFound, UnknownSigner, ForgedSignature, StaleCheckpoint, ForkedLog, InvalidProof: as
                `witnessing.admit`.
            LogAltered, StorageFull, StorageFailed: nothing was cosigned.
        """
        request = Request.parse(body)
        with self.state.alone():
            seen = self.state.read()
            latest = {origin: parse_text(found.note.text) for origin, found in seen.items()}
            found = admit(request, self.logs, latest, self.verify)
            at = _seconds(self.clock())
            before = seen.get(found.checkpoint.origin)
            if before is not None and at < before.at_seconds:
                raise ClockWentBack("The clock of this witness went back.", mend="Set it right.")
            line = cosign(found.note.text, self.signer, at_seconds=at)
            self.state.write({**seen, found.checkpoint.origin: Seen(note=found.note, at_seconds=at)})
        return line


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
