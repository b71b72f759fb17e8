"""The vectors of a small shard: every answer is that of brute force in 64 bits, whatever threads ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.adapters.faiss_index.layout import VectorsInfo
from provenance.adapters.faiss_index.vectors import VECTORS, VectorsFile, VectorsWriter
from provenance.fingerprints.vector import Vectors, unit
from provenance.kernel.errors import SnapshotUnusable

DIMENSIONS = 24
FULL = Path("/dev/full")  # a device of Linux on which every write fails as on a full disk


def halves(rows: NDArray[np.floating]) -> Vectors:
    return unit(np.asarray(rows, np.float32)).astype(np.float16).astype(np.float32)


def some(seed: int, count: int) -> Vectors:
    return halves(np.random.default_rng(seed).normal(size=(count, DIMENSIONS)))


STORED = some(1, 3_000)
QUERIES = some(2, 20)


def write(folder: Path, *chunks: Vectors, dimensions: int = DIMENSIONS) -> VectorsInfo:
    folder.mkdir(exist_ok=True)
    with VectorsWriter(folder, dimensions) as writer:
        for chunk in chunks:
            writer.add(chunk)
        return writer.close()


def opened(folder: Path, *chunks: Vectors, dimensions: int = DIMENSIONS) -> VectorsFile:
    return VectorsFile.open(folder, write(folder, *chunks, dimensions=dimensions))


def brute_force(stored: Vectors, queries: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    scores = (queries.astype(np.float64) @ stored.astype(np.float64).T).astype(np.float32)
    ordinals = np.broadcast_to(np.arange(len(stored)), scores.shape)
    order = np.lexsort((ordinals, -scores))[:, :k]
    return np.take_along_axis(scores, order, axis=1), order


def same(found: tuple[NDArray[np.float32], NDArray[np.int64]], expected: tuple[object, object]) -> None:
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_array_equal(found[0], expected[0])


@pytest.mark.parametrize("k", [1, 16, 100, len(STORED) - 1, len(STORED)])
def test_the_nearest_are_those_of_brute_force_to_the_bit(k: int, tmp_path: Path) -> None:
    same(opened(tmp_path, STORED).nearest(QUERIES, k), brute_force(STORED, QUERIES, k))


@pytest.mark.parametrize("dimensions", [384, 768])
def test_the_scores_of_long_vectors_are_exact_and_not_those_of_32_bits(dimensions: int, tmp_path: Path) -> None:
    made = halves(np.random.default_rng(3).normal(size=(500, dimensions)))
    found = opened(tmp_path, made, dimensions=dimensions).nearest(made[:50], 500)
    same(found, brute_force(made, made[:50], 500))
    rough = np.take_along_axis(made[:50] @ made.T, found[1], axis=1)
    assert (rough != found[0]).any(), "this can't tell a 64-bit sum from one of 32 bits"


def test_rows_come_back_exactly_and_in_any_order(tmp_path: Path) -> None:
    file = opened(tmp_path, STORED[:7], STORED[7:7], STORED[7:])
    assert (file.total, file.dimensions) == (len(STORED), DIMENSIONS)
    wanted = np.array([2_999, 0, 7, 7, 6])
    np.testing.assert_array_equal(file.rows(wanted), STORED[wanted])
    assert file.rows(wanted).dtype == np.float32
    assert file.rows(wanted[:0]).shape == (0, DIMENSIONS)


def test_among_equals_the_lower_ordinals_come_first_however_many_they_are(tmp_path: Path) -> None:
    alike = np.tile(STORED[:1], (2_000, 1))
    alike[700], alike[1_500] = QUERIES[0], STORED[5]
    file = opened(tmp_path, alike)
    for k in (1, 3, 50, 1_999):
        same(file.nearest(QUERIES[:2], k), brute_force(alike, QUERIES[:2], k))


def test_vectors_of_zeros_are_as_near_as_any(tmp_path: Path) -> None:
    rows = np.vstack([np.zeros((40, DIMENSIONS), np.float32), STORED[:40]])
    queries = np.vstack([np.zeros((1, DIMENSIONS), np.float32), QUERIES])
    file = opened(tmp_path, rows)
    same(file.nearest(queries, 60), brute_force(rows, queries, 60))
    assert file.nearest(queries[:1], 60)[1].tolist() == [list(range(60))]


def test_places_past_the_end_hold_minus_one_and_the_worst_score(tmp_path: Path) -> None:
    scores, ordinals = opened(tmp_path, STORED[:1]).nearest(QUERIES, 3)
    assert ordinals.tolist() == [[0, -1, -1]] * len(QUERIES)
    assert (scores[:, 1:] == -np.inf).all()
    assert np.isfinite(scores[:, 0]).all()
    assert (scores.dtype, ordinals.dtype) == (np.float32, np.int64)


def test_an_empty_shard_answers_that_there_is_nothing(tmp_path: Path) -> None:
    file = opened(tmp_path)
    assert file.total == 0
    assert file.nearest(QUERIES, 2)[1].tolist() == [[-1, -1]] * len(QUERIES)
    assert file.nearest(QUERIES[:0], 2)[1].shape == (0, 2)
    assert opened(tmp_path / "other", STORED).nearest(QUERIES, 0)[1].shape == (len(QUERIES), 0)


def test_a_query_has_one_answer_alone_in_company_and_from_many_threads(tmp_path: Path) -> None:
    file = opened(tmp_path, STORED)
    together = file.nearest(QUERIES, 40)
    for row, query in enumerate(QUERIES):
        same(file.nearest(query[None], 40), (together[0][row : row + 1], together[1][row : row + 1]))
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: file.nearest(QUERIES, 40), range(16)):
            same(found, together)


def test_equal_rows_give_equal_bytes_however_they_come(tmp_path: Path) -> None:
    one, other = write(tmp_path / "a", STORED), write(tmp_path / "b", STORED[:1], STORED[1:2_000], STORED[2_000:])
    assert one == other
    data = (tmp_path / "a" / VECTORS).read_bytes()
    assert data == (tmp_path / "b" / VECTORS).read_bytes()
    assert one.files == (VECTORS,)
    assert faiss.deserialize_index(np.frombuffer(data, np.uint8)).ntotal == len(STORED)
    assert VectorsInfo(**asdict(one)) == one


@pytest.mark.parametrize("damage", ["cut", "first bit", "gone"])
def test_a_file_that_cannot_be_what_was_written_is_refused_by_name(damage: str, tmp_path: Path) -> None:
    info = write(tmp_path, STORED)
    data = bytearray((tmp_path / VECTORS).read_bytes())
    if damage == "cut":
        data = data[:-1]
    elif damage == "first bit":
        data[0] ^= 1
    (tmp_path / VECTORS).unlink()
    if damage != "gone":
        (tmp_path / VECTORS).write_bytes(data)
    with pytest.raises(SnapshotUnusable, match=VECTORS):
        VectorsFile.open(tmp_path, info)


@pytest.mark.parametrize("damage", [b"", b"\0" * 4_096, b"IxSQ" + b"\xff" * 4_092])
def test_a_file_that_faiss_cannot_read_is_refused(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / VECTORS).write_bytes(damage)
    info = VectorsInfo(total=1, dimensions=DIMENSIONS, files=(VECTORS,))
    with pytest.raises(SnapshotUnusable, match=VECTORS):
        VectorsFile.open(tmp_path, info)


@pytest.mark.parametrize("change", [{"total": 2_999}, {"dimensions": 25}])
def test_another_total_or_dimension_is_refused(change: dict[str, int], tmp_path: Path) -> None:
    info = write(tmp_path, STORED)
    with pytest.raises(SnapshotUnusable, match=f"{VECTORS} .* holds other vectors"):
        VectorsFile.open(tmp_path, replace(info, **change))  # type: ignore[arg-type]  # two whole numbers


def test_what_half_precision_cannot_hold_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(AssertionError), VectorsWriter(tmp_path, DIMENSIONS) as writer:
        writer.add(np.full((1, DIMENSIONS), 0.1, np.float32))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("count", [0, 1, len(STORED)])
def test_a_full_disk_is_an_error_and_leaves_nothing(count: int, tmp_path: Path) -> None:
    (tmp_path / VECTORS).symlink_to(FULL)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path, STORED[:count])
    assert list(tmp_path.iterdir()) == []
