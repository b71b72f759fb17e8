"""Names that callers choose, and names that follow from facts."""

from __future__ import annotations

import pytest

from provenance.kernel.errors import InvalidInput
from provenance.kernel.ids import check_external_id, check_label, check_party_id, derived_id


@pytest.mark.parametrize(
    "name", ["a", "x" * 200, "a b", "novels/2024/№ 7.txt", "Émile Zola", "紅樓夢", "a\u00a0b", "~", "😀"], ids=ascii
)
def test_an_external_id_is_returned_as_it_came(name: str) -> None:
    assert check_external_id(name, what="id") == name


@pytest.mark.parametrize("name", ["", "x" * 201, " a", "a ", "\u00a0a", "a\u3000", " "], ids=ascii)
def test_an_external_id_is_bounded_and_has_no_space_at_its_ends(name: str) -> None:
    with pytest.raises(InvalidInput, match="The source id must have 1 to 200 characters") as refused:
        check_external_id(name, what="source id")
    assert refused.value.data == {"field": "source id"}


@pytest.mark.parametrize(
    ("character", "number"),
    [
        ("\x00", "U+0000"),
        ("\n", "U+000A"),
        ("\x1b", "U+001B"),
        ("\x7f", "U+007F"),
        ("\u200b", "U+200B"),  # zero-width space
        ("\u202e", "U+202E"),  # right-to-left override
        ("\ufeff", "U+FEFF"),  # byte order mark
        ("\ud800", "U+D800"),  # half of a surrogate pair
        ("\ue000", "U+E000"),  # private use
        ("\ufdd0", "U+FDD0"),  # never to be assigned
        ("\U000e0041", "U+E0041"),  # tag
        ("\u2028", "U+2028"),  # line separator
        ("\u2029", "U+2029"),  # paragraph separator
    ],
)
def test_an_invisible_character_is_refused_and_named(character: str, number: str) -> None:
    with pytest.raises(InvalidInput, match=f"The name holds the invisible character {number.replace('+', '.')}") as no:
        check_external_id(f"ab{character}cd", what="name")
    assert no.value.data == {"field": "name"}


def test_the_first_invisible_character_is_the_one_named() -> None:
    with pytest.raises(InvalidInput, match=r"U\+200B"):
        check_external_id("a\u200bb\u202e", what="name")


@pytest.mark.parametrize("slug", ["a", "7", "ab", "a-b", "a.b_c-d", "a--b", "0x", "a" * 64])
def test_a_party_id_is_a_slug(slug: str) -> None:
    assert check_party_id(slug) == slug


@pytest.mark.parametrize(
    "slug",
    ["", "A", "a" * 65, "-a", "a-", ".a", "a.", "_", "a b", "a/b", "é", "٣", "a\n", "\na", "ann\u200b", "a\x00b"],
    ids=ascii,
)
def test_what_is_no_slug_is_no_party_id(slug: str) -> None:
    with pytest.raises(InvalidInput, match="is not a party id") as refused:
        check_party_id(slug)
    assert refused.value.data == {"field": "party"}


def test_a_refused_party_id_is_quoted_no_further_than_70_characters() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_party_id("B" * 5_000)
    assert refused.value.message == f"'{'B' * 70}' is not a party id."


def test_a_derived_id_is_the_prefix_and_24_hex_digits_of_the_digest() -> None:
    assert derived_id("thing", {"a": 1}) == "thing_015abd7f5cc57a2dd94b7590"


def test_a_derived_id_follows_from_the_facts_and_not_from_their_order() -> None:
    assert derived_id("x", {"a": 1, "b": 2}) == derived_id("x", {"b": 2, "a": 1})
    assert derived_id("x", {"a": 1, "b": 2}) != derived_id("x", {"a": 2, "b": 1})
    assert derived_id("x", {"a": 1}) != derived_id("y", {"a": 1})


def test_a_label_keeps_joiners_and_refuses_what_steers() -> None:
    assert check_label("नमस्ते\u200d и שלום", what="title", chars_max=40)
    assert check_label("", what="title", chars_max=40) == ""
    for bad in ("a\x1b[2J", "a\u202eb", "a\u2066b", "a\ud800", "a\nb", "a\u2028b"):
        with pytest.raises(InvalidInput, match=f"U\\+{ord(bad[1]):04X}"):
            check_label(bad, what="title", chars_max=40)
    assert check_label("x" * 40, what="title", chars_max=40)
    with pytest.raises(InvalidInput, match="over 40"):
        check_label("x" * 41, what="title", chars_max=40)
