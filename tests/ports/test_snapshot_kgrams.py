"""The file of k-grams: every record once, in order, found without reading the rest."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.adapters.faiss_index import kgram_file
from provenance.adapters.faiss_index.kgram_file import (
    BUCKETS,
    FOOTER,
    MAGIC,
    RECORD,
    SLOT_RECORDS_BITS,
    WAITING,
    KgramFile,
    KgramWriter,
)
from provenance.adapters.faiss_index.layout import FORMAT, SEGMENT
from provenance.attribution.lexical import CONTENT
from provenance.fingerprints.exact import PLACES_MAX
from provenance.kernel.errors import SnapshotUnusable

TOP = 2**64 - 1
HASHES = st.one_of(st.sampled_from([0, 1, 2**58 - 1, 2**58, 2**63, TOP - 1, TOP]), st.integers(0, TOP))
Records = list[tuple[int, int]]


def written(path: Path, *batches: Records) -> KgramFile:
    with KgramWriter(path) as writer:
        for batch in batches:
            writer.add(np.array([h for h, _ in batch], np.uint64), np.array([s for _, s in batch], np.uint32))
    return KgramFile(path)


def shared(file: KgramFile, hashes: list[int]) -> list[list[int]]:
    return [list(found) for found in file.sharing(np.array(hashes, np.uint64))]


def records_in(path: Path) -> int:
    return int(np.frombuffer(path.read_bytes()[-FOOTER.itemsize :], FOOTER)["records"][0])


def test_records_have_the_layout_that_files_on_disk_have() -> None:
    assert FORMAT == "snapshot-4"
    assert (RECORD.itemsize, RECORD.names) == (8, ("rest", "segment"))
    assert (MAGIC, FOOTER.itemsize, FOOTER.names) == (b"kgrams-2", 16, ("bits", "records", "magic"))
    named = ("work", "start", "end", "text_start", "text_end", "content_start", "content_end")
    assert (SEGMENT.itemsize, SEGMENT.names) == (44, named)
    assert (CONTENT.itemsize, CONTENT.names) == (6, ("hash", "sixteenths", "name"))


def test_a_file_without_records_shares_nothing(tmp_path: Path) -> None:
    file = written(tmp_path / "k", [])
    assert shared(file, [0, 1, TOP]) == [[], [], []]


def test_equal_records_are_kept_once(tmp_path: Path) -> None:
    file = written(tmp_path / "k", [(7, 1), (7, 1), (7, 2)], [(7, 1)])
    assert records_in(tmp_path / "k") == 2
    assert shared(file, [7]) == [[1, 2]]


def test_only_the_finished_file_is_left(tmp_path: Path) -> None:
    written(tmp_path / "k", [(7, 1)])
    assert [f.name for f in tmp_path.iterdir()] == ["k"]


def test_records_are_spread_over_all_buckets_so_that_few_are_sorted_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KgramWriter, "_sort", lambda _: None)
    monkeypatch.setattr(kgram_file, "HELD_MAX", 0)
    hashes = np.random.default_rng(7).integers(0, TOP, 64 * 100, np.uint64, endpoint=True)
    with KgramWriter(tmp_path / "k") as writer:
        writer.add(hashes, np.zeros(len(hashes), np.uint32))
    sizes = [f.stat().st_size // WAITING.itemsize for f in tmp_path.iterdir()]
    assert len(sizes) == BUCKETS == 64
    assert sum(sizes) == len(hashes)
    assert 50 < min(sizes) <= max(sizes) < 150


def test_an_unfinished_file_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(KeyError), KgramWriter(tmp_path / "k"):
        raise KeyError
    assert not (tmp_path / "k").exists()


@given(
    st.lists(st.lists(st.tuples(HASHES, st.integers(0, 2**32 - 1)), max_size=40), max_size=3),
    st.lists(HASHES, max_size=10),
)
def test_every_record_is_found_under_its_hash_in_order(
    tmp_path_factory: pytest.TempPathFactory, batches: list[Records], strangers: list[int]
) -> None:
    # A file of so few records keeps 32 to 36 bits of a hash.
    dropped = 32 - max(0, sum(map(len, batches)).bit_length() - SLOT_RECORDS_BITS)
    expected: dict[int, set[int]] = defaultdict(set)
    for batch in batches:
        for value, segment in batch:
            expected[value >> dropped].add(segment)
    file = written(tmp_path_factory.mktemp("k") / "k", *batches)
    asked = [*(value for batch in batches for value, _ in batch), *strangers]
    assert shared(file, asked) == [sorted(expected.get(value >> dropped, ())) for value in asked]


@pytest.mark.parametrize("value", [0, 12345, TOP])
def test_of_many_segments_the_first_64_are_named(value: int, tmp_path: Path) -> None:
    others = [(h, 9) for h in (2**40, 2**63, TOP - 2**40)]
    file = written(tmp_path / "k", others, [(value, s) for s in reversed(range(PLACES_MAX + 5))])
    assert shared(file, [value, 2**40]) == [list(range(PLACES_MAX)), [9]]


@pytest.mark.parametrize("count", [0, 1, 2_000])
def test_a_file_that_was_cut_or_is_of_another_kind_is_refused(count: int, tmp_path: Path) -> None:
    path = tmp_path / "k"
    written(path, [(n << 44, n) for n in range(count)])
    whole = path.read_bytes()
    for damaged in (b"", whole[:-1], whole[8:], whole[:-8] + b"kgrams-1", whole + whole[-16:], b"\xff" * 64):
        path.write_bytes(damaged)
        with pytest.raises(SnapshotUnusable):
            KgramFile(path)


@pytest.mark.parametrize("held", [0, 3_000, 10**6])
def test_files_of_equal_records_are_equal_however_they_were_added(
    held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.random.default_rng(3).integers(0, TOP, 5_000, np.uint64, endpoint=True).tolist()
    records = [(value, n % 700) for n, value in enumerate(values)]
    written(tmp_path / "one", records)
    monkeypatch.setattr(kgram_file, "HELD_MAX", held)
    written(tmp_path / "two", *(records[n::7] for n in range(7)))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_large_file_takes_nine_bytes_a_record_at_most_and_lists_them_all(tmp_path: Path) -> None:
    hashes = np.random.default_rng(4).integers(0, TOP, 70_000, np.uint64, endpoint=True)
    with KgramWriter(tmp_path / "k") as writer:
        writer.add(hashes, np.arange(len(hashes), dtype=np.uint32))
    assert (tmp_path / "k").stat().st_size <= 9 * len(hashes) + 64
    assert KgramFile(tmp_path / "k").sharing(hashes) == [[n] for n in range(len(hashes))]
    assert not any(KgramFile(tmp_path / "k").sharing(hashes + np.uint64(2**20)))
