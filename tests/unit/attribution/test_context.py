"""What a stretch as a whole says of a source: its rank, whether it is supported, and its rivals there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from provenance.attribution import context as module
from provenance.attribution.context import COPIES_SUPPORTED_MAX, SOURCES_PER_STRETCH, Context, Support
from provenance.attribution.passages import PartText
from provenance.attribution.similarity import Similarity, View

from .evidence_values import lines_part

Rows = Sequence[Sequence[float]]


def similarity(
    cosine: Rows, passage: Sequence[Sequence[int]] | None = None, preference: Rows | None = None
) -> Similarity:
    """A similarity with these figures; sources hold passages of their own, and are preferred as they are near."""
    dense = np.array(cosine, np.float64)
    apart = np.tile(np.arange(dense.shape[1]), (len(dense), 1))
    preferred = np.array(preference if preference is not None else cosine, np.float64)
    view = View(cosine=dense, margin=np.zeros_like(dense), preference=preferred)
    return Similarity(
        works=[f"w{n}" for n in range(dense.shape[1])],
        nearest=apart,
        ordinals=100 * apart + np.arange(len(dense))[:, None],
        passage=apart if passage is None else np.array(passage),
        both=view,
        window=view,
        alone=view,
        exact={},
    )


def context_of(found: Similarity, lengths: Sequence[int] | None = None) -> tuple[PartText, Context]:
    part = lines_part(["x" * n for n in lengths or [10] * len(found.nearest)])
    return part, Context.of(part, found)


def ranks(cosine: Rows, passage: Sequence[Sequence[int]] | None = None) -> tuple[list[int], list[bool]]:
    _, context = context_of(similarity(cosine, passage))
    return context.rank.tolist(), context.supported.tolist()


def test_sources_rank_by_what_the_stretch_prefers_and_equals_by_registration() -> None:
    assert ranks([[0.1, 0.4, 0.3, 0.3]])[0] == [3, 0, 1, 2]


def test_a_long_segment_says_more() -> None:
    assert context_of(similarity([[0.6, 0.4], [0.4, 0.6]]), [10, 30])[1].by_document.tolist() == [0.45, 0.55]


def test_six_sources_are_supported() -> None:
    assert SOURCES_PER_STRETCH == 6
    rank, supported = ranks([[0.01 * n for n in range(9)]])
    assert rank == [8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert supported == [False] * 3 + [True] * 6


def test_copies_rank_alike_and_take_one_place() -> None:
    near = [0.9] * 10 + [0.1 * n for n in range(8, 0, -1)]
    rank, supported = ranks([near], [[0] * 10 + list(range(10, 18))])
    assert rank == [0] * 10 + list(range(1, 9))
    assert COPIES_SUPPORTED_MAX == 4
    assert supported == [True] * 4 + [False] * 6 + [True] * 5 + [False] * 3


@pytest.mark.parametrize(("shared", "alike"), [(1, False), (2, False), (3, True), (4, True)])
def test_copies_hold_the_same_passages_in_more_than_half_of_the_segments(shared: int, alike: bool) -> None:
    passage = [[0, 0]] * shared + [[0, 1]] * (4 - shared)
    assert ranks([[0.5, 0.4]] * 4, passage)[0] == [0, 0 if alike else 1]


def test_a_copy_of_a_lower_source_ranks_with_that_one() -> None:
    assert ranks([[0.5, 0.4, 0.3, 0.2]], [[0, 1, 1, 3]])[0] == [0, 1, 1, 2]


def test_beyond_the_bound_every_source_ranks_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RANKED_MAX", 3)
    assert ranks([[0.9, 0.8, 0.7, 0.6, 0.5]], [[0] * 5])[0] == [0, 0, 0, 1, 2]
    assert ranks([[0.9, 0.8]], [[0, 0]])[0] == [0, 0]


def support_of(found: Similarity, lengths: Sequence[int] | None = None) -> Support:
    part, context = context_of(found, lengths)
    return Support.of(part, found, context)


def figures_of(support: Support, segment: int, source: int) -> tuple[float, ...]:
    [row] = support.figures(np.array([segment]), np.array([source])).tolist()
    return tuple(row)


def test_a_margin_is_over_the_best_source_that_the_stretch_supports() -> None:
    # In the first segment the last source is near by chance; the stretch supports six others.
    preference = [[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.0]] * 2
    cosine = [[0.5, 0.4, 0.1, 0.1, 0.1, 0.1, 0.7], [0.5, 0.4, 0.1, 0.1, 0.1, 0.1, 0.1]]
    support = support_of(similarity(cosine, preference=preference))
    assert support.margin[0, 0] == pytest.approx(0.1)
    assert support.margin[0, 6] == pytest.approx(0.2)
    assert support.rival[0].tolist() == [6, 6, 6, 6, 6, 6, 0], "the nearest of all, supported or not"


def test_a_preference_is_over_the_source_itself_and_those_that_the_stretch_supports() -> None:
    preference = [[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.0, 0.0]]
    step = 0.05 * np.log(3)
    far = [-9.0] * 4
    support = support_of(similarity([[0.5, 0.5 - step, *far, 0.5, 0.5]], preference=preference))
    assert support.preference[0].tolist() == pytest.approx([3 / 4, 1 / 4, 0, 0, 0, 0, 3 / 7, 3 / 7], abs=1e-12)


def test_copies_are_no_rivals() -> None:
    support = support_of(similarity([[0.5, 0.5, 0.5]], [[0, 0, 0]]))
    assert support.margin.tolist() == [[0.5] * 3]
    assert support.preference.tolist() == [[1.0] * 3]
    assert support.rival.tolist() == [[-1] * 3]
    assert figures_of(support, 0, 1) == (0.5, 1.0, 0.0, 1.0, 0.0, 99.0)


def test_a_rival_is_told_by_what_the_stretch_says_of_it() -> None:
    # In the second segment the rival of the first source is the last one, which the stretch ranks third.
    support = support_of(similarity([[0.6, 0.5, 0.0], [0.6, 0.3, 0.5]]))
    assert support.rival.tolist() == [[1, 0, 0], [2, 0, 0]]
    assert figures_of(support, 1, 0)[4:] == (pytest.approx(0.25), 2.0)
    assert figures_of(support, 0, 0)[4:] == (pytest.approx(0.4), 1.0)


def test_a_neighbours_support_is_the_higher_of_both_sides() -> None:
    support = support_of(similarity([[0.5, 0.5], [0.1, 0.5], [0.5, 0.1]]))
    sides = [float(support.preference[n, 0]) for n in range(3)]
    assert figures_of(support, 1, 0)[2] == max(sides[0], sides[2])
    assert figures_of(support, 0, 0)[2] == figures_of(support, 2, 0)[2] == sides[1]


def test_what_a_document_supports_is_a_mean_by_characters() -> None:
    support = support_of(similarity([[0.5, 0.5], [0.9, 0.1]]), [30, 10])
    first, second = (float(p) for p in support.preference[:, 0])
    assert figures_of(support, 0, 0)[3] == pytest.approx((30 * first + 10 * second) / 40)
