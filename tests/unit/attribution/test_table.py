"""Pairs as columns: works in the order of registration, rows that can be left out, passages in groups."""

from __future__ import annotations

import numpy as np

from provenance.attribution.evidence import FEATURES
from provenance.attribution.table import evidence_table

from .evidence_values import pair, source

PAIRS = [
    pair(0, "c", passage=7, figures={"dense": 0.1}),
    pair(0, "a", passage=7, figures={"dense": 0.2}),
    pair(2, "b", passage=7, figures={"dense": 0.3}),
    pair(2, "c", passage=9, figures={"dense": 0.4}),
]
TABLE = evidence_table(PAIRS, [10, 20, 30])


def test_works_are_numbered_in_the_order_of_registration() -> None:
    assert TABLE.works == ("a", "b", "c")
    assert TABLE.work.tolist() == [2, 0, 1, 2]
    assert TABLE.segment.tolist() == [0, 0, 2, 2]
    assert TABLE.lengths.tolist() == [10, 20, 30]
    assert len(TABLE) == 4


def test_the_first_segment_of_a_work_that_was_met_tells_its_place() -> None:
    later = source(900, "a")
    table = evidence_table([pair(0, "b"), pair(1, "a", segment_of_work=later), pair(2, "a")], [1, 1, 1])
    assert table.works == ("a", "b")


def test_a_column_holds_one_figure_of_every_pair() -> None:
    assert TABLE.column("dense").tolist() == [0.1, 0.2, 0.3, 0.4]
    assert TABLE.figures.shape == (4, len(FEATURES))


def test_rows_that_are_left_out_change_no_number_of_the_others() -> None:
    kept = TABLE.where(np.array([False, True, True, False]))
    assert (kept.works, kept.work.tolist(), kept.segment.tolist()) == (TABLE.works, [0, 1], [0, 2])
    assert (kept.column("dense").tolist(), kept.passage.tolist()) == ([0.2, 0.3], [7, 7])
    assert kept.lengths.tolist() == [10, 20, 30]


def test_works_that_no_row_is_of_can_be_forgotten() -> None:
    kept = TABLE.where(np.array([True, False, True, True])).met()
    assert kept.works == ("b", "c")
    assert [kept.works[w] for w in kept.work] == ["c", "b", "c"]
    assert kept.column("dense").tolist() == [0.1, 0.3, 0.4]
    assert TABLE.where(np.zeros(4, np.bool_)).met().works == ()


def test_a_group_is_one_passage_at_one_segment() -> None:
    groups = TABLE.groups().tolist()
    assert groups[0] == groups[1]
    assert len(set(groups)) == 3


def test_no_pairs_make_an_empty_table() -> None:
    empty = evidence_table([], [10])
    assert (len(empty), empty.works, empty.figures.shape) == (0, (), (0, len(FEATURES)))
