"""Names in the letters that banks take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.bank_files.characters import ALLOWED, is_reference, plain_text, refused_character


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Anne Müller", "Anne Muller"),
        ("Łukasz Żółć", "Lukasz Zolc"),
        ("Æsa Øre & Söhne", "Asa Ore + Sohne"),
        ("  José   O’Neill ", "Jose O'Neill"),
        ("Dvořák (Praha)", "Dvorak (Praha)"),
        ("Straße_7", "Strase-7"),
        ("Ǿ", "O"),
    ],
)
def test_marks_are_left_off_and_letters_have_their_plain_form(written: str, plain: str) -> None:
    assert plain_text(written) == plain
    assert refused_character(written) is None


@pytest.mark.parametrize("name", ["Ελένη", "Борис", "山田", "a\nb", "a\x00b", "a\u202eb", "½"])
def test_what_has_no_plain_form_is_refused_and_named(name: str) -> None:
    refused = refused_character(name)
    assert refused is not None
    assert refused not in ALLOWED


@given(st.text())
def test_plain_text_is_allowed_or_names_what_is_not_and_stays_plain(text: str) -> None:
    plain = plain_text(text)
    if refused_character(text) is None:
        assert set(plain) <= ALLOWED
        assert plain_text(plain) == plain
    else:
        assert set(plain) - ALLOWED


@pytest.mark.parametrize("good", ["PO1", "a/b", "A-B:c?", "x" * 35])
def test_references_travel_as_they_are(good: str) -> None:
    assert is_reference(good, chars_max=35)


@pytest.mark.parametrize("bad", ["", "/a", "a/", "a//b", " a", "a ", "a_b", "é", "x" * 36, "a\n"])
def test_references_that_a_bank_would_change_or_refuse_are_refused(bad: str) -> None:
    assert not is_reference(bad, chars_max=35)
