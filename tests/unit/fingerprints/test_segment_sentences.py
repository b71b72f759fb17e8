"""Where a sentence ends: stops, closing marks, abbreviations, list items, paragraphs, and scripts with other stops."""

from __future__ import annotations

import pytest

from provenance.fingerprints.segment import SEGMENTING, segment


def cut(text: str) -> list[str]:
    return [span.of(text) for span in segment(text)]


def test_the_rules_have_a_name_that_changes_with_them() -> None:
    assert SEGMENTING == "sentences-1"


@pytest.mark.parametrize("stop", """. ! ? … ... ?! !!! .) ." .' !” ?’ .» .] .")""".split())
def test_a_sentence_ends_at_its_stop_and_keeps_what_closes_it(stop: str) -> None:
    first, second = f"The first sentence is long enough{stop}", "The second one is long enough too."
    assert cut(f"{first} {second}") == [first, second]
    assert cut(f"{first}\n{second}") == [first, second]


def test_a_last_sentence_needs_no_stop() -> None:
    assert cut("The first sentence is long enough. The second one has no stop at all") == [
        "The first sentence is long enough.",
        "The second one has no stop at all",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The newest release is version 3.11.2 of the interpreter",
        "Everything about it is on example.com/Page for all to read",
        'They wrote the word ".Net" on the wall of the old library',
        "The dots went on and on.......Then there was nothing more",
    ],
)
def test_a_stop_without_white_space_after_it_ends_nothing(text: str) -> None:
    assert cut(text) == [text]


def test_a_stop_before_a_lower_case_letter_ends_nothing() -> None:
    text = "We waited for the whole night ... and then it came at last."
    assert cut(text) == [text]
    text = "We waited for the whole night ...\n\t and then it came at last."
    assert cut(text) == [text]
    assert len(cut("We waited for the whole night ... And then it came at last.")) == 2
    assert len(cut("We waited for the whole night ... 7 hours and then it came.")) == 2


ABBREVIATIONS = (
    "Mr Mrs Ms Dr Prof St Jr Sr vs etc e.g i.e cf Fig fig figs No Nos Vol p pp al Inc Ltd Co Corp approx Gen Col Capt "
    "Lt Sgt Rev Hon Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec J Ö"
).split()


@pytest.mark.parametrize("short", ABBREVIATIONS)
@pytest.mark.parametrize("before", [" ", "\n", " (", ' "', " “"], ids=["space", "newline", "paren", "quote", "curly"])
def test_an_abbreviation_ends_nothing(short: str, before: str) -> None:
    text = f"They had all been waiting for{before}{short}. Watson on the way to the station."
    assert cut(text) == [text]


@pytest.mark.parametrize("word", ["BigCo", "casiNo", "vitamin b", "May", "Number", "X5", "erg", "ice", "Mr. Foo"])
def test_a_word_that_only_looks_like_an_abbreviation_ends_its_sentence(word: str) -> None:
    first, second = f"They had all been waiting for {word}.", "The train came in at half past nine."
    assert cut(f"{first} {second}") == [first, second]


def test_an_abbreviation_is_one_only_before_a_full_stop() -> None:
    assert cut("They shouted it at the crowd: No! Then everything went quiet again.") == [
        "They shouted it at the crowd: No!",
        "Then everything went quiet again.",
    ]


def test_an_abbreviation_is_one_also_before_more_stops() -> None:
    text = "They had all been waiting for etc... Then everything went quiet again."
    assert cut(text) == [text]


MARKERS = ["-", "*", "+", "•", "‣", "▪", "#", "##", "|", ">", "1.", "12)", "999.", "٣.", "```", "  -", "\t*"]


@pytest.mark.parametrize("marker", MARKERS)
def test_a_line_that_starts_a_list_item_or_heading_stands_for_itself(marker: str) -> None:
    lines = [f"{marker} the first item has no stop", f"{marker} the second item has no stop"]
    assert cut("here is everything on the list\n" + "\n".join(lines)) == [
        "here is everything on the list",
        *(line.strip() for line in lines),
    ]


@pytest.mark.parametrize("start", ["and so on", "1984. was a year", "1.5 times more", "a) not one", "so - or # or 7."])
def test_another_line_break_is_only_white_space(start: str) -> None:
    text = f"here is everything on the list\n{start} the line goes on without a stop"
    assert cut(text) == [text]


@pytest.mark.parametrize("start", [") a stray bracket", "`` only two ticks"])
def test_a_line_that_starts_like_an_item_but_is_none_goes_on(start: str) -> None:
    text = f"here is everything on the list\n{start} and the line goes on\nand one more after that"
    assert cut(text) == [text]


def test_a_line_of_code_fences_stands_for_itself() -> None:
    text = "Here is how one calls the function:\n```python\nprint(segment(text))\n```\nAnd that is all there is to it."
    assert cut(text) == [
        "Here is how one calls the function:",
        "```python\nprint(segment(text))",
        "```\nAnd that is all there is to it.",
    ]


def test_white_space_is_all_that_a_paragraph_loses() -> None:
    assert cut("so it begins without a stop\n\nso it goes on for a while") == [
        "so it begins without a stop",
        "so it goes on for a while",
    ]


@pytest.mark.parametrize("gap", ["\n\n", "\n\n\n\n", "\n \t\n", "\n\n   ", "  \n\n"])
def test_a_blank_line_ends_a_paragraph_without_a_stop(gap: str) -> None:
    assert cut(f"a paragraph without a stop{gap}another paragraph without") == [
        "a paragraph without a stop",
        "another paragraph without",
    ]


@pytest.mark.parametrize("stop", ["。", "！", "？", "。」", "！』", "？”", "。」』"])
def test_chinese_and_japanese_sentences_end_without_white_space(stop: str) -> None:
    first, second = "山" * 23 + stop, "川" * 23 + "。"
    assert cut(first + second) == [first, second]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("هل وصل القطار إلى المحطة القديمة في المساء؟", "نعم وصل القطار قبل غروب الشمس بقليل."),
        ("وصل القطار إلى المحطة القديمة قبل غروب الشمس.", "ثم خرج الناس جميعا إلى السوق الكبير."),
        ("वह सुबह जल्दी उठकर पुराने स्टेशन गया।", "फिर वह शाम तक घर वापस नहीं लौटा।"),
        ("وہ صبح سویرے اٹھ کر پرانے اسٹیشن چلا گیا۔", "پھر وہ شام تک گھر واپس نہیں آیا۔"),
    ],
    ids=["arabic question", "arabic", "hindi", "urdu"],
)
def test_sentences_of_other_scripts_end_at_their_own_stops(first: str, second: str) -> None:
    assert cut(f"{first} {second}") == [first, second]


def test_offsets_of_right_to_left_text_are_in_logical_order() -> None:
    text = "\u200fهل وصل القطار إلى المحطة القديمة؟ Yes, it came at nine o'clock.\u200f"
    assert [(s.start, s.end) for s in segment(text)] == [(0, 34), (35, 65)]
