"""The evidence page: the whole text, both sides linked, and nothing in it that a stranger wrote but words."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.decision import MatchKind
from provenance.kernel.span import Span
from provenance.kernel.visible import visible
from provenance.pages.evidence import COLOURS, PASSAGES_SHOWN_MAX, WORDS_CHARS_MAX, evidence_page
from provenance.services.found import Found

from .page_values import HOSTILE, found, match, parse, source, structure

TEXT = "Nobody wrote this. A clock by the sea told the wrong time. It was wrong twice a day. Nor this."
CLOCK, TWICE = Span(19, 58), Span(59, 84)


def clock(**changes: Any) -> Found:
    return found(
        TEXT,
        source("The Clock", [Span(19, 84)], [Span(21, 41), TWICE], share_ppb=700_000_000, **changes),
        source("Another", [Span(0, 18)], [Span(0, 18)], share_ppb=200_000_000),
    )


def page(shown: Found, name: str = "draft.txt") -> Any:
    return parse(evidence_page(shown, name=name))


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def test_the_whole_text_stands_there_as_it_is() -> None:
    assert page(clock()).get_element_by_id("output").text_content() == TEXT


def test_every_span_is_marked_with_its_sources_number_and_holds_its_characters() -> None:
    marks = page(clock()).xpath("//mark")
    assert [(m.get("data-n"), m.text_content()) for m in marks] == [("2", TEXT[:18]), ("1", TEXT[19:84])]


def test_every_match_leads_to_its_passage_and_back() -> None:
    tree = page(clock())
    links = tree.xpath("//mark//a")
    assert [a.text_content() for a in links] == [TEXT[:18], TEXT[21:41], TEXT[59:84]]
    for link in links:
        card = tree.get_element_by_id(link.get("href").removeprefix("#"))
        [back] = card.xpath(".//a")
        assert tree.get_element_by_id(back.get("href").removeprefix("#")) is link
        assert card.get("data-p") == link.get("data-p")


def test_no_id_occurs_twice_and_every_link_stays_on_the_page() -> None:
    tree = page(clock())
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href.removeprefix("#") for href in tree.xpath("//@href")} <= set(ids)


def test_each_source_has_its_title_share_confidence_explanation_place_and_scores() -> None:
    card = words(page(clock()).get_element_by_id("s1"))
    for told in (
        "The Clock", "Author of The Clock", "Share70.0 %", "Confidence0.99", "Why The Clock.", "Why match 0.",
        "Why match 1.",
        "characters 10–20 of 1,000, 1 % into the work", "Word for word", "before it words of it after …",
        "likelihood0.98", "meaning0.76", "words0.54", "in a row1,234", "work_0",
    ):  # fmt: skip
        assert told in card


def test_the_unattributed_share_and_the_identities_are_told() -> None:
    tree = page(clock())
    assert "10.0 %" in words(tree.xpath("//tr[@class='nobody']")[0])
    foot = words(tree.xpath("//footer")[0])
    assert all(name in foot for name in ("encoder-7", "5a5a", "ca11", "evidence of reuse, never causal influence"))


def test_shares_stand_as_bands_of_their_width() -> None:
    bands = page(clock()).xpath("//svg/rect[starts-with(@class, 'c')]")
    assert [(b.get("x"), b.get("width")) for b in bands] == [("0.0", "700.0"), ("700.0", "200.0")]


def test_a_text_from_nowhere_says_so() -> None:
    tree = page(found(TEXT))
    assert tree.get_element_by_id("output").text_content() == TEXT
    assert not tree.xpath("//mark")
    assert "No registered work was found" in words(tree)
    assert "100.0 %" in words(tree.xpath("//tr[@class='nobody']")[0])


def test_colours_start_again_and_numbers_dont() -> None:
    sources = [source(f"S{n}", [Span(2 * n, 2 * n + 1)], [Span(2 * n, 2 * n + 1)]) for n in range(COLOURS + 1)]
    marks = page(found("ab" * 20, *sources)).xpath("//mark")
    assert [m.get("data-n") for m in marks] == [str(n + 1) for n in range(COLOURS + 1)]
    assert marks[0].get("class") == marks[-1].get("class") == "c1"


def test_passages_beyond_the_bound_are_counted_and_still_marked() -> None:
    spans = [Span(2 * n, 2 * n + 1) for n in range(PASSAGES_SHOWN_MAX + 7)]
    text = "a " * len(spans)
    tree = page(found(text, source("Long", spans, spans), source("Short", [], [])))
    assert len(tree.xpath("//li[@class='passage']")) == PASSAGES_SHOWN_MAX
    assert "7 more passages are marked in the text" in words(tree.get_element_by_id("s1"))
    links = tree.xpath("//mark/a")
    assert len(links) == len(spans)
    assert {a.get("href") for a in links[PASSAGES_SHOWN_MAX:]} == {"#s1"}


def test_a_source_with_few_passages_keeps_them_beside_one_with_too_many() -> None:
    spans = [Span(2 * n, 2 * n + 1) for n in range(PASSAGES_SHOWN_MAX + 1)]
    text = "a " * len(spans)
    tree = page(found(text, source("Long", spans[1:], spans[1:]), source("Short", spans[:1], spans[:1])))
    assert len(tree.get_element_by_id("s2").xpath(".//li")) == 1


def test_a_long_passage_is_cut_with_an_ellipsis() -> None:
    card = page(clock(words="x" * (WORDS_CHARS_MAX + 1))).xpath("//q")[0]
    assert card.text_content() == "x" * WORDS_CHARS_MAX + "…"


# -- hostile input --------------------------------------------------------------------------------------------------


def hostile(words: str) -> Found:
    text = f"{words} {TEXT} {words}"
    at = len(words) + 1
    return found(text, source(words, [Span(0, at), Span(at, at + 40)], [Span(0, at), Span(at, at + 30)], words=words))


def test_hostile_words_are_words_everywhere() -> None:
    kind, benign = page(hostile(HOSTILE), name=HOSTILE), page(hostile("x" * len(HOSTILE)), name="draft.txt")
    assert structure(kind) == structure(benign)
    shown = visible(HOSTILE, lines=True)
    assert kind.get_element_by_id("output").text_content() == f"{shown} {TEXT} {shown}"
    assert words(kind.xpath("//h3")[0]).removeprefix("1") == visible(HOSTILE)
    assert "49" not in kind.text_content()


def test_nothing_that_hides_or_turns_the_text_reaches_the_page() -> None:
    made = evidence_page(hostile(HOSTILE), name=HOSTILE)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u202a-\u202e\u2066-\u2069\ud800-\udfff]", made)
    assert made.encode("utf-8")


def test_the_longest_text_is_shown_whole() -> None:
    text = ("<b>& " * 50_000)[:250_000]
    spans = [Span(n, n + 100) for n in range(0, 250_000, 100)]
    made = page(found(text, source("Long", spans, spans)))
    assert made.get_element_by_id("output").text_content() == text
    assert len(made.xpath("//mark")) == len(spans)


@given(st.text(max_size=60), st.lists(st.integers(0, 60), max_size=9, unique=True).map(sorted))
def test_any_text_with_any_spans_is_shown_whole_and_each_span_exactly(text: str, cuts: list[int]) -> None:
    inside = [min(c, len(text)) for c in cuts]
    spans = [Span(a, b) for a, b in zip(inside[::2], inside[1::2], strict=False) if a < b]
    tree = page(found(text, source("One", spans[::2], spans[::2]), source("Two", spans[1::2], spans[1::2])))
    shown = visible(text, lines=True)
    if "\ufffe" in text or "\uffff" in text:
        return  # libxml2 drops what no document may hold
    assert tree.get_element_by_id("output").text_content() == shown
    assert [m.text_content() for m in tree.xpath("//mark")] == [visible(s.of(text), lines=True) for s in spans]


def test_matches_that_leave_their_span_or_overlap_never_repeat_a_character() -> None:
    spans = [Span(10, 30)]
    tree = page(found(TEXT, source("One", spans, [Span(5, 20), Span(15, 25), Span(25, 60), Span(70, 80)])))
    assert tree.get_element_by_id("output").text_content() == TEXT
    assert [a.text_content() for a in tree.xpath("//mark/a")] == [TEXT[10:20], TEXT[20:25], TEXT[25:30]]


# -- what the page may do -------------------------------------------------------------------------------------------


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    made = evidence_page(clock(), name="draft.txt")
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", made)
    assert not parse(made).xpath(
        "//@src | //link | //iframe | //object | //form | //@style | //@*[starts-with(name(), 'on')]"
    )


def test_the_policy_allows_the_pages_own_style_and_script_alone() -> None:
    tree = page(clock())
    [policy] = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    [style], [script] = tree.xpath("//style/text()"), tree.xpath("//script/text()")
    hashes = [base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in (style, script)]
    assert policy == (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'"
    )


def test_the_same_decision_gives_the_same_page() -> None:
    assert evidence_page(clock(), name="a") == evidence_page(clock(), name="a")


@pytest.mark.parametrize("kind", MatchKind)
def test_every_kind_of_match_has_its_name(kind: MatchKind) -> None:
    one = source("One", [CLOCK], [CLOCK])
    swapped = replace(one, matches=(replace(one.matches[0], match=match(CLOCK, kind), source_chars=0),))
    [name] = page(found(TEXT, swapped)).xpath("//strong[ancestor::li]")
    assert name.text_content() in {"Word for word", "Mostly in the same words", "In other words"}
