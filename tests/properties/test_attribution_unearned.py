"""Cutting out what speaks of the answer loses no character of the rest."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.passages import part_text
from provenance.attribution.preamble import part_segments, preambles
from provenance.attribution.unearned import Reason, unearned
from provenance.fingerprints.segment import segment
from provenance.kernel.span import Span

PIECES = st.sampled_from(
    [
        "Here is the rewritten text:",
        "Sure! Here's a friendlier version of it:",
        "**Revised text:**",
        "I hope this helps!",
        "Let me know if you need any changes.",
        "As an AI language model, I can't eat.",
        "The fox went down to the pans before it was light.",
        "Nobody saw him: it was dark.",
        "\n",
        "\n\n",
        " ",
        "---",
        "水。",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join)


@given(TEXTS)
def test_segments_stay_in_order_disjoint_and_cover_what_they_covered(text: str) -> None:
    cut, whole = part_segments(text), segment(text)
    assert all(left.end <= right.start for left, right in pairwise(cut))
    assert all(len(span) and not span.of(text)[0].isspace() and not span.of(text)[-1].isspace() for span in cut)

    def covered(spans: list[Span]) -> set[int]:
        return {i for s in spans for i in range(s.start, s.end) if not text[i].isspace()}

    assert covered(cut) == covered(whole)


@given(TEXTS)
def test_a_preamble_is_left_to_nobody_to_the_character(text: str) -> None:
    spans, said = part_segments(text), preambles(text)
    part = part_text(text, spans, np.zeros((len(spans), 1), np.float32), lambda _: 9.0)
    found = unearned(text, spans, part.words, lambda _: 100.0)
    marked = {i for n, r in found.reasons.items() if r is Reason.PREAMBLE for i in range(spans[n].start, spans[n].end)}
    meant = {i for s in said for i in range(s.start, s.end)}
    assert {i for i in marked if not text[i].isspace()} == {i for i in meant if not text[i].isspace()}


@given(TEXTS, TEXTS)
def test_a_text_that_is_all_in_its_prompt_is_all_unearned(text: str, prompt: str) -> None:
    text = f"{text} The fox went down to the pans before it was light."
    spans = part_segments(text)
    part = part_text(text, spans, np.zeros((len(spans), 1), np.float32), lambda _: 9.0)
    found = unearned(text, spans, part.words, lambda _: 100.0, prompt=f"{prompt}\n\n{text}")
    long = [n for n, words in enumerate(part.words) if len(words) >= 6]
    assert set(long) <= found.reasons.keys()
