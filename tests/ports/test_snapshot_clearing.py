"""What failed or killed builds leave behind, and what is cleared away of it and of old snapshots."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.adapters.faiss_index import builder
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity
from provenance.kernel.errors import SnapshotUnusable
from provenance.services.records import IndexedRevision, PublishedSnapshot

from .snapshot_values import snapshot_folder

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


def left(root: Path) -> list[Path]:
    """What lies there, but for the lock."""
    return [f for f in root.iterdir() if f.suffix != ".lock"]


def shards(root: Path) -> dict[str, set[str]]:
    """The names of the files of each shard."""
    return {folder.name: {f.name for f in folder.iterdir()} for folder in (root / "shards").iterdir()}


def shard_of(root: Path, digest: str) -> str:
    [entry] = json.loads((root / "manifests" / f"{digest}.json").read_text())["shards"]
    return str(entry["shard"])


def test_an_exception_of_the_source_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[IndexedRevision]:
        yield LIBRARY[0]
        raise KeyError("the database went away")

    with pytest.raises(KeyError, match="went away"):
        snapshot_folder(tmp_path).build(broken(), ENCODER)
    assert left(tmp_path) == []


def test_vectors_of_other_segments_than_the_texts_are_a_bug_and_leave_nothing_behind(tmp_path: Path) -> None:
    wrong = replace(LIBRARY[0], vectors=LIBRARY[0].vectors[:-1])
    with pytest.raises(AssertionError, match="rev-1 was cut by other rules"):
        build(tmp_path, [wrong])
    assert left(tmp_path) == []


def test_a_killed_build_leaves_no_snapshot_and_what_it_left_is_cleared(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        import numpy as np
        from provenance.adapters.faiss_index.builder import Background
        from provenance.adapters.faiss_index.folder import SnapshotFolder
        from provenance.fingerprints.vector import EncoderIdentity
        from provenance.services.records import IndexedRevision

        def dying():
            yield IndexedRevision(work="w", revision="r", text="A text.", vectors=np.ones((1, 4), np.float32))
            os.kill(os.getpid(), signal.SIGKILL)

        same = dict.fromkeys(("weights_sha256", "tokenizer_sha256", "precision", "pooling", "segmenting"), "x")
        folder = SnapshotFolder(Path(sys.argv[1]), Background(rarity=len, identity="length-1"))
        folder.build(dying(), EncoderIdentity(model="m", dimensions=4, **same))
        """
    )
    kept = build(tmp_path).digest
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr.decode()
    assert len(list(tmp_path.glob("building-*"))) == 1
    snapshot_folder(tmp_path).keep_only({kept})
    assert {f.name for f in left(tmp_path)} == {"manifests", "shards"}
    assert snapshot_folder(tmp_path).open(kept, ENCODER.name).published.works == len(LIBRARY)


def test_a_build_that_goes_on_is_not_cleared_away(tmp_path: Path) -> None:
    kept = build(tmp_path).digest

    def clearing() -> Iterator[IndexedRevision]:
        yield LIBRARY[0]
        snapshot_folder(tmp_path).keep_only({kept})
        assert len(list(tmp_path.glob("building-*"))) == 1
        yield LIBRARY[1]

    published = snapshot_folder(tmp_path).build(clearing(), ENCODER)
    assert snapshot_folder(tmp_path).open(published.digest, ENCODER.name).published.works == 2


def test_of_what_is_not_named_the_records_are_kept_and_every_manifest(tmp_path: Path) -> None:
    one, two, three = (build(tmp_path, LIBRARY[:n]).digest for n in (1, 2, 3))
    (tmp_path / "a file of somebody else").write_text("stays")
    before = shards(tmp_path)
    snapshot_folder(tmp_path).keep_only({one, three, "0" * 64})
    assert shards(tmp_path) == before | {shard_of(tmp_path, two): {"shard.json", "works.json"}}
    assert {f.stem for f in (tmp_path / "manifests").iterdir()} == {one, two, three}
    assert (tmp_path / "a file of somebody else").exists()
    with pytest.raises(SnapshotUnusable):
        snapshot_folder(tmp_path).open(two, ENCODER.name)
    for digest in (one, three):
        snapshot_folder(tmp_path).open(digest, ENCODER.name)


def test_what_cannot_be_removed_stays_and_the_rest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path)
    unlink = Path.unlink

    def refusing(path: Path, **options: Any) -> None:
        if path.name == "text.bin":
            raise PermissionError(errno.EACCES, "not yours")
        unlink(path, **options)

    monkeypatch.setattr(Path, "unlink", refusing)
    snapshot_folder(tmp_path).keep_only(set())
    assert [*shards(tmp_path).values()] == [{"shard.json", "works.json", "text.bin"}]


def test_snapshots_of_the_time_before_there_were_shards_are_cleared_away(tmp_path: Path) -> None:
    old = tmp_path / ("a" * 64)
    old.mkdir()
    (old / "manifest.json").write_text('{"format": "snapshot-2"}')
    snapshot_folder(tmp_path).keep_only(set())
    assert not old.exists()


def read(name: str) -> IndexedRevision | None:
    return next((r for r in LIBRARY if r.revision == name), None)


def test_what_was_cleared_away_is_built_again_to_the_bit(tmp_path: Path) -> None:
    digest = build(tmp_path).digest
    folder = tmp_path / "shards" / shard_of(tmp_path, digest)
    before = {f.name: f.read_bytes() for f in folder.iterdir()}
    snapshot_folder(tmp_path).keep_only(set())
    index = snapshot_folder(tmp_path).restore(digest, ENCODER.name, read)
    assert index.published.digest == digest
    assert {f.name: f.read_bytes() for f in folder.iterdir()} == before
    assert snapshot_folder(tmp_path).open(digest, ENCODER.name).published == index.published


@pytest.mark.parametrize("name", ["text.bin", "segments.bin", "kgrams.bin"])
def test_what_was_damaged_is_built_again(name: str, tmp_path: Path) -> None:
    digest = build(tmp_path).digest
    (tmp_path / "shards" / shard_of(tmp_path, digest) / name).write_bytes(b"altered")
    snapshot_folder(tmp_path).restore(digest, ENCODER.name, read)
    snapshot_folder(tmp_path).verify(digest, ENCODER.name)


@pytest.mark.parametrize(
    ("reader", "why"),
    [
        (lambda _: None, "has no vectors of this encoder any more"),
        (
            lambda name: replace(read(name) or LIBRARY[0], text=LIBRARY[0].text, vectors=LIBRARY[0].vectors),
            "another one",
        ),
    ],
    ids=["gone", "another text"],
)
def test_what_comes_out_another_one_is_refused(reader: Any, why: str, tmp_path: Path) -> None:
    digest = build(tmp_path).digest
    snapshot_folder(tmp_path).keep_only(set())
    with pytest.raises(SnapshotUnusable, match=why):
        snapshot_folder(tmp_path).restore(digest, ENCODER.name, reader)
    assert {f.name for f in left(tmp_path)} == {"manifests", "shards"}


def test_what_was_made_by_other_rules_is_not_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = build(tmp_path).digest
    snapshot_folder(tmp_path).keep_only(set())
    monkeypatch.setattr(builder, "FOLDING", "other-words-9")
    with pytest.raises(SnapshotUnusable, match="made by other rules"):
        snapshot_folder(tmp_path).restore(digest, ENCODER.name, read)


def test_where_nothing_was_built_there_is_nothing_to_clear(tmp_path: Path) -> None:
    snapshot_folder(tmp_path / "never").keep_only(set())
    assert not (tmp_path / "never").exists()


def test_a_snapshot_that_is_open_answers_on_after_it_was_removed(tmp_path: Path) -> None:
    snapshots = snapshot_folder(tmp_path)
    index = snapshots.open(build(tmp_path).digest, ENCODER.name)
    nearest = index.nearest(LIBRARY[1].vectors, 5).tolist()
    snapshots.keep_only(set())
    assert [*shards(tmp_path).values()] == [{"shard.json", "works.json"}]
    assert index.nearest(LIBRARY[1].vectors, 5).tolist() == nearest
    assert [s.text for s in index.candidates({6}).segments] == [
        s.of(LIBRARY[1].text) for s in segment(LIBRARY[1].text)[:2]
    ]
