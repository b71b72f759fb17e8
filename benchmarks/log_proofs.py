"""Proofs from a log of many leaves, whose tiles lie in files; beside them a peer's, where it is installed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from provenance.adapters.ed25519 import KeyFile, verify
from provenance.adapters.log_folder import LogFolder
from provenance.transparency.checkpoint import Checkpoint, sign
from provenance.transparency.cosignature import cosign
from provenance.transparency.note import COSIGNATURE, ED25519, Note
from provenance.transparency.policy import Policy
from provenance.transparency.proof import consistency_proof, inclusion_proof
from provenance.transparency.proof_file import ProofFile
from provenance.transparency.tiles import Edge, Tile, grown, rows_kept, subtree_of

ASKED = 2_000
BATCH = 1 << 18
WITNESSES = 3
PEER_LEAVES = 100_000


def proofs(size: int) -> dict[str, float]:
    """Inclusion and consistency, at leaves drawn at random: tiles are read from files, some are still in memory.

    Medians of wall time; where other programs share the cores the p95 is theirs, so its time at work stands beside.
    """
    with TemporaryDirectory(prefix="provenance-bench-") as name:
        started = time.perf_counter()
        edge = _grown(Path(name), size)
        building = time.perf_counter() - started
        folder = LogFolder(Path(name), Path(name) / "lock")
        subtree = subtree_of(size, rows_kept(folder.read_tile))
        note, policy = _signed(edge)
        random = Random(7)
        inclusion, computing, consistency, checking, sizes = [], [], [], [], []
        for _ in range(ASKED):
            index, old = random.randrange(size), random.randrange(1, size)
            started, worked = time.perf_counter(), time.thread_time()
            path = inclusion_proof(index, size, subtree)
            file = ProofFile(index=index, path=path, checkpoint=note)
            inclusion.append((time.perf_counter() - started) * 1e3)
            computing.append((time.thread_time() - worked) * 1e3)
            started = time.perf_counter()
            file.check(_leaf(index), policy, verify)
            checking.append((time.perf_counter() - started) * 1e3)
            started = time.perf_counter()
            consistency_proof(old, size, subtree)
            consistency.append((time.perf_counter() - started) * 1e3)
            sizes.append(len(file.text))
    named = "10m" if size == 10_000_000 else str(size)
    return {
        f"proof_ms_{named}": median(inclusion),
        f"proof_p95_ms_{named}": _p95(inclusion),
        f"proof_cpu_p95_ms_{named}": _p95(computing),
        f"proof_bytes_{named}": max(sizes),
        f"consistency_ms_{named}": median(consistency),
        f"proof_check_ms_{named}": median(checking),
        "leaves_integrated_per_s": size / building,
        **_peer(),
    }


def _leaf(number: int) -> bytes:
    return b"leaf %d" % number


def _grown(folder: Path, size: int) -> Edge:
    """The tiles of so many leaves, in files that nobody waits for to be on disk."""
    edge, sha256 = Edge(), hashlib.sha256
    while edge.size < size:
        new = range(edge.size, min(size, edge.size + BATCH))
        edge, full = grown(edge, [sha256(b"\x00leaf %d" % number).digest() for number in new])
        _write(folder, full)
    _write(folder, edge.tiles)
    return edge


def _write(folder: Path, tiles: Sequence[Tile]) -> None:
    for tile in tiles:
        path = folder / tile.name.path
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
        path.write_bytes(tile.data)


def _signed(edge: Edge) -> tuple[bytes, Policy]:
    """A checkpoint that the log signed and three witnesses cosigned, and a policy that asks for two of them."""
    log = KeyFile.from_seed("example.org/bench", ED25519, bytes(32))
    signed = sign(Checkpoint(origin="example.org/bench", size=edge.size, root=edge.root), log).note
    witnesses = [KeyFile.from_seed(f"witness{n}.example.org", COSIGNATURE, bytes([n]) * 32) for n in range(WITNESSES)]
    lines = tuple(cosign(signed.text, witness, at_seconds=1_790_000_000) for witness in witnesses)
    named = "".join(f"witness w{n} {witness.key.text}\n" for n, witness in enumerate(witnesses))
    policy = Policy.parse(f"log {log.key.text}\n{named}group two 2 w0 w1 w2\nquorum two\n")
    return Note(text=signed.text, signatures=signed.signatures + lines).whole.encode(), policy


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def _peer() -> dict[str, float]:
    """The same of pymerkle, which keeps its tree in memory; only where somebody has installed it, for it is GPL."""
    if find_spec("pymerkle") is None:
        return {}
    tree = import_module("pymerkle").InmemoryTree(algorithm="sha256")
    for number in range(PEER_LEAVES):
        tree.append_entry(_leaf(number))
    random, took = Random(7), []
    for _ in range(100):
        index = random.randrange(PEER_LEAVES) + 1
        started = time.perf_counter()
        tree.prove_inclusion(index, PEER_LEAVES)
        took.append((time.perf_counter() - started) * 1e3)
    return {"pymerkle_proof_ms_100k": _p95(took)}
