"""Overlaps: their ids, when they are near duplicates, what they refuse to be."""

import pytest

from provenance.kernel.span import Span
from provenance.sources.overlap import (
    NEAR_DUPLICATE_PPM,
    PASSAGES_MAX,
    FoundBy,
    Overlap,
    PassageKind,
    SharedPassage,
    Side,
    covered_chars,
    covered_ppm,
    overlap_id,
)

NEAR = SharedPassage(kind=PassageKind.NEAR, later_span=Span(0, 5), earlier_span=Span(5, 10), words=0)
EXACT = SharedPassage(kind=PassageKind.EXACT, later_span=Span(0, 5), earlier_span=Span(5, 10), words=9)


def _side(work: str, ppm: int = 10) -> Side:
    return Side(work=work, revision=f"rev_{work}", held_from=f"rev_{work}", shared_chars=5, covered_ppm=ppm)


def _overlap(
    ppm: int = 10, other: int = 10, passages: tuple[SharedPassage, ...] = (NEAR,), **members: object
) -> Overlap:
    found_by = FoundBy(method="m", encoder="e", snapshot="s")
    given = {"later": _side("b", ppm), "earlier": _side("a", other), "first": "a", "passages_found": len(passages)}
    return Overlap(**{**given, **members}, passages=passages, found_by=found_by)  # type: ignore[arg-type]


def test_two_revisions_have_one_overlap_in_either_order() -> None:
    assert overlap_id("a", "b") == overlap_id("b", "a") != overlap_id("a", "c")
    assert _overlap().id == overlap_id("rev_a", "rev_b")


@pytest.mark.parametrize(("ppm", "other"), [(NEAR_DUPLICATE_PPM, 0), (0, NEAR_DUPLICATE_PPM)])
def test_most_of_one_text_is_enough_for_a_near_duplicate(ppm: int, other: int) -> None:
    assert _overlap(ppm, other).near_duplicate
    assert not _overlap(NEAR_DUPLICATE_PPM - 1, NEAR_DUPLICATE_PPM - 1).near_duplicate


def test_one_exact_passage_makes_an_overlap_exact() -> None:
    assert _overlap().kind is PassageKind.NEAR
    assert _overlap(passages=(NEAR, EXACT)).kind is PassageKind.EXACT


@pytest.mark.parametrize(
    "members",
    [
        {"earlier": _side("b")},
        {"first": "c"},
        {"passages": ()},
        {"passages": (NEAR,) * (PASSAGES_MAX + 1)},
        {"passages": (NEAR, NEAR), "passages_found": 1},
    ],
)
def test_an_impossible_overlap_is_a_bug(members: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        _overlap(**members)  # type: ignore[arg-type]


def test_characters_count_once_however_many_passages_have_them() -> None:
    assert covered_chars([Span(0, 10), Span(5, 12), Span(20, 21)]) == 13
    assert (covered_ppm(13, 26), covered_ppm(1, 3), covered_ppm(0, 0)) == (500_000, 333_333, 0)
