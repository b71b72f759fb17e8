"""What is nobody's whatever it resembles is counted by its reason, unless a work was given it all the same."""

from __future__ import annotations

from provenance.attribution.explain import explain_unattributed
from provenance.attribution.unearned import Reason, Unearned, set_aside
from provenance.kernel.span import Span

SPANS = [Span(0, 20), Span(21, 50), Span(51, 90), Span(91, 100)]


def test_characters_are_counted_by_reason_in_the_order_of_the_reasons() -> None:
    found = Unearned(reasons={3: Reason.COMMON_PHRASE, 0: Reason.PREAMBLE, 1: Reason.PROMPT_ECHO})
    assert set_aside(SPANS, found, []) == ((Reason.PREAMBLE, 20), (Reason.PROMPT_ECHO, 29), (Reason.COMMON_PHRASE, 9))


def test_what_a_work_was_given_is_not_set_aside() -> None:
    found = Unearned(reasons={1: Reason.COMMON_PHRASE, 3: Reason.COMMON_PHRASE})
    assert set_aside(SPANS, found, [Span(21, 90)]) == ((Reason.COMMON_PHRASE, 9),)
    assert set_aside(SPANS, found, [Span(0, 100)]) == ()


def test_the_explanation_says_why() -> None:
    said = explain_unattributed(400_000_000, [(Reason.LANGUAGE, 1), (Reason.PROMPT_ECHO, 1200)])
    assert said.startswith("For 40.0 % of the output, no registered work was found")
    assert "one character for a language that the encoder was not made for" in said
    assert said.endswith("; 1,200 characters for words that came with the prompt.")
    assert explain_unattributed(0, [(Reason.PREAMBLE, 5)]) == "No part of the output is left without a source."
