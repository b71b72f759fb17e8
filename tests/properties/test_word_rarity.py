"""A word's rarity is what the tables say of it, whichever way it is looked up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from wordfreq import get_frequency_dict, zipf_frequency

from provenance.adapters.word_rarity import NUMBER_RARITY, ZIPF_CEILING, word_rarity

LISTED = st.sampled_from(sorted(get_frequency_dict("en", "best")))


@given(LISTED | st.text("aeqxz", min_size=1, max_size=6) | st.text("ab'é1٣-漢’ ", min_size=1, max_size=6))
def test_rarity_is_what_taking_the_word_apart_gives(word: str) -> None:
    expected = NUMBER_RARITY if word.isdigit() else max(0.0, ZIPF_CEILING - zipf_frequency(word, "en"))
    assert word_rarity(word) == expected


def test_every_frequency_has_its_rarity() -> None:
    one_each = {frequency: word for word, frequency in get_frequency_dict("en", "best").items() if word.isalpha()}
    found = {word: word_rarity(word) for word in one_each.values()}
    assert found == {word: max(0.0, ZIPF_CEILING - zipf_frequency(word, "en")) for word in found}
    assert len(found) > 500
