"""Collect cosignatures for a checkpoint: ask every witness of a policy, and note who can't or won't."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from provenance.kernel.errors import ProvenanceError, Unavailable, Untrusted
from provenance.transparency.checkpoint import SignedCheckpoint
from provenance.transparency.note import Note, Signature
from provenance.transparency.policy import Policy, Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """The checkpoint with the cosignatures that came, and why the others didn't, by the policy's names."""

    size: int
    note: Note
    refused: Mapping[str, ProvenanceError]


def cosign_with(policy: Policy, signed: SignedCheckpoint, ask: Callable[[Witness], Signature]) -> Cosigned:
    """Ask each witness that has a URL; one that fails keeps none of the others from being asked."""
    lines: list[Signature] = []
    refused: dict[str, ProvenanceError] = {}
    for name, witness in policy.witnesses.items():
        if not witness.url:
            continue
        try:
            lines.append(ask(witness))
        except (Unavailable, Untrusted) as error:
            refused[name] = error
    signatures = (*signed.note.signatures, *lines)
    return Cosigned(size=signed.size, note=Note(text=signed.note.text, signatures=signatures), refused=refused)
