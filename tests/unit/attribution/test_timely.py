"""What came after an output was made is no source of it; what stood before, and was only revised, is."""

from __future__ import annotations

import numpy as np

from provenance.attribution.passages import SourceSegment
from provenance.attribution.timely import Registered, registered_by_then
from provenance.kernel.span import Span

from .evidence_values import candidates_of

FIRST = "My grandmother kept two books in the kitchen at Port Hessary, and one was green."
REVISED = "My grandmother kept two books in the kitchen at Port Hessary, and one was blue."
ADDED = "The entries run from April of that year to the week in which the flood came."


def source(ordinal: int, revision: str, text: str) -> SourceSegment:
    return SourceSegment(ordinal=ordinal, work=revision[0], revision=revision, span=Span(0, len(text)), text=text)


def registered(**later: list[str]) -> Registered:
    return Registered(later=later, text={"b1": FIRST, "b2": "Gone."}.__getitem__)


def test_a_revision_that_is_not_later_was_there() -> None:
    assert registered(x1=[]).had(source(0, "a1", FIRST))


def test_a_work_that_came_later_was_not_there() -> None:
    assert not registered(a1=[]).had(source(0, "a1", FIRST))


def test_a_passage_of_a_later_revision_was_there_where_an_earlier_one_has_it() -> None:
    then = registered(b3=["b1", "b2"])
    assert then.had(source(0, "b3", FIRST))
    assert then.had(source(0, "b3", REVISED)), "one word of fifteen was changed"
    assert not then.had(source(1, "b3", ADDED))
    assert not registered(b3=["b2"]).had(source(0, "b3", FIRST))


def test_a_short_passage_was_there_where_all_of_it_stood() -> None:
    then = registered(b3=["b1"])
    assert then.had(source(0, "b3", "Two books."))
    assert not then.had(source(0, "b3", "Three books."))
    assert not then.had(source(0, "b3", "---"))


def test_an_earlier_text_is_read_once() -> None:
    read: list[str] = []

    def text(revision: str) -> str:
        read.append(revision)
        return FIRST

    then = Registered(later={"b2": ["b1"]}, text=text)
    assert [then.had(source(n, "b2", t)) for n, t in enumerate((FIRST, ADDED, REVISED))] == [True, False, True]
    assert read == ["b1"]


def test_candidates_that_were_not_there_go_with_their_vectors() -> None:
    segments = [source(3, "a1", FIRST), source(5, "b2", ADDED), source(6, "b2", REVISED), source(9, "c1", FIRST)]
    vectors = np.arange(8, dtype=np.float32).reshape(4, 2)
    candidates = candidates_of(segments, vectors)
    left = registered_by_then(candidates, registered(a1=[], b2=["b1"]))
    assert [s.ordinal for s in left.segments] == [6, 9]
    np.testing.assert_array_equal(left.vectors, vectors[[2, 3]])
    assert left.content is candidates.content, "the words around are looked at where they are"
