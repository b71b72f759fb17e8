"""Proofs from the published tiles: that a fact is in the sealed log, that a later checkpoint adds to an earlier one.

Each answer can be checked with the log's public key alone. A proof shows that a record is unaltered, not that what it
says is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provenance.kernel.errors import InvalidInput, LogMissing, NotFound
from provenance.services.log_stores import TileStore
from provenance.services.ports import Database
from provenance.services.seal import CHECKPOINT
from provenance.transparency.checkpoint import Checkpoint, parse_text
from provenance.transparency.leaf import Leaf
from provenance.transparency.note import Note
from provenance.transparency.proof import consistency_proof, inclusion_proof, root_at
from provenance.transparency.proof_file import ProofFile
from provenance.transparency.tiles import TileName, rows_kept, subtree_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A checkpoint as it was published; ``note`` is the whole of it, and nothing of it was checked here."""

    checkpoint: Checkpoint
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A leaf, its number from 1, and the file that proves it."""

    leaf: Leaf
    number: int
    file: ProofFile

    @property
    def view(self) -> Mapping[str, Any]:
        """For a program: ``proof`` is a tlog-proof file, and the leaf's bytes are what it is checked against."""
        return {
            "kind": self.leaf.kind,
            "fact": self.leaf.fact,
            "sha256": self.leaf.fact_sha256,
            "index": self.number - 1,
            "leaf": self.leaf.data.decode(),
            "proof": self.file.text.decode(),
        }


@dataclass(slots=True)
class Prover:
    """Makes proofs for one log. Safe to share between threads; keeps what it has read of some hundred tiles."""

    database: Database
    tiles: TileStore
    _rows: Any = field(init=False)

    def __post_init__(self) -> None:
        self._rows = rows_kept(self._read)

    def _read(self, name: TileName) -> bytes:
        return self.tiles.read_tile(name)

    def checkpoint(self, path: str = CHECKPOINT) -> Published:
        """The newest checkpoint, or the newest that witnesses have cosigned.

        Raises:
            LogMissing: there is none.
        """
        if not self.tiles.exists(path):
            raise LogMissing("No checkpoint was signed yet.", mend="provenance log init, then provenance log integrate")
        note = self.tiles.read(path)
        return Published(checkpoint=parse_text(Note.parse(note).text), note=note)

    def inclusion(self, facts: Sequence[tuple[str, str]], published: Published) -> list[Proven]:
        """The proof of each fact, by kind and name, under a checkpoint.

        Raises:
            NotFound: there is no such fact, or it isn't sealed under this checkpoint; ``data`` names it.
            LogAltered: a tile is missing.
        """
        with self.database.begin() as work:
            found = work.log.find(facts)
        proven = []
        for (kind, fact), leaf in zip(facts, found, strict=True):
            if leaf is None:
                raise NotFound("The log has no such fact.", mend="Name its kind and its id.", kind=kind, fact=fact)
            proven.append(self._proven(*leaf, published))
        return proven

    def proofs(self, leaves: Iterable[tuple[int, Leaf]], published: Published) -> Iterable[Proven]:
        """Proofs of leaves with their numbers; those that aren't sealed yet are left out."""
        size = published.checkpoint.size
        return (self._proven(number, leaf, published) for number, leaf in leaves if number <= size)

    def _proven(self, number: int, leaf: Leaf, published: Published) -> Proven:
        size = published.checkpoint.size
        if number > size:
            raise NotFound(
                "It is recorded, and not sealed yet.",
                mend="Ask again in a second, or run provenance log integrate.",
                kind=leaf.kind,
                fact=leaf.fact,
                sealed=size,
            )
        path = inclusion_proof(number - 1, size, subtree_of(size, self._rows))
        return Proven(leaf=leaf, number=number, file=ProofFile(index=number - 1, path=path, checkpoint=published.note))

    def consistency(self, old: int, size: int) -> tuple[bytes, ...]:
        """The proof that the first ``old`` of ``size`` leaves are what they were.

        Raises:
            InvalidInput: these aren't two sizes of the log, the smaller first.
        """
        sealed = self.checkpoint().checkpoint.size
        if not 0 <= old <= size <= sealed:
            raise InvalidInput(
                f"{old} and {size} aren't two sizes of a log of {sealed} leaves.", mend="Name the smaller one first."
            )
        return consistency_proof(old, size, subtree_of(size, self._rows))

    def between(self, old: int, size: int) -> tuple[bytes, ...]:
        """As `consistency`, of sizes that are known to be sealed, or to be none: then the proof is empty."""
        return consistency_proof(old, size, subtree_of(size, self._rows)) if old <= size else ()

    def root(self, size: int) -> bytes:
        """The root of the first ``size`` leaves, from the tiles."""
        return root_at(size, subtree_of(size, self._rows))
