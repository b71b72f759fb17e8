"""What holds of the folded words of any text."""

from __future__ import annotations

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from provenance.fingerprints.words import fold_words

# Letters and digits with and without case, half-width, full-width; what parts words; what can't be seen.
LETTERS = "aZéÅßſİıǅΣςµЖ9٣Ａｚｶﾞﾊﾟガàהشיअकिกाꙮ한漢々ー"
PARTING = " \n.,;!?-—'’\"()«»。、"
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202e\ufe0f\u034f"
WORDY = st.text(st.sampled_from(LETTERS + PARTING), max_size=60)


@given(st.text(max_size=300))
@example("\ud800 half a pair")
def test_offsets_are_ordered_and_each_word_folds_from_its_own_characters(text: str) -> None:
    words = fold_words(text)
    ends = [0, *words.ends]
    for i, word in enumerate(words.folded):
        start, end = words.starts[i], words.ends[i]
        assert ends[i] <= start < end <= len(text)
        assert fold_words(text[start:end]).folded == [word]


@given(WORDY)
def test_all_four_unicode_forms_fold_alike(text: str) -> None:
    plain = fold_words(text).folded
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold_words(unicodedata.normalize(form, text)).folded == plain


@given(WORDY)
def test_folded_words_fold_to_themselves(text: str) -> None:
    folded = fold_words(text).folded
    assert fold_words(" ".join(folded)).folded == folded


@given(WORDY)
def test_case_makes_no_difference(text: str) -> None:
    assert fold_words(text.casefold()).folded == fold_words(text).folded


@given(WORDY, st.lists(st.tuples(st.integers(0, 60), st.sampled_from(INVISIBLE)), max_size=8))
def test_invisible_characters_make_no_difference_between_letters(text: str, places: list[tuple[int, str]]) -> None:
    hidden = unicodedata.normalize("NFKC", text)
    plain = fold_words(hidden).folded
    for place, invisible in places:
        hidden = hidden[:place] + invisible + hidden[place:]
    assert fold_words(hidden).folded == plain


@given(st.lists(st.text("abcXYZ019", min_size=1, max_size=5), max_size=20), st.sampled_from(PARTING.strip()))
def test_words_come_in_order_whatever_parts_them(words: list[str], mark: str) -> None:
    assert fold_words(f" {mark} ".join(words)).folded == [w.lower() for w in words]
