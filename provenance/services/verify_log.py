"""Hold all that is stored against what was signed: facts against leaves, leaves against checkpoints, tiles, bundles.

Says what differs and changes nothing. An export says the same of itself, to somebody who has no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from provenance.kernel.errors import StorageFailed, StorageLocked
from provenance.services import facts
from provenance.services.check_rows import MISSHAPEN, Check, guarded
from provenance.services.log_stores import SealedCheckpoint, TileStore
from provenance.services.ports import Database, UnitOfWork
from provenance.services.seal import BATCH_LEAVES, CHECKPOINT
from provenance.statements.period import THE_BEGINNING
from provenance.transparency.checkpoint import Checkpoint, open_checkpoint
from provenance.transparency.leaf import KINDS
from provenance.transparency.merkle import Tree, leaf_hash
from provenance.transparency.note import VerifierKey, Verify
from provenance.transparency.tiles import WIDTH, Edge, Tile, bundle, entries_path, grown

_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_FACTS_AT_A_TIME = 400

T = TypeVar("T")


def verify_log(database: Database, tiles: TileStore, key: VerifierKey, verify: Verify) -> list[Check]:
    """All checks, in order, each with its problems. Raises `StorageFailed` and its kin where nothing can be read."""
    signed = Check(name="every checkpoint is signed by the log, and is a root of the leaves")
    stored = Check(name="tiles and bundles hold the leaves")
    known = Check(name="every fact has the digest of its leaf")
    whole = Check(name="every leaf has its fact")
    placed = Check(name="every row belongs to a fact, under its own leaf")
    with database.begin() as work:
        last = _attempt(signed, "the last checkpoint", work.log.last_checkpoint, None)
        signed.note(guarded(tiles, partial(_published_problem, last, key, verify), CHECKPOINT))
        counts = Counter[str]()
        _attempt(signed, "the leaves", lambda: _check_leaves(work, counts, signed, key, verify), None)
        if last is not None:
            _attempt(stored, "the leaves", lambda: _check_tiles(work, tiles, last.size, stored), None)
        for kind in sorted(KINDS):
            found = _attempt(known, f"facts of {kind}", partial(_check_facts, work, kind, known), -1)
            same = found == counts[kind]
            whole.note(None if same else f"{kind}: {counts[kind]} leaves, and {found} facts")
        for problem in _attempt(placed, "the rows", lambda: list(work.facts.loose_rows()), list[str]()):
            placed.note(problem)
        placed.checked += 1
    return [signed, stored, known, whole, placed]


def _attempt(check: Check, what: str, run: Callable[[], T], default: T) -> T:
    """What ``run`` returns; where it stumbles over what is stored, that is a problem and no crash."""
    try:
        return run()
    except (StorageFailed, StorageLocked):
        raise
    except MISSHAPEN as error:
        check.note(f"{what} can't be read: {type(error).__name__}: {error}")
        return default


def _published_problem(last: SealedCheckpoint | None, key: VerifierKey, verify: Verify, tiles: TileStore) -> str | None:
    if last is None:
        return "nothing was sealed yet"
    found = open_checkpoint(tiles.read(CHECKPOINT), [key], verify).checkpoint
    same = found == Checkpoint(origin=last.origin, size=last.size, root=last.root)
    return None if same else f"the published checkpoint is of {found.size} leaves, and the newest of {last.size}"


def _check_leaves(work: UnitOfWork, kinds: Counter[str], signed: Check, key: VerifierKey, verify: Verify) -> None:
    """Count the leaves of each kind, and hold all checkpoints against them."""
    checkpoints = work.log.checkpoints()
    due = next(checkpoints, None)
    tree = Tree()
    for number, leaf in work.log.leaves():
        tree = tree.after(leaf.data)
        kinds[leaf.kind] += 1
        if number != tree.size:
            signed.note(f"leaf {tree.size} is missing")
        if due is not None and due.size == tree.size:
            signed.note(guarded(due, partial(_checkpoint_problem, tree.root, key, verify), f"checkpoint {due.size}"))
            due = next(checkpoints, None)
    if due is not None:
        signed.note(f"{due.size} leaves were signed, and {tree.size} are there")


def _checkpoint_problem(root: bytes, key: VerifierKey, verify: Verify, sealed: SealedCheckpoint) -> str | None:
    found = open_checkpoint(sealed.note.encode(), [key], verify)
    if (found.size, found.root, found.checkpoint.origin) != (sealed.size, sealed.root, sealed.origin):
        return f"checkpoint {sealed.size} isn't what it signed"
    return None if root == sealed.root else f"the first {sealed.size} leaves have another root than was signed"


def _check_tiles(work: UnitOfWork, tiles: TileStore, size: int, stored: Check) -> None:
    edge = Edge()
    while edge.size < size:
        start, until = edge.size, min(size, edge.size + BATCH_LEAVES)
        data = work.log.data(start, until)
        if len(data) != until - start:
            stored.note(f"leaves between {start} and {until} are missing")
            return
        edge, full = grown(edge, list(map(leaf_hash, data)))
        for tile in [*full, *(edge.tiles if edge.size == size else ())]:
            stored.note(guarded(tile, partial(_tile_problem, tiles), tile.name.path))
        for at in range(0, len(data), WIDTH):
            part = data[at : at + WIDTH]
            path = entries_path((start + at) // WIDTH, len(part))
            stored.note(guarded(bundle(part), partial(_bundle_problem, tiles, path), path))


def _tile_problem(tiles: TileStore, tile: Tile) -> str | None:
    return None if tiles.read_tile(tile.name) == tile.data else f"{tile.name.path} was altered"


def _bundle_problem(tiles: TileStore, path: str, data: bytes) -> str | None:
    return None if tiles.read(path) == data else f"{path} was altered"


def _check_facts(work: UnitOfWork, kind: str, known: Check) -> int:
    """How many facts of a kind there are; each is held against its leaf."""
    found = 0
    stream = (facts.leaf(fact, recorded_at) for fact, recorded_at in work.facts.facts(kind, THE_BEGINNING, _EVER))
    while batch := list(islice(stream, _FACTS_AT_A_TIME)):
        found += len(batch)
        leaves = work.log.find([(leaf.kind, leaf.fact) for leaf in batch])
        for leaf, logged in zip(batch, leaves, strict=True):
            known.note(None if logged and logged[1] == leaf else f"{kind} {leaf.fact} isn't what was logged")
    return found
