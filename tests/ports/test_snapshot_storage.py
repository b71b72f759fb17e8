"""A disk that is full or refuses is named as such, at whatever file it happens, and nothing is left half-written."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.adapters.faiss_index import builder, durable, kgram_file, manifests, vectors
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity
from provenance.kernel.errors import ProvenanceError, StorageFailed, StorageFull
from provenance.services.records import IndexedRevision

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
FULL = Path("/dev/full")  # a device of Linux on which every write fails as on a full disk

needs_full_device = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def library(texts: int) -> Iterator[IndexedRevision]:
    for number in range(texts):
        text = " ".join(f"Sentence {i} of the text {number} says a thing that is its own." for i in range(6))
        rows = np.random.default_rng(number).normal(size=(len(segment(text)), 4)).astype(np.float16)
        yield IndexedRevision(
            work=f"work-{number}", revision=f"rev-{number}", text=text, vectors=rows.astype(np.float32)
        )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that holds one snapshot already."""
    snapshot_folder(tmp_path).build(library(1), ENCODER)
    return tmp_path


def failed(root: Path, error: type[ProvenanceError]) -> ProvenanceError:
    """Build another snapshot, which fails so; the one that was there still opens, and of the other nothing is left."""
    [before] = (root / "manifests").iterdir()
    with pytest.raises(error) as found:
        snapshot_folder(root).build(library(3), ENCODER)
    assert type(found.value) is error
    assert isinstance(found.value.__cause__, OSError | RuntimeError)
    assert list((root / "manifests").iterdir()) == [before]
    assert not list(root.glob("building-*"))
    assert snapshot_folder(root).open(before.stem, ENCODER.name).published.works == 1
    return found.value


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


@needs_full_device
@pytest.mark.parametrize("name", ["SEGMENTS", "TEXT", "CONTENT_WORDS", "WORKS"])
def test_a_full_disk_at_any_file_is_a_full_disk(name: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, name, str(FULL))
    error = failed(root, StorageFull)
    assert f"The disk of {root} is full" in error.message
    assert "space" in error.mend


@needs_full_device
def test_a_full_disk_at_the_vectors_is_a_full_disk(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class ToFullDevice(vectors.VectorsWriter):
        def __init__(self, folder: Path, dimensions: int) -> None:
            super().__init__(folder, dimensions)
            self._file.close()
            self._file = FULL.open("wb")  # the last block is written when the file is closed

    monkeypatch.setattr(builder, "VectorsWriter", ToFullDevice)
    failed(root, StorageFull)


@needs_full_device
def test_a_full_disk_at_the_record_is_a_full_disk(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "RECORD", str(FULL))
    failed(root, StorageFull)


def test_a_full_disk_at_the_manifest_is_a_full_disk(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "written", raising(OSError(errno.ENOSPC, "full")))
    failed(root, StorageFull)


@needs_full_device
def test_a_full_disk_at_the_sorted_kgrams_is_a_full_disk(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class ToFullDevice(kgram_file.KgramWriter):
        def _sort(self) -> None:
            self._path = FULL
            super()._sort()

    monkeypatch.setattr(builder, "KgramWriter", ToFullDevice)
    failed(root, StorageFull)


@needs_full_device
def test_a_full_disk_at_a_bucket_of_kgrams_is_a_full_disk(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class ToFullDevice(kgram_file.KgramWriter):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            self._files = [FULL.open("wb", buffering=0) for _ in self._paths]

    monkeypatch.setattr(kgram_file, "HELD_MAX", 0)
    monkeypatch.setattr(builder, "KgramWriter", ToFullDevice)
    failed(root, StorageFull)


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, StorageFull),
        (errno.EDQUOT, StorageFull),
        (errno.EACCES, StorageFailed),
        (errno.EROFS, StorageFailed),
        (errno.EIO, StorageFailed),
    ],
    ids=["full", "quota", "forbidden", "read-only", "broken"],
)
@pytest.mark.parametrize(
    ("module", "call"), [(tempfile, "mkdtemp"), (os, "rename"), (os, "replace"), (os, "fsync"), (Path, "mkdir")]
)
def test_what_the_system_refuses_is_translated(
    module: Any, call: str, number: int, error: type[ProvenanceError], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, call, raising(OSError(number, os.strerror(number))))
    found = failed(root, error)
    assert str(root) in found.message
    assert found.mend
    if error is StorageFailed:
        assert os.strerror(number) in found.message


def test_a_root_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageFailed, match="Not a directory"):
        snapshot_folder(tmp_path / "file" / "index").build(library(1), ENCODER)


def test_an_error_of_faiss_is_translated(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "EXACT_ROWS_MAX", 0)
    monkeypatch.setattr(vectors, "build_coarse", raising(RuntimeError("Error in write_index: " + "x" * 999)))
    error = failed(root, StorageFailed)
    assert "Error in write_index: xxx" in error.message
    assert len(error.message) < 300


def test_a_build_that_cannot_clear_its_folder_still_says_why_it_failed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", raising(OSError(errno.ENOSPC, "full")))
        patch.setattr(os, "rmdir", raising(OSError(errno.EIO, "broken")))
        with pytest.raises(StorageFull):
            snapshot_folder(root).build(library(3), ENCODER)
    [left] = root.glob(f"{durable.BUILDING}*")
    assert left.is_dir()
    snapshot_folder(root).keep_only(set())
    assert not left.exists()
