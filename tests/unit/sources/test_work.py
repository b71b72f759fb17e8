"""Works, their revisions, and which texts can be registered."""

from __future__ import annotations

import pytest

from provenance.kernel.errors import InvalidInput, InvalidText, TooLarge
from provenance.sources.work import TEXT_CHARS_MAX, TITLE_CHARS_MAX, Work, check_text, revision_id, work_id


def work(source_id: str) -> Work:
    return Work(id="work_1", registrant="ann", source_id=source_id, title="One", author="Ann")


def test_a_title_has_a_thousand_characters_at_most() -> None:
    assert TITLE_CHARS_MAX == 1_000


def test_a_works_id_follows_from_registrant_and_source_id() -> None:
    assert work_id("ann", "w1") == "work_78b8347169f5ba136e459015"
    assert work_id("ann", "w1") != work_id("w1", "ann")
    assert work_id("a", "nw1") != work_id("an", "w1")


def test_a_revisions_id_follows_from_work_number_and_text() -> None:
    assert revision_id("work_1", 2, "ab") == "rev_83a4bd79cff19ab46ec1b3ca"
    others = {revision_id("work_2", 2, "ab"), revision_id("work_1", 3, "ab"), revision_id("work_1", 2, "cd")}
    assert len(others - {"rev_83a4bd79cff19ab46ec1b3ca"}) == 3


def test_a_work_keeps_its_registrants_own_name_for_it() -> None:
    assert work("novels/1.txt").source_id == "novels/1.txt"


@pytest.mark.parametrize("source_id", ["", " w", "w\u200b", "x" * 201], ids=ascii)
def test_a_source_id_that_is_no_name_is_refused(source_id: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        work(source_id)
    assert refused.value.data == {"field": "source id"}


@pytest.mark.parametrize(
    "text",
    ["a", "Once upon a time.", "  indented\n", "紅樓夢", "😀", "\ufeffmarked", "a\u200bb", "~\u00a0"],
    ids=ascii,
)
def test_a_text_is_returned_as_it_came(text: str) -> None:
    assert check_text(text) == text


@pytest.mark.parametrize("character", "\t\n\r\f\v\x1c\x1d\x1e\x1f\x85\u2028\u2029", ids=ascii)
def test_characters_of_layout_are_text_however_many(character: str) -> None:
    assert check_text("a" + character * 99)


@pytest.mark.parametrize("text", ["", " ", "\n\t \r\n", "\u00a0\u3000"], ids=ascii)
def test_white_space_alone_is_no_text(text: str) -> None:
    with pytest.raises(InvalidText, match="The text is empty"):
        check_text(text)


@pytest.mark.parametrize(("text", "at"), [("\ud800", 0), ("abc\udfff", 3), ("\udc00\ud800", 0)], ids=ascii)
def test_half_of_a_surrogate_pair_is_refused_with_its_place(text: str, at: int) -> None:
    with pytest.raises(InvalidText, match=f"Character {at} is half of a surrogate pair") as refused:
        check_text(text)
    assert isinstance(refused.value.__cause__, UnicodeEncodeError)


def test_a_single_null_makes_a_text_binary() -> None:
    with pytest.raises(InvalidText, match="binary data"):
        check_text("a" * 10_000 + "\x00")


@pytest.mark.parametrize("control", ["\x01", "\x08", "\x0e", "\x1b", "\x7f", "\x80", "\x9f"], ids=ascii)
def test_two_control_characters_in_a_hundred_are_borne_and_three_are_not(control: str) -> None:
    assert check_text("a" * 98 + control * 2)
    with pytest.raises(InvalidText, match="binary data"):
        check_text("a" * 97 + control * 3)


@pytest.mark.parametrize("character", ["~", " ", "\u00a0", "\u0100"], ids=ascii)
def test_the_neighbours_of_control_characters_are_text(character: str) -> None:
    assert check_text("a" + character * 99)


def test_controls_are_counted_in_the_first_hundred_thousand_characters_alone() -> None:
    start = "\x01" * 2_000 + "a" * 98_000
    assert check_text(start + "\x01" * 50_000)
    with pytest.raises(InvalidText, match="binary data"):
        check_text(start[:-1] + "\x01" + "a" * 900_000)


def test_a_text_of_twenty_million_characters_is_taken_and_a_longer_one_is_not() -> None:
    text = "a" * 20_000_000
    assert len(check_text(text)) == TEXT_CHARS_MAX
    with pytest.raises(TooLarge, match="20,000,001 characters, over the 20,000,000"):
        check_text(text + "a")
