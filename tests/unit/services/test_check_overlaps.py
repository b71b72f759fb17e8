"""An export's overlaps: what doesn't follow from the revisions that they name is found."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from provenance.kernel.span import Span
from provenance.services.check_overlaps import check_overlaps
from provenance.sources.overlap import overlap_id

Form = dict[str, Any]

REVISIONS = [
    {"id": "rev_a1", "work": "work_a", "chars": 100},
    {"id": "rev_b1", "work": "work_b", "chars": 200},
    {"id": "rev_a2", "work": "work_a", "chars": 100},
    {"id": "rev_late", "work": "work_b", "chars": 200},
]
OVERLAP: Form = {
    "id": overlap_id("rev_a2", "rev_b1"),
    "later": {
        "work": "work_a", "revision": "rev_a2", "held_from": "rev_a1", "shared_chars": 40, "covered_ppm": 400_000,
    },
    "earlier": {
        "work": "work_b", "revision": "rev_b1", "held_from": "rev_b1", "shared_chars": 30, "covered_ppm": 150_000,
    },
    "first": "work_a",
    "passages": [
        {"kind": "exact", "later_span": [0, 30], "earlier_span": [10, 40], "words": 9},
        {"kind": "near", "later_span": [20, 40], "earlier_span": [15, 35], "words": 0},
    ],
    "passages_found": 2,
}  # fmt: skip


class InMemory:
    """An export of revisions and one overlap."""

    def __init__(self, overlap: Form) -> None:
        self._files = {"revision.jsonl": REVISIONS, "overlap.jsonl": [overlap]}

    def lines(self, name: str) -> Iterator[bytes]:
        return (json.dumps(form).encode() + b"\n" for form in self._files[name])

    def describe(self, name: str) -> Mapping[str, Any]:
        raise NotImplementedError

    def names(self) -> frozenset[str]:
        return frozenset(self._files)


def _problems(change: Callable[[Form], object] = lambda _: None) -> list[str]:
    overlap = copy.deepcopy(OVERLAP)
    change(overlap)
    order = [("revision", r["id"]) for r in REVISIONS[:3]] + [("overlap", overlap.get("id")), ("revision", "rev_late")]
    leaves = {(kind, str(name)): (place, "0" * 64) for place, (kind, name) in enumerate(order, start=1)}
    check = check_overlaps(InMemory(overlap), leaves)
    assert check.checked == 1
    return check.problems


def test_a_true_overlap_passes() -> None:
    assert _problems() == []


def test_more_passages_than_are_listed_may_cover_more() -> None:
    def more(form: Form) -> None:
        form["passages_found"] = 3
        form["later"] |= {"shared_chars": 50, "covered_ppm": 500_000}

    assert _problems(more) == []


def _side(name: str, **members: Any) -> Callable[[Form], object]:
    return lambda form: form[name].update(members)


def _passage(**members: Any) -> Callable[[Form], object]:
    return lambda form: form["passages"][0].update(members)


@pytest.mark.parametrize(
    "change",
    [
        lambda form: form.update(id="ovl_other"),
        lambda form: form.update(first="work_b"),
        lambda form: form.update(first="work_c"),
        lambda form: form.update(passages=[]),
        lambda form: form.update(passages_found=1),
        lambda form: form.update(passages=form["passages"] * 60, passages_found=120),
        lambda form: form.update(later=form["earlier"], earlier=form["later"]),
        lambda form: form.pop("later"),
        _side("later", work="work_b"),
        _side("later", held_from="rev_b1"),
        _side("earlier", held_from="rev_late"),
        _side("later", revision="rev_nowhere"),
        _side("later", shared_chars=41),
        _side("later", covered_ppm=400_001),
        _side("earlier", shared_chars=31, covered_ppm=155_000),
        _passage(words=0),
        _passage(kind="alike"),
        _passage(later_span=[0, 101]),
        _passage(later_span=[5, 5]),
        _passage(later_span=[30, 0]),
        _passage(earlier_span="all"),
    ],
)
def test_what_does_not_follow_is_found(change: Callable[[Form], object]) -> None:
    assert len(_problems(change)) == 1


def test_a_text_that_was_recorded_after_the_overlap_is_found() -> None:
    def late(form: Form) -> None:
        form["earlier"] |= {"revision": "rev_late", "held_from": "rev_late"}
        form["id"] = overlap_id("rev_a2", "rev_late")

    assert len(_problems(late)) == 1


def test_the_spans_of_the_example_are_what_its_figures_say() -> None:
    spans = [Span(*p["later_span"]) for p in OVERLAP["passages"]]
    assert max(s.end for s in spans) - min(s.start for s in spans) == OVERLAP["later"]["shared_chars"]
