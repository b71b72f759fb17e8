"""Sealing on both databases and real files: what is signed, what goes wrong on the way, and that nothing is lost."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters import log_folder
from provenance.adapters.ed25519 import KeyFile, verify
from provenance.adapters.log_folder import LogFolder
from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import (
    ClockWentBack,
    Conflict,
    LogAltered,
    LogMissing,
    NotFound,
    OtherLog,
    SequencerRunning,
    StorageFailed,
    StorageFull,
)
from provenance.services import seal
from provenance.services.prove import Prover
from provenance.services.seal import CHECKPOINT, Sequencer
from provenance.services.verify_log import verify_log
from provenance.sources.party import Party
from provenance.transparency.checkpoint import open_checkpoint
from provenance.transparency.merkle import root_of
from provenance.transparency.note import ED25519
from provenance.transparency.policy import Policy
from provenance.transparency.proof import check_consistency

AT = datetime(2026, 11, 28, tzinfo=UTC)
ORIGIN = "example.org/log"


class Sealed:
    """A log over a database, with a clock that a test sets."""

    def __init__(self, database: SqlDatabase, folder: Path, origin: str = ORIGIN) -> None:
        self.now = AT
        self.key = KeyFile.create(folder / f"{origin.replace('/', '_')}.key", origin, ED25519)
        self.database, self.folder = database, folder / "log"
        self.tiles = LogFolder(self.folder, folder / "sequencer.lock")
        self.sequencer = Sequencer(database=database, tiles=self.tiles, signer=self.key, clock=lambda: self.now)
        self.prover = Prover(database, self.tiles)

    def add(self, *names: str) -> None:
        with self.database.begin(write=True) as work:
            for name in names:
                work.parties.add(Party(id=name, name=name), AT)
            work.commit()

    def data(self) -> list[bytes]:
        with self.database.begin() as work:
            return [leaf.data for _, leaf in work.log.leaves()]

    def failed(self) -> dict[str, list[str]]:
        checks = verify_log(self.database, self.tiles, self.key.key, verify)
        return {check.name: check.problems for check in checks if check.failed}


@pytest.fixture
def sealed(database: SqlDatabase, tmp_path: Path) -> Sealed:
    return Sealed(database, tmp_path)


def names(count: int, first: int = 0) -> list[str]:
    return [f"party-{number:05d}" for number in range(first, first + count)]


def test_nothing_is_signed_where_nothing_is_recorded(sealed: Sealed) -> None:
    assert sealed.sequencer.integrate() is None
    with pytest.raises(LogMissing):
        sealed.prover.checkpoint()


def test_what_is_sealed_has_the_root_of_its_leaves_and_the_logs_signature(sealed: Sealed, recorded: Any) -> None:
    done = sealed.sequencer.integrate()
    assert done is not None
    assert (done.size, done.root) == (len(sealed.data()), root_of(sealed.data()))
    found = open_checkpoint(sealed.prover.checkpoint().note, [sealed.key.key], verify)
    assert found.root == done.root
    assert sealed.failed() == {}


def test_sealing_again_signs_nothing_new(sealed: Sealed) -> None:
    sealed.add("one")
    assert sealed.sequencer.integrate() == sealed.sequencer.integrate()


def test_proofs_hold_across_tiles_and_batches(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "BATCH_LEAVES", 100)
    old = []
    for first, count in ((0, 1), (1, 255), (256, 300), (556, 84)):
        sealed.add(*names(count, first))
        sealed.now += timedelta(seconds=1)
        old.append(sealed.sequencer.integrate())
    published = sealed.prover.checkpoint()
    assert published.checkpoint.size == 640
    trust = Policy(logs=(sealed.key.key,), quorum="none")
    for name in ("party-00000", "party-00255", "party-00256", "party-00639"):
        found = sealed.prover.inclusion([("party", name)], published)[0]
        assert found.file.check(found.leaf.data, trust, verify).size == 640
    for before in filter(None, old):
        path = sealed.prover.consistency(before.size, 640)
        check_consistency(before.size, before.root, 640, published.checkpoint.root, path)
    assert sealed.failed() == {}


def test_partial_tiles_go_when_the_full_one_is_there(sealed: Sealed) -> None:
    sealed.add(*names(200))
    sealed.sequencer.integrate()
    assert (sealed.folder / "tile/0/000.p/200").exists()
    sealed.add(*names(100, 200))
    sealed.sequencer.integrate()
    found = sorted(str(p.relative_to(sealed.folder)) for p in sealed.folder.rglob("*") if p.is_file())
    assert found == sorted(
        [
            *("checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"),
            *("tile/entries/000", "tile/entries/001.p/44"),
        ]
    )


def test_a_fact_that_is_not_sealed_yet_has_no_proof_and_says_so(sealed: Sealed) -> None:
    sealed.add("one")
    sealed.sequencer.integrate()
    sealed.add("two")
    with pytest.raises(NotFound, match="not sealed yet"):
        sealed.prover.inclusion([("party", "two")], sealed.prover.checkpoint())
    with pytest.raises(NotFound, match="no such fact"):
        sealed.prover.inclusion([("party", "three")], sealed.prover.checkpoint())


def test_following_seals_what_comes_until_it_is_told_to_stop(sealed: Sealed) -> None:
    sealed.add("one")
    seen: list[int] = []

    def wait() -> bool:
        seen.append(sealed.prover.checkpoint().checkpoint.size)
        sealed.add(f"more-{len(seen)}")
        return len(seen) == 3

    sealed.sequencer.follow(wait)
    assert seen == [1, 2, 3]
    assert sealed.sequencer.integrate().size == 4


def test_two_sequencers_at_once_are_told(sealed: Sealed) -> None:
    sealed.add("one")
    with sealed.tiles.sequencing(), pytest.raises(SequencerRunning):
        sealed.sequencer.integrate()
    assert sealed.sequencer.integrate() is not None


def test_a_sequencer_elsewhere_is_told_by_the_database(sealed: Sealed, tmp_path: Path) -> None:
    sealed.add("one")
    done = sealed.sequencer.integrate()
    assert done is not None
    with pytest.raises(Conflict), sealed.database.begin(write=True) as work:
        work.log.add_checkpoint(done)


def test_a_clock_that_went_back_signs_nothing_and_loses_nothing(sealed: Sealed) -> None:
    sealed.add("one")
    first = sealed.sequencer.integrate()
    sealed.add("two")
    sealed.now -= timedelta(seconds=1)
    with pytest.raises(ClockWentBack):
        sealed.sequencer.integrate()
    assert sealed.prover.checkpoint().checkpoint.root == first.root
    sealed.now += timedelta(seconds=2)
    assert sealed.sequencer.integrate().size == 2
    assert sealed.failed() == {}


@pytest.mark.parametrize(
    ("at", "code", "error"),
    [(0, errno.ENOSPC, StorageFull), (3, errno.EIO, StorageFailed), (6, errno.ENOSPC, StorageFull)],
)
def test_a_disk_that_fills_while_sealing_loses_nothing(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch, at: int, code: int, error: type[Exception]
) -> None:
    sealed.add("one")
    first = sealed.sequencer.integrate()
    sealed.add(*names(300))
    left, sync = [at], os.fsync

    def full(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(code, "no")
        sync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(log_folder.os, "fsync", full)
        with pytest.raises(error):
            sealed.sequencer.integrate()
    assert sealed.prover.checkpoint().checkpoint.root == first.root
    assert not list(sealed.folder.rglob("*.part"))
    assert sealed.sequencer.integrate().size == 301
    assert sealed.failed() == {}


def test_a_checkpoint_that_was_signed_and_not_published_is_published_next(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed.add("one")
    sealed.sequencer.integrate()
    sealed.add("two")
    write = sealed.tiles.write

    def cut_off(files: Any) -> None:
        if files[0][0] == CHECKPOINT:
            raise StorageFull("The disk is full.")
        write(files)

    with monkeypatch.context() as patch:
        patch.setattr(LogFolder, "write", lambda _, files: cut_off(files))
        with pytest.raises(StorageFull):
            sealed.sequencer.integrate()
    assert sealed.prover.checkpoint().checkpoint.size == 1
    sealed.sequencer.integrate()
    assert sealed.prover.checkpoint().checkpoint.size == 2


@pytest.mark.parametrize(
    ("how", "damage"),
    [("tile/0/000.p/3", "remove"), ("tile/0/000.p/3", "flip"), ("tile/entries/000.p/3", "cut"), ("checkpoint", "flip")],
)
def test_damaged_files_are_found_and_written_again(sealed: Sealed, how: str, damage: str) -> None:
    sealed.add(*names(3))
    sealed.sequencer.integrate()
    path = sealed.folder / how
    data = path.read_bytes()
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(data[:-1] if damage == "cut" else bytes([data[0] ^ 1]) + data[1:])
    assert sealed.failed()
    assert sealed.sequencer.rebuild() == 3
    assert path.read_bytes() == data
    assert sealed.failed() == {}


def test_a_damaged_edge_is_not_built_on(sealed: Sealed) -> None:
    sealed.add(*names(3))
    sealed.sequencer.integrate()
    (sealed.folder / "tile/0/000.p/3").write_bytes(bytes(96))
    sealed.add("four")
    with pytest.raises(LogAltered):
        sealed.sequencer.integrate()
    sealed.sequencer.rebuild()
    assert sealed.sequencer.integrate().size == 4


def test_an_older_copy_of_the_database_is_not_signed(
    sealed: Sealed, url: str, open_database: Callable[..., SqlDatabase], tmp_path: Path
) -> None:
    """What was published says more than the database knows of: signing on would tell a second history."""
    sealed.add("one")
    sealed.sequencer.integrate()
    ahead = (sealed.folder / CHECKPOINT).read_bytes().replace(b"\n1\n", b"\n2\n")
    (sealed.folder / CHECKPOINT).write_bytes(ahead)
    sealed.add("two")
    with pytest.raises(LogAltered, match="older copy"):
        sealed.sequencer.integrate()


def test_a_database_that_was_sealed_under_another_name_is_told(sealed: Sealed, tmp_path: Path) -> None:
    sealed.add("one")
    sealed.sequencer.integrate()
    with pytest.raises(OtherLog):
        Sealed(sealed.database, tmp_path, "example.org/other").sequencer.integrate()


def test_a_log_has_one_key_for_ever(sealed: Sealed, tmp_path: Path) -> None:
    path = tmp_path / "example.org_log.key"
    before = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(Conflict):
        KeyFile.create(path, ORIGIN, ED25519)
    assert path.read_bytes() == before
    assert KeyFile.read(path).key == sealed.key.key
