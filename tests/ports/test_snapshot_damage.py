"""A snapshot that isn't exactly what was built is refused before it answers anything."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.adapters.faiss_index import builder
from provenance.adapters.faiss_index.layout import MANIFEST, Manifest, read_manifest, write_manifest
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity
from provenance.kernel.errors import SnapshotUnusable
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
FILES = ["manifest.json", "segments.bin", "text.bin", "content.bin", "works.json", "kgrams.bin"] + [
    f"vectors-0000{i}.faiss" for i in range(3)
]


def revision(number: int) -> IndexedRevision:
    text = " ".join(f"Sentence {i} of the text {number} says a thing that is its own." for i in range(6))
    vectors = np.random.default_rng(number).normal(size=(len(segment(text)), 4)).astype(np.float32)
    return IndexedRevision(work=f"work-{number}", revision=f"rev-{number}", text=text, vectors=vectors)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole snapshot of three shards; tests alter a copy of it."""
    root = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "SHARD_VECTORS", 5)
        published = snapshot_folder(root).build(iter([revision(1), revision(2)]), ENCODER)
    return root / published.digest


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / built.name))


def refused(folder: Path, encoder: str = ENCODER.name) -> SnapshotUnusable:
    with pytest.raises(SnapshotUnusable) as error:
        snapshot_folder(folder.parent).open(folder.name, encoder)
    assert "provenance index --rebuild" in error.value.mend
    return error.value


def test_the_copy_itself_is_whole_and_has_these_files(folder: Path) -> None:
    assert snapshot_folder(folder.parent).open(folder.name, ENCODER.name).published.segments == 12
    assert sorted(f.name for f in folder.iterdir()) == sorted(FILES)


def flipped(at: float) -> Callable[[bytes], bytes]:
    def flip(data: bytes) -> bytes:
        place = int(at * (len(data) - 1))
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

    return flip


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "first bit": flipped(0),
    "a bit in the middle": flipped(0.5),
    "last bit": flipped(1),
    "last byte lost": lambda data: data[:-1],
    "half lost": lambda data: data[: len(data) // 2],
    "all lost": lambda _: b"",
    "byte added": lambda data: data + b"\0",
    "another file": lambda _: b"\0" * 4096,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_altered_is_refused(name: str, damage: str, folder: Path) -> None:
    file = folder / name
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    error = refused(folder)
    assert folder.name[:16] in error.message
    assert name == MANIFEST or f"{name} of the snapshot" in error.message


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(name: str, folder: Path) -> None:
    (folder / name).unlink()
    assert ("no readable manifest" if name == MANIFEST else f"lacks {name}") in refused(folder).message


def test_a_file_in_place_of_which_a_folder_stands_is_refused(folder: Path) -> None:
    (folder / "text.bin").unlink()
    (folder / "text.bin").mkdir()
    assert "lacks text.bin" in refused(folder).message


def test_any_flipped_bit_of_the_manifest_is_refused(folder: Path) -> None:
    whole = (folder / MANIFEST).read_bytes()
    assert len(whole) > 1_000
    for place, byte in enumerate(whole):
        (folder / MANIFEST).write_bytes(whole[:place] + bytes([byte ^ 1]) + whole[place + 1 :])
        with pytest.raises(SnapshotUnusable):
            read_manifest(folder)


@pytest.mark.parametrize(
    "change",
    [{"segments": 11}, {"works": 3}, {"shards": 2}, {"shards": 0}, {"encoder": "other"}, {"files": {}}],
    ids=lambda change: "{}={}".format(*next(iter(change.items()))),
)
def test_a_manifest_that_says_something_else_is_refused(change: dict[str, Any], folder: Path) -> None:
    fields = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**fields, **change}))
    assert "no readable manifest" in refused(folder).message


@pytest.mark.parametrize("text", ["[]", "{}", "null", "7", '"text"', "[[]]", '{"sha256": "x"}', "{", "\ud7ff", "1e999"])
def test_a_manifest_that_is_something_else_is_refused(text: str, folder: Path) -> None:
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    assert "no readable manifest" in refused(folder).message


def sealed_again(folder: Path, **change: Any) -> None:
    """Write the manifest anew with a right digest of itself, as another version of this program would."""
    fields = json.loads((folder / MANIFEST).read_text())
    del fields["sha256"]
    write_manifest(folder, replace(Manifest(**fields), **change))


def test_a_snapshot_of_another_format_is_refused(folder: Path) -> None:
    sealed_again(folder)
    assert snapshot_folder(folder.parent).open(folder.name, ENCODER.name).published.works == 2
    sealed_again(folder, format="snapshot-0")
    assert "another format or name" in refused(folder).message


def test_a_snapshot_under_the_name_of_another_is_refused(folder: Path) -> None:
    renamed = folder.rename(folder.with_name("0" * 64))
    assert "another format or name" in refused(renamed).message


def test_a_snapshot_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "no readable manifest" in refused(tmp_path / ("1" * 64)).message


def test_a_snapshot_of_another_encoder_is_refused(folder: Path) -> None:
    other = replace(ENCODER, precision="int8").name
    error = refused(folder, other)
    assert f"is of the encoder {ENCODER.name}, not {other}" in error.message


def test_a_manifest_reads_back_as_it_was_written(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert set(manifest.files) == set(FILES) - {MANIFEST}
    for name, described in manifest.files.items():
        data = (folder / name).read_bytes()
        assert described == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    write_manifest(folder, manifest)
    assert asdict(read_manifest(folder)) == asdict(manifest)
