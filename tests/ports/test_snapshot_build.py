"""Building snapshots: named by what determines their answers, published whole or not at all, cleared away."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from provenance.adapters.faiss_index import builder
from provenance.adapters.faiss_index.folder import SnapshotFolder
from provenance.attribution.lexical import LEXICAL_IDENTITY
from provenance.fingerprints.sampling import SAMPLED_IDENTITY
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity
from provenance.fingerprints.words import FOLDING
from provenance.kernel.errors import SnapshotUnusable
from provenance.services.records import IndexedRevision, PublishedSnapshot

from .snapshot_values import BACKGROUND, snapshot_folder

ENCODER = EncoderIdentity(
    model="tiny",
    weights_sha256="aa",
    tokenizer_sha256="bb",
    precision="f16",
    pooling="mean",
    segmenting="sentences-1",
    dimensions=4,
)


def revision(number: int, sentences: int = 6) -> IndexedRevision:
    text = " ".join(f"Sentence {i} of the text {number} says a thing that is its own." for i in range(sentences))
    count = len(segment(text))
    vectors = np.random.default_rng(number).normal(size=(count, 4)).astype(np.float16).astype(np.float32)
    return IndexedRevision(work=f"work-{number}", revision=f"rev-{number}", text=text, vectors=vectors)


LIBRARY = [revision(1), revision(2), revision(3, sentences=9)]


def build(
    root: Path, revisions: list[IndexedRevision] = LIBRARY, encoder: EncoderIdentity = ENCODER
) -> PublishedSnapshot:
    return snapshot_folder(root).build(iter(revisions), encoder)


def contents(root: Path) -> dict[str, bytes]:
    """Every file below, but for the lock."""
    return {str(f.relative_to(root)): f.read_bytes() for f in root.rglob("*") if f.is_file() and f.suffix != ".lock"}


def shard(root: Path) -> Path:
    [folder] = (root / "shards").iterdir()
    return folder


def test_a_snapshot_says_what_it_holds_and_is_a_manifest_over_shards(tmp_path: Path) -> None:
    published = build(tmp_path / "new" / "root")
    assert published == PublishedSnapshot(digest=published.digest, encoder=ENCODER.name, works=3, segments=21)
    assert {f.name for f in (tmp_path / "new" / "root").iterdir()} == {"building.lock", "manifests", "shards"}
    manifest = json.loads((tmp_path / "new" / "root" / "manifests" / f"{published.digest}.json").read_text())
    entry = {"shard": shard(tmp_path / "new" / "root").name, "works": 3, "segments": 21, "dead": [], "dead_segments": 0}
    assert manifest["shards"] == [entry]
    assert len(published.digest) == 64
    assert snapshot_folder(tmp_path / "new" / "root").open(published.digest, ENCODER.name).published == published


def test_digests_are_of_the_manifest_of_the_shard_and_so_of_every_byte(tmp_path: Path) -> None:
    manifest = (tmp_path / "manifests" / f"{build(tmp_path).digest}.json").read_bytes()
    assert hashlib.sha256(manifest).hexdigest() == build(tmp_path).digest
    record = (shard(tmp_path) / "shard.json").read_bytes()
    assert hashlib.sha256(record).hexdigest() == shard(tmp_path).name
    made_by = {"exact": SAMPLED_IDENTITY, "words": FOLDING, "content": LEXICAL_IDENTITY, "background": "length-1"}
    assert json.loads(manifest)["rules"] == json.loads(record)["rules"] == made_by
    for name, described in json.loads(record)["files"].items():
        data = (shard(tmp_path) / name).read_bytes()
        assert described == {"bytes": len(data), "blocks": [hashlib.sha256(data).hexdigest()] if data else []}
    assert {*json.loads(record)["files"], "shard.json"} == {f.name for f in shard(tmp_path).iterdir()}


def test_equal_input_gives_equal_files_under_one_digest(tmp_path: Path) -> None:
    one, other = build(tmp_path / "a"), build(tmp_path / "b")
    assert one == other
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_an_equal_snapshot_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    build(tmp_path)
    before = [(f, f.stat().st_ino, f.stat().st_mtime_ns) for f in sorted(tmp_path.rglob("*.*")) if f.is_file()]
    build(tmp_path)
    assert [(f, f.stat().st_ino, f.stat().st_mtime_ns) for f in sorted(tmp_path.rglob("*.*")) if f.is_file()] == before


def test_an_equal_snapshot_that_was_damaged_is_replaced(tmp_path: Path) -> None:
    published = build(tmp_path)
    whole = contents(tmp_path)
    (shard(tmp_path) / "text.bin").unlink()
    (shard(tmp_path) / "segments.bin").write_bytes(b"altered")
    (tmp_path / "manifests" / f"{published.digest}.json").write_text("altered")
    build(tmp_path)
    assert contents(tmp_path) == whole


def altered_vector() -> IndexedRevision:
    vectors = LIBRARY[0].vectors.copy()
    vectors[-1, -1] = np.nextafter(np.float16(vectors[-1, -1]), np.float16(2))
    return replace(LIBRARY[0], vectors=vectors)


@pytest.mark.parametrize(
    "revisions",
    [
        [replace(LIBRARY[0], work="work-9"), *LIBRARY[1:]],
        [replace(LIBRARY[0], revision="rev-9"), *LIBRARY[1:]],
        [altered_vector(), *LIBRARY[1:]],
        LIBRARY[::-1],
        LIBRARY[:-1],
        [],
    ],
    ids=["work", "revision", "last bit of a vector", "order", "fewer", "none"],
)
def test_other_input_has_another_digest(revisions: list[IndexedRevision], tmp_path: Path) -> None:
    assert build(tmp_path / "a").digest != build(tmp_path / "b", revisions).digest


@pytest.mark.parametrize("part", ["SAMPLED_IDENTITY", "FOLDING", "LEXICAL_IDENTITY"])
def test_other_rules_have_another_digest_and_do_not_open_what_these_made(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = build(tmp_path).digest
    monkeypatch.setattr(builder, part, "other-rules-9")
    assert build(tmp_path).digest != digest
    with pytest.raises(SnapshotUnusable, match="made by other rules"):
        snapshot_folder(tmp_path).open(digest, ENCODER.name)


def test_another_background_has_another_digest(tmp_path: Path) -> None:
    other = SnapshotFolder(tmp_path / "b", replace(BACKGROUND, identity="length-2"))
    assert other.build(iter(LIBRARY), ENCODER).digest != build(tmp_path / "a").digest


def test_another_encoder_has_another_digest(tmp_path: Path) -> None:
    other = replace(ENCODER, precision="int8")
    published = build(tmp_path, encoder=other)
    assert published.digest != build(tmp_path).digest
    assert published.encoder == other.name
    assert len(list((tmp_path / "shards").iterdir())) == 2


def test_an_empty_snapshot_answers_that_there_is_nothing(tmp_path: Path) -> None:
    published = build(tmp_path, [])
    assert (published.works, published.segments) == (0, 0)
    index = snapshot_folder(tmp_path).open(published.digest, ENCODER.name)
    assert index.nearest(np.ones((2, 4), np.float32), 3).tolist() == [[-1] * 3] * 2
    assert [list(found) for found in index.sharing(np.array([1, 2], np.uint64))] == [[], []]
    assert list(index.candidates(set()).segments) == []


def test_a_work_without_segments_counts_and_the_next_keeps_its_place(tmp_path: Path) -> None:
    nothing = IndexedRevision(work="w", revision="r", text=" ", vectors=np.empty((0, 4), np.float32))
    published = build(tmp_path, [nothing, LIBRARY[0]])
    assert (published.works, published.segments) == (2, 6)
    [first, _] = snapshot_folder(tmp_path).open(published.digest, ENCODER.name).candidates({0}).segments
    assert (first.work, first.revision) == ("work-1", "rev-1")


def test_every_file_is_on_the_disk_before_it_has_its_name_and_every_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    named: list[Path] = []
    fsync, rename, replace_ = os.fsync, os.rename, os.replace

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    def renamed(source: Path, target: Path) -> None:
        assert set(synced) == {f.stat().st_ino for f in (Path(source), *Path(source).iterdir())}
        assert synced[-1] == Path(source).stat().st_ino
        named.append(Path(target))
        rename(source, target)

    def replaced(source: Path, target: Path) -> None:
        assert synced[-1] == Path(source).stat().st_ino
        assert named[0].parent.stat().st_ino in synced, "the shard's name is there before the manifest's"
        named.append(Path(target))
        replace_(source, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(os, "rename", renamed)
    monkeypatch.setattr(os, "replace", replaced)
    digest = build(tmp_path).digest
    assert named == [shard(tmp_path), tmp_path / "manifests" / f"{digest}.json"]
    assert synced[-1] == (tmp_path / "manifests").stat().st_ino
