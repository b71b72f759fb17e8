"""Names, widths and bundles of tiles, on the examples of C2SP's tlog-tiles."""

from __future__ import annotations

import pytest

from provenance.kernel.errors import LogAltered
from provenance.transparency.tiles import TileName, bundle, edge_names, entries_of, entries_path, place_path


def test_a_place_is_written_in_groups_of_three_digits() -> None:
    assert place_path(1_234_067, 256) == "x001/x234/067"
    assert place_path(0, 256) == "000"
    assert place_path(999, 7) == "999.p/7"
    assert place_path(1_000, 256) == "x001/000"


def test_paths_of_tiles_and_bundles() -> None:
    assert TileName(1, 1, 17).path == "tile/1/001.p/17"
    assert TileName(0, 273, 256).path == "tile/0/273"
    assert entries_path(273, 112) == "tile/entries/273.p/112"


def test_the_partial_tiles_of_seventy_thousand_leaves_are_those_of_the_specification() -> None:
    assert edge_names(70_000) == (TileName(0, 273, 112), TileName(1, 1, 17), TileName(2, 0, 1))


def test_a_tree_of_one_full_tile_has_one_hash_above_it() -> None:
    assert edge_names(256) == (TileName(1, 0, 1),)
    assert edge_names(0) == ()


def test_a_bundle_gives_its_entries_back() -> None:
    entries = (b"one", b"", b"three" * 1_000)
    assert bundle(entries)[:5] == b"\x00\x03one"
    assert entries_of(bundle(entries), 3) == entries


@pytest.mark.parametrize("width", [1, 3])
def test_a_bundle_of_another_width_is_refused(width: int) -> None:
    with pytest.raises(LogAltered):
        entries_of(bundle([b"one", b"two"]), width)


@pytest.mark.parametrize("cut", [1, 3])
def test_a_bundle_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(LogAltered):
        entries_of(bundle([b"one", b"two"])[:-cut], 2)
