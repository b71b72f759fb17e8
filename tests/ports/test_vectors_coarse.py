"""The vectors of a large shard: a coarse stage names candidates, and their scores and order are exact all the same."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.adapters.faiss_index import quantised, vectors
from provenance.adapters.faiss_index.layout import VectorsInfo
from provenance.adapters.faiss_index.parameters import RECALL_10, RECALL_100
from provenance.adapters.faiss_index.quantised import COARSE, CODES
from provenance.adapters.faiss_index.vectors import VECTORS, VectorsFile, VectorsWriter
from provenance.fingerprints.vector import Vectors, unit
from provenance.kernel.errors import SnapshotUnusable

DIMENSIONS, TOTAL = 32, 6_000
FULL = Path("/dev/full")  # a device of Linux on which every write fails as on a full disk


def clustered(seed: int, count: int) -> Vectors:
    """Rows around 150 topics, of which some are much more common than others."""
    topics = unit(np.random.default_rng(7).normal(size=(150, DIMENSIONS)).astype(np.float32))
    random = np.random.default_rng(seed)
    topic = topics[(150 * random.random(count) ** 2).astype(int)]
    noise = random.normal(size=(count, DIMENSIONS)).astype(np.float32) * random.uniform(0.02, 0.2, (count, 1))
    return unit((topic + noise).astype(np.float32)).astype(np.float16).astype(np.float32)


STORED, QUERIES = clustered(1, TOTAL), clustered(2, 100)


@pytest.fixture(autouse=True, scope="module")
def _large() -> Iterator[None]:
    """Some thousand rows are a large shard here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "EXACT_ROWS_MAX", 2_000)
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, _large: None) -> tuple[Path, VectorsInfo]:
    folder = tmp_path_factory.mktemp("vectors")
    return folder, write(folder, STORED)


@pytest.fixture
def file(built: tuple[Path, VectorsInfo]) -> VectorsFile:
    return VectorsFile.open(*built)


def write(folder: Path, *chunks: Vectors) -> VectorsInfo:
    folder.mkdir(exist_ok=True)
    with VectorsWriter(folder, DIMENSIONS) as writer:
        for chunk in chunks:
            writer.add(chunk)
        return writer.close()


def exact(stored: Vectors, queries: Vectors) -> NDArray[np.float32]:
    scores: NDArray[np.float32] = (queries.astype(np.float64) @ stored.astype(np.float64).T).astype(np.float32)
    return scores


def recall(file: VectorsFile, stored: Vectors, queries: Vectors, k: int) -> float:
    """The part of the nearest that is found; one that is as near as the last of them counts as well."""
    scores, _ = file.nearest(queries, k)
    least = -np.sort(-exact(stored, queries), axis=1)[:, k - 1 : k]
    return float((scores >= least).mean())


def test_strangers_find_nearly_all_of_their_nearest(file: VectorsFile) -> None:
    assert recall(file, STORED, QUERIES, 10) >= RECALL_10 - 0.01
    assert recall(file, STORED, QUERIES, 16) >= RECALL_10 - 0.01
    assert recall(file, STORED, QUERIES, 100) >= RECALL_100 - 0.01


def test_the_recall_that_was_measured_is_what_the_manifest_says(built: tuple[Path, VectorsInfo]) -> None:
    coarse = built[1].parameters
    assert coarse["few"]["recall"] >= RECALL_10
    assert coarse["many"]["recall"] >= RECALL_100
    assert coarse["few"]["probes"] < coarse["lists"]
    assert VectorsInfo(**asdict(built[1])) == built[1]


@pytest.mark.parametrize("k", [1, 16, 100, 300])
def test_what_is_found_has_exact_scores_in_the_right_order_and_comes_once(k: int, file: VectorsFile) -> None:
    scores, ordinals = file.nearest(QUERIES, k)
    np.testing.assert_array_equal(scores, np.take_along_axis(exact(STORED, QUERIES), ordinals, axis=1))
    np.testing.assert_array_equal(np.lexsort((ordinals, -scores)), np.broadcast_to(np.arange(k), scores.shape))
    assert all(len(set(row)) == k for row in ordinals.tolist())


@pytest.mark.parametrize("k", [TOTAL // 2, TOTAL, TOTAL + 5])
def test_nothing_that_is_there_is_left_out_where_all_or_half_are_asked_for(k: int, file: VectorsFile) -> None:
    _, ordinals = file.nearest(QUERIES[:3], k)
    there = min(k, TOTAL)
    assert all(len(set(row)) == there for row in ordinals[:, :there].tolist())
    assert (ordinals[:, :there] >= 0).all()
    assert (ordinals[:, there:] == -1).all()


def test_a_query_has_one_answer_alone_in_company_and_from_many_threads(file: VectorsFile) -> None:
    together = [found.tolist() for found in file.nearest(QUERIES, 40)]
    for row, query in enumerate(QUERIES):
        assert [found[0].tolist() for found in file.nearest(query[None], 40)] == [found[row] for found in together]
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: file.nearest(QUERIES, 40), range(16)):
            assert [part.tolist() for part in found] == together


@pytest.mark.parametrize("threads", [1, 3])
def test_equal_rows_give_equal_bytes_however_they_come_and_whatever_the_threads(
    threads: int, built: tuple[Path, VectorsInfo], tmp_path: Path
) -> None:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(threads)
    try:
        again = write(tmp_path, STORED[:100], STORED[100:5_999], STORED[5_999:])
    finally:
        faiss.omp_set_num_threads(before)
    assert again == built[1]
    for name in (VECTORS, COARSE, CODES):
        assert (tmp_path / name).read_bytes() == (built[0] / name).read_bytes()


def test_a_shard_of_one_vector_many_times_over_is_found(tmp_path: Path) -> None:
    same = np.tile(STORED[:1], (3_000, 1))
    file = VectorsFile.open(tmp_path, write(tmp_path, same))
    scores, ordinals = file.nearest(QUERIES[:5], 16)
    np.testing.assert_array_equal(scores, np.take_along_axis(exact(same, QUERIES[:5]), ordinals, axis=1))
    assert (np.diff(ordinals) > 0).all()


def test_vectors_of_zeros_do_no_harm(tmp_path: Path) -> None:
    rows = np.vstack([STORED[:2_500], np.zeros((500, DIMENSIONS), np.float32)])
    file = VectorsFile.open(tmp_path, write(tmp_path, rows))
    assert recall(file, rows, QUERIES, 10) >= RECALL_10 - 0.02
    assert (file.nearest(np.zeros((1, DIMENSIONS), np.float32), 16)[0] == 0).all()


@pytest.mark.parametrize("name", [VECTORS, COARSE, CODES])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_file_that_cannot_be_what_was_written_is_refused_by_name(
    name: str, damage: str, built: tuple[Path, VectorsInfo], tmp_path: Path
) -> None:
    for each in (VECTORS, COARSE, CODES):
        data = bytearray((built[0] / each).read_bytes())
        if each == name:
            data = data[:-1] if damage == "cut" else data
        if each != name or damage != "gone":
            (tmp_path / each).write_bytes(data)
    with pytest.raises(SnapshotUnusable, match=name):
        VectorsFile.open(tmp_path, built[1])


def test_a_coarse_stage_of_other_vectors_is_refused(built: tuple[Path, VectorsInfo], tmp_path: Path) -> None:
    info = write(tmp_path, STORED[:3_000])
    (tmp_path / VECTORS).write_bytes((built[0] / VECTORS).read_bytes())
    assert info.parameters
    with pytest.raises(SnapshotUnusable, match=f"{COARSE} .* is of other vectors"):
        VectorsFile.open(tmp_path, built[1])


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("name", [VECTORS, COARSE, CODES])
def test_a_full_disk_is_an_error_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / name).symlink_to(FULL)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path, STORED[:3_000])
    assert list(tmp_path.iterdir()) == []


def test_the_lists_grow_with_the_rows_up_to_a_bound() -> None:
    sizes = [quantised.lists_for(total) for total in (20_000, 100_000, 1_000_000, 10_000_000, 10**9)]
    assert sizes == [32, 128, 1_024, 16_384, 32_768]
