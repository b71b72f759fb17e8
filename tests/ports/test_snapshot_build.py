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
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity
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


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_snapshot_says_what_it_holds_and_lies_in_the_folder_of_its_digest(tmp_path: Path) -> None:
    published = build(tmp_path / "new" / "root")
    assert published == PublishedSnapshot(digest=published.digest, encoder=ENCODER.name, works=3, segments=21)
    assert [f.name for f in (tmp_path / "new" / "root").iterdir()] == [published.digest]
    assert len(published.digest) == 64
    assert snapshot_folder(tmp_path / "new" / "root").open(published.digest, ENCODER.name).published == published


def test_the_digest_is_of_the_rules_and_of_every_revision_with_its_vectors(tmp_path: Path) -> None:
    revisions = hashlib.sha256()
    for r in LIBRARY:
        revisions.update(f"{r.work} {r.revision} ".encode() + r.vectors.astype("<f2").tobytes())
    named = {
        "format": "snapshot-2",
        "encoder": ENCODER.name,
        "exact": "kgram6-blake2b64-1,modmin3:3-1",
        "words": "words-1",
    }
    named |= {"content": "stems-1,names-1,sixteenths", "background": "length-1"}
    named["revisions_sha256"] = revisions.hexdigest()
    canonical = json.dumps(named, sort_keys=True, separators=(",", ":")).encode()
    assert build(tmp_path).digest == hashlib.sha256(canonical).hexdigest()


def test_equal_input_gives_equal_files_under_one_digest(tmp_path: Path) -> None:
    one, other = build(tmp_path / "a"), build(tmp_path / "b")
    assert one == other
    assert contents(tmp_path / "a" / one.digest) == contents(tmp_path / "b" / one.digest)


def test_an_equal_snapshot_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / build(tmp_path).digest
    before = [(f.name, f.stat().st_ino, f.stat().st_mtime_ns) for f in sorted(folder.iterdir())]
    build(tmp_path)
    assert [(f.name, f.stat().st_ino, f.stat().st_mtime_ns) for f in sorted(folder.iterdir())] == before
    assert list(tmp_path.iterdir()) == [folder]


def test_an_equal_snapshot_that_was_damaged_is_replaced(tmp_path: Path) -> None:
    published = build(tmp_path)
    whole = contents(tmp_path / published.digest)
    (tmp_path / published.digest / "text.bin").unlink()
    (tmp_path / published.digest / "stray").write_text("left over")
    build(tmp_path)
    assert contents(tmp_path / published.digest) == whole


def test_the_size_of_the_shards_changes_no_answer_and_so_no_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = build(tmp_path / "a").digest
    monkeypatch.setattr(builder, "SHARD_VECTORS", 5)
    assert build(tmp_path / "b").digest == digest


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


@pytest.mark.parametrize("part", ["FORMAT", "SAMPLED_IDENTITY", "FOLDING", "LEXICAL_IDENTITY"])
def test_other_rules_have_another_digest(part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = build(tmp_path / "a").digest
    monkeypatch.setattr(builder, part, "other-rules-9")
    assert build(tmp_path / "b").digest != digest


def test_another_background_has_another_digest(tmp_path: Path) -> None:
    other = SnapshotFolder(tmp_path / "b", replace(BACKGROUND, identity="length-2"))
    assert other.build(iter(LIBRARY), ENCODER).digest != build(tmp_path / "a").digest


def test_another_encoder_has_another_digest(tmp_path: Path) -> None:
    other = replace(ENCODER, precision="int8")
    published = build(tmp_path, encoder=other)
    assert published.digest != build(tmp_path).digest
    assert published.encoder == other.name
    assert len(list(tmp_path.iterdir())) == 2


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


def test_every_file_is_on_the_disk_before_the_snapshot_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync, rename = os.fsync, os.rename

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    def renamed(source: Path, target: Path) -> None:
        assert set(synced) == {f.stat().st_ino for f in (Path(source), *Path(source).iterdir())}
        assert synced[-2] == (Path(source) / "manifest.json").stat().st_ino
        rename(source, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(os, "rename", renamed)
    assert (tmp_path / build(tmp_path).digest).is_dir()
    assert synced
