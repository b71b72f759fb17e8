"""What failed or killed builds leave behind, and what is cleared away of it and of old snapshots."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_an_exception_of_the_source_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[IndexedRevision]:
        yield LIBRARY[0]
        raise KeyError("the database went away")

    with pytest.raises(KeyError, match="went away"):
        snapshot_folder(tmp_path).build(broken(), ENCODER)
    assert list(tmp_path.iterdir()) == []


def test_vectors_of_other_segments_than_the_texts_are_a_bug_and_leave_nothing_behind(tmp_path: Path) -> None:
    wrong = replace(LIBRARY[0], vectors=LIBRARY[0].vectors[:-1])
    with pytest.raises(AssertionError, match="rev-1 was cut by other rules"):
        build(tmp_path, [wrong])
    assert list(tmp_path.iterdir()) == []


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
    [left] = [f for f in tmp_path.iterdir() if f.name != kept]
    assert left.name.startswith("building-")
    with pytest.raises(SnapshotUnusable):
        snapshot_folder(tmp_path).open(left.name, ENCODER.name)
    snapshot_folder(tmp_path).keep_only({kept})
    assert [f.name for f in tmp_path.iterdir()] == [kept]


def test_only_what_is_named_is_kept(tmp_path: Path) -> None:
    one, two, three = (build(tmp_path, LIBRARY[:n]).digest for n in (1, 2, 3))
    (tmp_path / "a file of somebody else").write_text("stays")
    snapshot_folder(tmp_path).keep_only({one, three, "0" * 64})
    assert {f.name for f in tmp_path.iterdir()} == {one, three, "a file of somebody else"}
    with pytest.raises(SnapshotUnusable):
        snapshot_folder(tmp_path).open(two, ENCODER.name)


def test_what_cannot_be_removed_stays_and_the_rest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, _ = (build(tmp_path, LIBRARY[:n]).digest for n in (1, 2))
    rmdir = os.rmdir

    def refusing(path: str, **options: Any) -> None:
        if Path(path).name == stuck:
            raise PermissionError(errno.EACCES, "not yours")
        rmdir(path, **options)

    monkeypatch.setattr(os, "rmdir", refusing)
    snapshot_folder(tmp_path).keep_only(set())
    assert [f.name for f in tmp_path.iterdir()] == [stuck]


def test_where_nothing_was_built_there_is_nothing_to_clear(tmp_path: Path) -> None:
    snapshot_folder(tmp_path / "never").keep_only(set())
    assert not (tmp_path / "never").exists()


def test_a_snapshot_that_is_open_answers_on_after_it_was_removed(tmp_path: Path) -> None:
    snapshots = snapshot_folder(tmp_path)
    index = snapshots.open(build(tmp_path).digest, ENCODER.name)
    nearest = index.nearest(LIBRARY[1].vectors, 5).tolist()
    snapshots.keep_only(set())
    assert list(tmp_path.iterdir()) == []
    assert index.nearest(LIBRARY[1].vectors, 5).tolist() == nearest
    assert [s.text for s in index.candidates({6}).segments] == [
        s.of(LIBRARY[1].text) for s in segment(LIBRARY[1].text)[:2]
    ]
