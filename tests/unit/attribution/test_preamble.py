"""What speaks of the answer is found, and what only looks like it stays."""

from __future__ import annotations

import time

import pytest

from provenance.attribution.preamble import apart, part_segments, preambles
from provenance.fingerprints.segment import segment
from provenance.kernel.span import Span

STORY = "The fox went down to the salt pans before it was light, and nobody saw him go."
SECOND = "By noon the whole of the village had heard that the ledger was gone from its shelf."


def said(text: str) -> list[str]:
    return [span.of(text) for span in preambles(text)]


LEADS = [
    "Here is the rewritten text:",
    "Here’s a more approachable version of the given text:",
    "Sure! Here's a summary of the evidence:",
    "Sure thing. Here it is:",
    "Certainly! Here is a more descriptive version of the provided content:",
    "Absolutely! Here's a more dynamic version of your text:",
    "Here is the text revised to sound more sophisticated:",
    "Here's a revised version of the `fix_spaces` function:",
    "HERE IS THE REVISED PASSAGE WITH IMPROVED FLOW:",
    "The text revised for enhanced readability is as follows:",
    "**Rewritten version:**",
    "Revised Passage:",
    "Rephrased:",
]


@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize("between", ["\n\n", "\n", " \r\n\r\n"], ids=repr)
def test_a_lead_on_its_own_line_is_found_and_the_story_is_not(lead: str, between: str) -> None:
    assert said(f"{lead}{between}{STORY} {SECOND}") == [lead]


@pytest.mark.parametrize("lead", LEADS)
def test_a_lead_in_the_line_of_the_first_sentence_ends_after_its_colon(lead: str) -> None:
    assert said(f"{lead} {STORY} {SECOND}") == [lead]


@pytest.mark.parametrize("lead", [lead for lead in LEADS if "summary" not in lead])
def test_a_lead_between_paragraphs_is_found(lead: str) -> None:
    assert said(f"{STORY}\n\n{lead}\n\n{SECOND}") == [lead]


@pytest.mark.parametrize(
    "closing",
    [
        "I hope this helps!",
        "I hope this meets your expectations.",
        "Let me know if you'd like any changes to it.",
        "Please let me know if you need further assistance!",
        "Feel free to reach out if you have any questions about it.",
        "Would you like me to shorten the second paragraph?",
        "If you have any further questions, feel free to ask at any time.",
    ],
)
def test_a_closing_offer_is_found_at_the_end_alone(closing: str) -> None:
    assert said(f"{STORY}\n\n{closing}") == [closing]
    assert said(f"{STORY} {closing}") == [closing]
    assert said(f"{STORY}\n\n{closing}\n\n{SECOND}") == []


@pytest.mark.parametrize(
    "opening",
    [
        "As an AI language model, I don't have a kitchen of my own.",
        "I'm sorry, but I can't assist with that request.",
        "Sure, I'd be happy to help you with your essay!",
        "Certainly, I can help you with that!",
    ],
)
def test_a_sentence_that_says_who_speaks_is_found_at_the_beginning_alone(opening: str) -> None:
    assert said(f"{opening} {STORY}") == [opening]
    assert said(f"{STORY} {opening} {SECOND}") == []


def test_several_sentences_before_the_answer_are_all_found() -> None:
    text = f"Sure, I can help you with that! Here is the rewritten text:\n\n{STORY}\n\nI hope this helps! Bye for now."
    opening = ["Sure, I can help you with that!", "Here is the rewritten text:"]
    assert said(text) == opening
    assert said(text.removesuffix(" Bye for now.")) == [*opening, "I hope this helps!"]


@pytest.mark.parametrize(
    "text",
    [
        "Here is the house where I was born. It stood by the pans.",
        "Here is the house: three rooms, a stove and no door at all.",
        "Here's the game plan:\n- Find the ledger.\n- Run.",
        "Here are some examples:\n\n1. The fox.\n2. The hen.",
        "Here is the text of the letter:\n\nDear Corrie, the pans are dry.",
        "Here is a summary of the evidence:\n\nThe cow was in pan two.",
        '"Certainly," he said, and shut the book. "Here is your hat:"',
        "“Sure! Here is the ledger:” she said, and gave it to him.",
        "Absolutely nothing happened on the ninth of June: rain, and a cow.",
        "Ingredients:\n\n- 2 eggs\n- 100 g of flour",
        "Summary:\n\nThe pans were dry all summer, and so was Corrie.",
        "I hope this letter finds you well, and that the pans are full.",
        "Let me know if you see the fox again, said my grandmother.",
        "She asked: is there anything else I can bring you from the shore?",
        "As an apprentice I carried brine, and as a man I sold it.",
        "I am sorry but I can not come to the pans on Sunday.",
        ":",
        "",
        "::::\n:\n\n:",
    ],
)
def test_what_only_looks_like_it_stays_whole(text: str) -> None:
    assert said(text) == []


def test_a_closing_phrase_that_is_the_whole_text_is_the_answer() -> None:
    assert said("I hope this helps!") == []


def test_a_lead_that_is_glued_to_the_first_sentence_becomes_a_segment_of_its_own() -> None:
    lead = "Here is the rewritten text:"
    for between in ("\n", " "):
        text = f"{lead}{between}{STORY} {SECOND}"
        assert len(segment(text)) == 2, "the segmenter alone would leave it glued"
        assert [s.of(text) for s in part_segments(text)] == [lead, STORY, SECOND]


def test_segments_are_cut_where_a_cut_starts_and_ends_and_trimmed() -> None:
    text = "one two  three four"
    assert apart(text, [Span(0, 19)], [Span(4, 7)]) == [Span(0, 3), Span(4, 7), Span(9, 19)]
    assert apart(text, [Span(0, 7), Span(9, 19)], [Span(0, 19)]) == [Span(0, 7), Span(9, 19)]
    assert apart(text, [Span(0, 3), Span(4, 19)], []) == [Span(0, 3), Span(4, 19)]


@pytest.mark.parametrize(
    "unit", ["Here is ", "sure! ", ":\n", "here is the revised\n", "Let me know if you ", "\n\nrewritten:", "as a ai "]
)
def test_a_text_made_to_be_slow_is_looked_through_in_time_that_grows_with_it(unit: str) -> None:
    text = unit * (250_000 // len(unit))
    started = time.process_time()
    part_segments(text)
    assert time.process_time() - started < 10
