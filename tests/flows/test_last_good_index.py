"""An index that can't be opened: the last good one serves on and it is told; without one, a process refuses by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from provenance import bootstrap
from provenance.bootstrap import System
from provenance.kernel.errors import SnapshotUnusable
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
