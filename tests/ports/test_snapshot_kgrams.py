"""The file of k-grams: every record once, in order, found without reading the rest."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.adapters.faiss_index.kgram_file import BUCKETS, RECORD, KgramFile, KgramWriter
from provenance.adapters.faiss_index.layout import FORMAT, SEGMENT
from provenance.attribution.lexical import CONTENT
from provenance.fingerprints.exact import PLACES_MAX

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


def test_records_have_the_layout_that_files_on_disk_have() -> None:
    assert FORMAT == "snapshot-3"
    assert (RECORD.itemsize, RECORD.names) == (12, ("hash", "segment"))
    named = ("work", "start", "end", "text_start", "text_end", "content_start", "content_end")
    assert (SEGMENT.itemsize, SEGMENT.names) == (44, named)
    assert (CONTENT.itemsize, CONTENT.names) == (6, ("hash", "sixteenths", "name"))


def test_a_file_without_records_shares_nothing(tmp_path: Path) -> None:
    file = written(tmp_path / "k", [])
    assert (tmp_path / "k").stat().st_size == 0
    assert shared(file, [0, 1, TOP]) == [[], [], []]


def test_equal_records_are_kept_once(tmp_path: Path) -> None:
    file = written(tmp_path / "k", [(7, 1), (7, 1), (7, 2)], [(7, 1)])
    assert (tmp_path / "k").stat().st_size == 2 * RECORD.itemsize
    assert shared(file, [7]) == [[1, 2]]


def test_only_the_finished_file_is_left(tmp_path: Path) -> None:
    written(tmp_path / "k", [(7, 1)])
    assert [f.name for f in tmp_path.iterdir()] == ["k"]


def test_records_are_spread_over_all_buckets_so_that_few_are_sorted_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KgramWriter, "_sort", lambda _: None)
    hashes = np.random.default_rng(7).integers(0, TOP, 64 * 100, np.uint64, endpoint=True)
    with KgramWriter(tmp_path / "k") as writer:
        writer.add(hashes, np.zeros(len(hashes), np.uint32))
    sizes = [f.stat().st_size // RECORD.itemsize for f in tmp_path.iterdir()]
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
    expected: dict[int, set[int]] = defaultdict(set)
    for batch in batches:
        for value, segment in batch:
            expected[value].add(segment)
    file = written(tmp_path_factory.mktemp("k") / "k", *batches)
    asked = [*expected, *strangers]
    assert shared(file, asked) == [sorted(expected.get(value, ())) for value in asked]


@pytest.mark.parametrize("value", [0, 12345, TOP])
def test_of_many_segments_the_first_64_are_named(value: int, tmp_path: Path) -> None:
    others = [(h, 9) for h in (1, 2**63, TOP - 1)]
    file = written(tmp_path / "k", others, [(value, s) for s in reversed(range(PLACES_MAX + 5))])
    assert shared(file, [value, 1]) == [list(range(PLACES_MAX)), [9]]
