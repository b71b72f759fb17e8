"""An index that can't be opened: the last good one serves on and it is told; without one, a process refuses by name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from provenance.bootstrap import System
from provenance.bootstrap import attribution as bootstrap
from provenance.kernel.errors import AlreadyRunning, SnapshotUnusable
from provenance.services.ingest import ingest
from provenance.services.ports import Encoder
from provenance.settings import Settings
from provenance.sources.document import Document
from provenance.sources.party import Party

TEXTS = ["The cow stood in the second pan. Nobody had seen it come down.", "It rained on the quay for all of that day."]


@pytest.fixture
def settings(tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(System, "encoder", encoder)
    monkeypatch.setattr(bootstrap, "RETRY_SECONDS", 0.0)
    return Settings(home=tmp_path)


def publish(system: System, name: str, text: str) -> str:
    document = Document(origin=name, source_id=name, title=name, author="", text=text)
    (done,) = ingest([document], Party(id="p", name="P"), system.database, system.encoder, system.clock)
    assert done.error is None
    with system.writing():
        return system.publish().snapshot.digest


def test_the_last_good_index_serves_until_the_newest_can_be_opened_again(settings: Settings, tmp_path: Path) -> None:
    writer, reader = System(settings), System(settings)
    writer.database.migrate()
    publish(writer, "a", TEXTS[0])
    good = reader.attributor()
    newest = publish(writer, "b", TEXTS[1])
    manifest = tmp_path / "snapshots" / "manifests" / f"{newest}.json"
    shutil.move(manifest, tmp_path / "away")
    assert reader.attributor() is good
    assert reader.index_problem is not None
    assert newest[:16] in reader.index_problem.message
    with pytest.raises(SnapshotUnusable, match=newest[:16]):
        System(settings).attributor()
    assert not reader.is_current(), "whoever publishes next builds it again"
    shutil.move(tmp_path / "away", manifest)
    assert reader.attributor().identity.snapshot == newest
    assert reader.index_problem is None
    for system in (writer, reader):
        system.close()


def test_shards_that_are_open_are_shared_by_the_next_snapshot(settings: Settings) -> None:
    system = System(settings)
    system.database.migrate()
    publish(system, "a", TEXTS[0])
    before = system.index()
    publish(system, "b", TEXTS[1])
    after = system.index()
    assert system.index() is after
    assert after._shards[0].shard is before._shards[0].shard  # type: ignore[attr-defined]  # of this adapter
    assert (before.published.works, after.published.works) == (1, 2)
    system.close()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def zeroed(file: Path) -> None:
    """As a machine leaves it that lost power before what was written had reached the disk."""
    file.write_bytes(bytes(file.stat().st_size))


def emptied(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, zeroed, emptied, Path.unlink])
@pytest.mark.parametrize("name", ["kgrams.bin", "segments.bin", "text.bin", "content.bin", "vectors.faiss"])
def test_a_file_that_did_not_reach_the_disk_is_refused_and_the_next_publication_restores_it(
    name: str, damage: Callable[[Path], None], settings: Settings, tmp_path: Path
) -> None:
    writer, reader = System(settings), System(settings)
    writer.database.migrate()
    publish(writer, "a", TEXTS[0])
    good = reader.attributor()
    before = {*(tmp_path / "snapshots" / "shards").iterdir()}
    newest = publish(writer, "b", TEXTS[1])
    (shard,) = {*(tmp_path / "snapshots" / "shards").iterdir()} - before
    whole = (shard / name).read_bytes()
    damage(shard / name)
    assert reader.attributor() is good
    assert reader.index_problem is not None
    assert name in reader.index_problem.message
    writer.close()
    restarted = System(settings)
    with restarted.writing():
        assert restarted.publish().snapshot.digest == newest
    assert (shard / name).read_bytes() == whole
    assert reader.attributor().identity.snapshot == newest
    assert reader.index_problem is None
    for system in (restarted, reader):
        system.close()


def test_a_second_writer_is_refused_by_name_and_readers_go_on(settings: Settings) -> None:
    first, second = System(settings), System(settings)
    first.database.migrate()
    published = publish(first, "a", TEXTS[0])
    with first.writing(), pytest.raises(AlreadyRunning, match="Another process"), second.writing():
        pytest.fail("two write at a time")
    assert second.index().published.digest == published
    with second.writing():
        assert not second.publish().built
    for system in (first, second):
        system.close()


def test_a_snapshot_that_is_removed_under_a_reader_answers_on_and_is_had_again(
    settings: Settings, tmp_path: Path
) -> None:
    writer, reader = System(settings), System(settings)
    writer.database.migrate()
    published = publish(writer, "a", TEXTS[0])
    index = reader.index()
    ordinals = {*range(index.published.segments)}
    names = index.revisions(ordinals)
    shutil.rmtree(tmp_path / "snapshots")
    assert index.revisions(ordinals) == names
    assert reader.index() is index
    with writer.writing():
        again = writer.publish().snapshot
    assert (again.digest, again.segments) == (published, index.published.segments)
    for system in (writer, reader):
        system.close()
