"""How many words a part and its sources share, worked out by hand on a few words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from provenance.attribution import agreement as module
from provenance.attribution.agreement import Agreement, agree
from provenance.attribution.passages import REGION_SEGMENTS, SourceSegment
from provenance.attribution.similarity import Floats

from .evidence_values import content_of, lines_part, source

WEIGHTS = {"cup": 4.0, "dragon": 8.0, "of": 1.0, "bad": 3.0, "zebra": 2.0, "hessary": 6.0, "lisbon": 5.0}


def weight(word: str) -> float:
    return WEIGHTS.get(word, 1.0)


def agreed(lines: Sequence[str], sources: Sequence[SourceSegment], ordinals: Sequence[Sequence[int]]) -> Agreement:
    """The agreement of a part with one segment a line, in arrays of shape (segments, sources)."""
    nearest = np.array(ordinals)
    pairs = np.nonzero(np.ones(nearest.shape))
    found, _ = agree(lines_part(lines, rarity=weight).content, content_of(sources, weight), nearest, *pairs)
    return Agreement(**{name: getattr(found, name).reshape(nearest.shape) for name in found.__slots__})


def of_one(line: str, *texts: str, nearest: int = 0) -> Agreement:
    """The agreement of a line with a source of these segments."""
    return agreed([line], [source(n, "a", t) for n, t in enumerate(texts)], [[nearest]])


def value(figures: Floats) -> float:
    [[only]] = figures.tolist()
    return float(only)


def test_found_is_the_part_of_the_word_mass_that_the_passage_has() -> None:
    # 1 + 3 + 4 + 8 = 16, of which bad (3) and dragon (8) are there; telling are cup and dragon, 12 together.
    found = of_one("of bad cup dragon", "bad dragon zebra")
    assert value(found.found) == 11 / 16
    assert value(found.telling_found) == 8 / 12


def test_covered_is_the_part_of_the_segments_own_words_that_are_repeated() -> None:
    # The segment weighs 3 + 8 + 2 = 13, its neighbours don't count.
    assert value(of_one("of bad cup dragon", "bad dragon zebra", "cup of").covered) == 11 / 13
    assert value(of_one("of bad cup dragon", "cup of", "bad dragon zebra", nearest=1).covered) == 11 / 13


def test_words_of_the_neighbours_count_as_found() -> None:
    for nearest, texts in ((0, ["bad", "cup", "dragon"]), (1, ["cup", "bad", "x", "dragon"])):
        assert value(of_one("of bad cup dragon", *texts, nearest=nearest).found) == 7 / 16


def test_words_of_the_region_count_there_and_nowhere_else() -> None:
    texts = ["bad", *["x"] * (REGION_SEGMENTS - 1), "cup", "dragon"]
    found = of_one("of bad cup dragon", *texts)
    assert value(found.found) == 3 / 16
    assert value(found.region_found) == 7 / 16, "the cup is 24 segments away, the dragon 25"
    assert value(found.region_telling_found) == 4 / 12


def test_where_no_word_is_telling_nothing_is_told() -> None:
    found = of_one("of bad", "of")
    assert (value(found.telling_found), value(found.region_telling_found)) == (0.5, 0.5)


def test_a_word_of_weight_four_is_telling_and_one_below_is_not() -> None:
    assert value(of_one("bad cup", "bad").telling_found) == 0.0
    assert value(of_one("bad cup", "cup").telling_found) == 1.0


def test_names_that_the_region_has_and_lacks_are_counted() -> None:
    line = "He saw Hessary and Lisbon in 1923 once"
    found = of_one(line, "x", "y", "z", "the port of hessary", nearest=0)
    assert (value(found.names_found), value(found.names_missing)) == (1.0, 2.0)


def test_a_name_of_one_segment_is_a_name_in_the_others() -> None:
    found = agreed(["He saw Hessary", "Hessary was empty"], [source(0, "a", "x")], [[0], [0]])
    assert found.names_missing.tolist() == [[1.0], [1.0]]


def test_shared_is_what_region_and_part_have_in_common_of_the_smaller_of_the_two() -> None:
    # The part weighs 16, the region 3 + 8 + 2 = 13; 3 + 8 are in common. Telling: 12 and 8, and 8 in common.
    found = of_one("of bad cup dragon", "bad", "dragon zebra")
    assert value(found.shared) == 11 / 13
    assert value(found.telling_shared) == 8 / 8
    # The part weighs 1 + 3 = 4, the region 16.
    assert value(of_one("of bad", "bad dragon", "cup of").shared) == 4 / 4
    # Common to the whole part, though the words stand in different segments of it.
    both = agreed(["of bad", "cup dragon"], [source(0, "a", "bad dragon zebra")], [[0], [0]])
    assert both.shared.tolist() == [[11 / 13], [11 / 13]]


def test_names_shared_are_those_that_both_call_a_name() -> None:
    # Names of the part: Hessary 6, Lisbon 5. The region's names weigh 6 + 4.
    found = of_one("He saw Hessary and Lisbon", "at Hessary a Cup stood")
    assert value(found.names_shared) == 6 / 10
    assert value(of_one("no name here", "at Hessary").names_shared) == 0.0


def test_an_alignment_spans_what_the_neighbours_are_nearest_to() -> None:
    sources = [source(n, "a", t) for n, t in enumerate(["of", "x1", "bad", "x2", "cup", "x3"])]
    found = agreed(["of", "bad", "cup"], sources, [[0], [2], [4]])
    # All three see segments 0 to 4: of, bad and cup of the part's words, and two that are of nobody.
    assert found.aligned_found.tolist() == [[1.0]] * 3
    assert found.aligned_covered.tolist() == [[8 / 10]] * 3
    assert found.aligned_names_covered.tolist() == [[0.0]] * 3


def test_a_neighbour_whose_nearest_lies_too_far_is_not_in_the_alignment() -> None:
    step = module.ALIGNED_STEP_MAX
    texts = ["of", *["x"] * (step - 1), "bad", "cup"]
    sources = [source(n, "a", t) for n, t in enumerate(texts)]
    close = agreed(["of", "bad"], sources, [[0], [step]])
    assert close.aligned_found.tolist() == [[1.0], [1.0]]
    far = agreed(["of", "cup"], sources, [[0], [step + 1]])
    assert far.aligned_found.tolist() == [[1 / 5], [4 / 5]]


def test_an_alignment_looks_two_segments_of_the_part_ahead_and_back() -> None:
    assert module.ALIGNED_SEGMENTS == 2
    sources = [source(n, "a", t) for n, t in enumerate(["of", "bad", "zebra", "cup"])]
    found = agreed(["of", "bad", "zebra", "cup"], sources, [[0], [1], [2], [3]])
    # The first sees of, bad and zebra (1 + 3 + 2) and has these words itself; so do the others.
    assert found.aligned_found.tolist() == [[1.0]] * 4
    assert found.aligned_covered.tolist() == [[1.0]] * 4
    lone = agreed(["of", "bad", "zebra", "cup"], sources, [[0], [0], [0], [3]])
    # The first sees segment 0 alone, for the fourth is three away: it has 1 of the 6 of its surroundings.
    assert lone.aligned_found[0].tolist() == [1 / 6]


def test_names_of_an_alignment_that_are_repeated() -> None:
    sources = [source(0, "a", "at Hessary"), source(1, "a", "near Lisbon")]
    found = agreed(["He saw Hessary", "and it rained"], sources, [[0], [1]])
    assert found.aligned_names_covered.tolist() == [[6 / 11], [6 / 11]]


@pytest.mark.parametrize("width", ["found", "region_found", "aligned_found", "shared"])
def test_no_width_reaches_into_another_work(width: str) -> None:
    mine = [source(0, "a", "of zebra"), source(1, "a", "bad")]
    alone = agreed(["of bad cup dragon", "dragon"], mine, [[1], [1]])
    between = [source(2, "b", "cup dragon"), source(3, "c", "dragon")]
    beside = agreed(["of bad cup dragon", "dragon"], [*mine, *between], [[1], [1]])
    assert getattr(beside, width).tolist() == getattr(alone, width).tolist()
    assert getattr(alone, width)[0, 0] < 1


def test_no_width_reaches_over_segments_that_were_not_looked_up() -> None:
    gap = agreed(["of bad cup"], [source(0, "a", "of"), source(2, "a", "bad cup")], [[0]])
    assert value(gap.region_found) == 1 / 8


def test_each_source_has_its_own_column() -> None:
    sources = [source(0, "a", "of bad"), source(1, "a", "zebra"), source(2, "b", "cup dragon")]
    found = agreed(["of bad", "cup"], sources, [[0, 2], [1, 2]])
    assert found.found.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert found.covered.tolist() == [[1.0, 0.0], [0.0, 4 / 12]]


def test_what_one_source_is_told_never_depends_on_the_others() -> None:
    rng = np.random.default_rng(3)
    words = [*WEIGHTS, *(f"w{n}" for n in range(30))]
    lines = [" ".join(rng.choice(words, 5)) for _ in range(6)]
    texts = {work: [" ".join(rng.choice(words, 6)) for _ in range(4)] for work in "abc"}
    sources = [source(10 * n + i, w, t) for n, w in enumerate("abc") for i, t in enumerate(texts[w])]
    nearest = np.array([[int(10 * n + rng.integers(4)) for n in range(3)] for _ in lines])
    together = agreed(lines, sources, nearest.tolist())
    for n, work in enumerate("abc"):
        alone = agreed(lines, [s for s in sources if s.work == work], nearest[:, [n]].tolist())
        for name in Agreement.__dataclass_fields__:
            assert getattr(together, name)[:, n].tolist() == getattr(alone, name)[:, 0].tolist(), name


def test_no_words_share_nothing() -> None:
    nothing = of_one("...", "bad cup")
    assert (value(nothing.found), value(nothing.telling_found), value(nothing.covered)) == (0.0, 0.5, 0.0)
    assert (value(nothing.shared), value(nothing.names_missing)) == (0.0, 0.0)
    empty = of_one("bad cup", "...")
    assert (value(empty.found), value(empty.telling_found), value(empty.covered)) == (0.0, 0.0, 0.0)
    assert value(empty.shared) == 0.0
