"""Pages of a mapped file: rows are asked for together, whole files are held, and none of it changes what is read."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest

from provenance.adapters.faiss_index import pages
from provenance.adapters.faiss_index.pages import Pages

PAGE = mmap.PAGESIZE
ROW = 1_536


class Advised:
    """A mapping that notes what is asked of it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.asked: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return self.size

    def madvise(self, option: int, start: int, length: int) -> None:
        assert option == mmap.MADV_WILLNEED
        self.asked.append((start, start + length))


def of_size(path: Path, size: int) -> Pages:
    path.write_bytes(bytes(size))
    return Pages(path)


def asked_for(file: Pages, first: int, rows: list[int]) -> list[tuple[int, int]]:
    advised = Advised(len(file))
    file._map = advised  # type: ignore[assignment]
    starts = first + np.array(rows, np.int64) * ROW
    file.fetch(starts, starts + ROW)
    return advised.asked


def test_rows_that_touch_are_asked_for_as_one_range_and_others_apart(tmp_path: Path) -> None:
    file = of_size(tmp_path / "f", 100 * PAGE)
    assert asked_for(file, 0, [0, 1, 2]) == [(0, 2 * PAGE)]
    assert asked_for(file, 0, [0, 100]) == [(0, PAGE), (37 * PAGE, 38 * PAGE)]


@pytest.mark.parametrize("rows", [[7], [0, 3, 3, 90], [90, 3, 0], list(range(0, 200, 7))])
def test_every_byte_of_the_rows_is_asked_for_in_whichever_order_they_come(rows: list[int], tmp_path: Path) -> None:
    first = 45
    asked = asked_for(of_size(tmp_path / "f", first + 200 * ROW), first, rows)
    for row in rows:
        start = first + row * ROW
        assert any(low <= start and start + ROW <= high for low, high in asked)
    assert all(low % PAGE == 0 for low, _ in asked)
    assert max(high for _, high in asked) <= first + 200 * ROW


def test_asking_for_no_rows_asks_for_nothing(tmp_path: Path) -> None:
    assert asked_for(of_size(tmp_path / "f", PAGE), 0, []) == []


def test_a_file_is_held_unless_it_would_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = of_size(tmp_path / "f", 3 * PAGE)
    assert file.hold()
    monkeypatch.setattr(pages, "_memory", lambda: 3 * PAGE * pages.MEMORY_PARTS - 1)
    assert not file.hold()


def test_a_system_that_takes_no_advice_is_asked_nothing(tmp_path: Path) -> None:
    file = of_size(tmp_path / "f", PAGE)
    file._advises = False
    file.fetch(np.array([0]), np.array([ROW]))
    assert not file.hold()
