"""Proofs from the published tiles: that a fact is in the sealed log, that a later checkpoint adds to an earlier one.

Each answer can be checked with the log's public key alone. A proof shows that a record is unaltered, not that what it
says is true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provenance.kernel.errors import InvalidInput, LogMissing, NotFound
from provenance.services.facts import describe
from provenance.services.log_stores import LogQuery, TileStore
from provenance.services.ports import Database, UnitOfWork
from provenance.services.records import Page
from provenance.services.seal import CHECKPOINT
from provenance.transparency.checkpoint import Checkpoint, parse_text
from provenance.transparency.leaf import Leaf
from provenance.transparency.note import Note
from provenance.transparency.proof import consistency_proof, inclusion_proof, root_at
from provenance.transparency.proof_file import ProofFile
from provenance.transparency.tiles import TileName, rows_kept, subtree_of

SEARCH_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A checkpoint as it was published; ``note`` is the whole of it, and nothing of it was checked here."""

    checkpoint: Checkpoint
    note: bytes

    @property
    def view(self) -> dict[str, Any]:
        """For a program."""
        found = self.checkpoint
        return {"origin": found.origin, "size": found.size, "root": found.root.hex(), "note": self.note.decode()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A leaf, its number from 1, and the file that proves it."""

    leaf: Leaf
    number: int
    file: ProofFile
    form: Mapping[str, Any] | None = None

    @property
    def view(self) -> dict[str, Any]:
        """For a program: ``proof`` is a tlog-proof file, and the leaf's bytes are what it is checked against.

        ``form`` is the fact's canonical form as an object; the leaf's digest is that of its RFC 8785 bytes.
        """
        return {
            "form": self.form,
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
            found: list[tuple[int, Leaf]] = []
            for (kind, fact), leaf in zip(facts, work.log.find(facts), strict=True):
                if leaf is None:
                    raise NotFound("The log has no such fact.", mend="Name its kind and its id.", kind=kind, fact=fact)
                found.append(leaf)
            forms = _forms(work, found)
        return [self._proven(number, leaf, published, forms) for number, leaf in found]

    def search(self, query: LogQuery, published: Published, *, after: int, limit: int) -> Page[Proven]:
        """Facts that meet all that is asked and are sealed under a checkpoint, each with its form and its proof.

        ``limit`` is at most `SEARCH_MAX`.
        """
        size = min(limit, SEARCH_MAX)
        with self.database.begin() as work:
            leaves = work.log.search(query, after=after, limit=size + 1)
            sealed = [(number, leaf) for number, leaf in leaves if number <= published.checkpoint.size]
            shown = sealed[:size]
            forms = _forms(work, shown)
        items = tuple(self._proven(number, leaf, published, forms) for number, leaf in shown)
        return Page(items=items, next_after=shown[-1][0] if len(sealed) > size else None)

    def _proven(self, number: int, leaf: Leaf, published: Published, forms: Mapping[int, Mapping[str, Any]]) -> Proven:
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
        file = ProofFile(index=number - 1, path=path, checkpoint=published.note)
        return Proven(leaf=leaf, number=number, file=file, form=forms.get(number))

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


def _forms(work: UnitOfWork, leaves: Sequence[tuple[int, Leaf]]) -> Mapping[int, Mapping[str, Any]]:
    """Canonical forms by the numbers of their leaves."""
    numbers: dict[str, list[int]] = {}
    for number, leaf in leaves:
        numbers.setdefault(leaf.kind, []).append(number)
    found = (work.facts.numbered(kind, some) for kind, some in numbers.items())
    return {number: describe(fact, at)[2] for facts in found for number, (fact, at) in facts.items()}
