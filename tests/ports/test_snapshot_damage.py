"""A snapshot that isn't exactly what was built is refused before it answers anything."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.adapters.faiss_index import blocks, layout
from provenance.adapters.faiss_index.layout import RECORD, read_manifest, read_shard_record
from provenance.adapters.faiss_index.snapshot import FaissSnapshot
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
FILES = ["shard.json", "segments.bin", "text.bin", "content.bin", "works.json", "kgrams.bin", "vectors.faiss"]


def revision(number: int) -> IndexedRevision:
    text = " ".join(f"Sentence {i} of the text {number} says a thing that is its own." for i in range(6))
    vectors = np.random.default_rng(number).normal(size=(len(segment(text)), 4)).astype(np.float16).astype(np.float32)
    return IndexedRevision(work=f"work-{number}", revision=f"rev-{number}", text=text, vectors=vectors)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole snapshot of one shard; tests alter a copy of it."""
    root = tmp_path_factory.mktemp("built")
    snapshot_folder(root).build(iter([revision(1), revision(2)]), ENCODER)
    return root


@pytest.fixture
def manifest(built: Path, tmp_path: Path) -> Path:
    root = Path(shutil.copytree(built, tmp_path / "snapshots"))
    [file] = (root / "manifests").iterdir()
    return file


@pytest.fixture
def folder(manifest: Path) -> Path:
    [shard] = (manifest.parent.parent / "shards").iterdir()
    return shard


def opened(manifest: Path, encoder: str = ENCODER.name) -> FaissSnapshot:
    return snapshot_folder(manifest.parent.parent).open(manifest.stem, encoder)


def refused(manifest: Path, encoder: str = ENCODER.name) -> SnapshotUnusable:
    with pytest.raises(SnapshotUnusable) as error:
        opened(manifest, encoder)
    assert "provenance index --rebuild" in error.value.mend
    return error.value


def test_the_copy_itself_is_whole_and_has_these_files(manifest: Path, folder: Path) -> None:
    assert opened(manifest).published.segments == 12
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
def test_a_file_that_was_altered_is_refused(name: str, damage: str, manifest: Path, folder: Path) -> None:
    file = folder / name
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    error = refused(manifest)
    assert folder.name[:16] in error.message
    assert name == RECORD or f"{name} of the shard" in error.message


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_manifest_that_was_altered_is_refused(damage: str, manifest: Path) -> None:
    manifest.write_bytes(DAMAGE[damage](manifest.read_bytes()))
    assert f"The snapshot {manifest.stem[:16]} has no readable manifest" in refused(manifest).message


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(name: str, manifest: Path, folder: Path) -> None:
    (folder / name).unlink()
    assert ("no readable manifest" if name == RECORD else f"lacks {name}") in refused(manifest).message


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_goes_missing_or_is_cut_while_it_is_open_is_refused_from_then_on(
    name: str, manifest: Path, folder: Path
) -> None:
    snapshots = snapshot_folder(manifest.parent.parent)
    index = snapshots.open(manifest.stem, ENCODER.name)
    (folder / name).unlink()
    if name == RECORD:
        assert snapshots.open(manifest.stem, ENCODER.name).published == index.published
    else:
        with pytest.raises(SnapshotUnusable, match=name):
            snapshots.open(manifest.stem, ENCODER.name)
    assert len(index.candidates({3}).segments) == 3


def test_a_file_in_place_of_which_a_folder_stands_is_refused(manifest: Path, folder: Path) -> None:
    (folder / "text.bin").unlink()
    (folder / "text.bin").mkdir()
    assert "text.bin" in refused(manifest).message


@pytest.mark.parametrize("which", ["manifest", "record"])
def test_any_flipped_bit_of_a_record_is_refused(which: str, manifest: Path, folder: Path) -> None:
    file = manifest if which == "manifest" else folder / RECORD
    whole = file.read_bytes()
    assert len(whole) > 300
    for place, byte in enumerate(whole):
        file.write_bytes(whole[:place] + bytes([byte ^ 1]) + whole[place + 1 :])
        with pytest.raises(SnapshotUnusable):
            read_manifest(file) if which == "manifest" else read_shard_record(folder)


def sealed_again(manifest: Path, text: str) -> Path:
    """The text as a manifest under the name that it has then, as another version of this program would write it."""
    made = manifest.with_name(f"{hashlib.sha256(text.encode()).hexdigest()}.json")
    made.write_text(text)
    return made


@pytest.mark.parametrize("text", ["[]", "{}", "null", "7", '"text"', "[[]]", '{"format": "snapshot-4"}', "{", "1e999"])
def test_a_manifest_that_is_something_else_is_refused(text: str, manifest: Path) -> None:
    assert "no readable manifest" in refused(sealed_again(manifest, text)).message


@pytest.mark.parametrize(
    "change", [{"shards": 1}, {"shards": [{}]}, {"shards": [7]}, {"more": 1}, {"rules": None}], ids=str
)
def test_a_manifest_that_says_something_else_is_refused(change: dict[str, Any], manifest: Path) -> None:
    fields = json.loads(manifest.read_text())
    made = sealed_again(manifest, json.dumps({**fields, **change}))
    assert ("other rules" if "rules" in change else "no readable manifest") in refused(made).message


def test_a_snapshot_of_another_format_is_refused(manifest: Path) -> None:
    fields = json.loads(manifest.read_text())
    made = sealed_again(manifest, json.dumps({**fields, "format": "snapshot-0"}))
    assert "is of another format" in refused(made).message


def test_a_snapshot_under_the_name_of_another_is_refused(manifest: Path) -> None:
    assert "no readable manifest" in refused(manifest.rename(manifest.with_stem("0" * 64))).message


def test_a_snapshot_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "no readable manifest" in refused(tmp_path / "manifests" / ("1" * 64)).message


def test_a_snapshot_of_another_encoder_is_refused(manifest: Path) -> None:
    other = replace(ENCODER, precision="int8").name
    assert f"is of the encoder {ENCODER.name}, not {other}" in refused(manifest, other).message


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A snapshot whose files have many blocks each: some of them are looked at when it is opened."""
    monkeypatch.setattr(layout, "BLOCK_BYTES", 64)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)
    published = snapshot_folder(tmp_path).build(iter([revision(n) for n in range(40)]), ENCODER)
    return tmp_path / "manifests" / f"{published.digest}.json"


@pytest.mark.parametrize("place", [0, -1], ids=["first", "last"])
def test_ends_of_a_large_file_are_always_looked_at(place: int, large: Path) -> None:
    [text] = large.parent.parent.glob("shards/*/text.bin")
    data = bytearray(text.read_bytes())
    data[place] ^= 1
    text.write_bytes(data)
    assert "text.bin of the shard" in refused(large).message


def test_an_altered_byte_within_a_large_file_is_found_sooner_or_later_and_by_verifying_at_once(large: Path) -> None:
    [text] = large.parent.parent.glob("shards/*/text.bin")
    data = bytearray(text.read_bytes())
    assert len(data) > 64 * 3 * blocks.BLOCKS_DRAWN
    data[len(data) // 2] ^= 1
    text.write_bytes(data)
    with pytest.raises(SnapshotUnusable, match=r"text.bin of the shard"):
        snapshot_folder(large.parent.parent).verify(large.stem, ENCODER.name)
    found = 0
    for _ in range(200):
        try:
            opened(large)
        except SnapshotUnusable:
            found += 1
    assert 0 < found < 200, "some blocks are looked at, and not the same ones each time"


def test_what_is_whole_is_verified(large: Path) -> None:
    snapshot_folder(large.parent.parent).verify(large.stem, ENCODER.name)
