"""How rare a word is in general language, from `wordfreq`'s fixed tables (Speer 2022): never from the index."""

from __future__ import annotations

import re
from functools import lru_cache

from wordfreq import get_frequency_dict, zipf_frequency

RARITY_IDENTITY = "wordfreq-3-en"

ZIPF_CEILING = 8.0
NUMBER_RARITY = 5.0  # a number tells more than a common word; wordfreq gives all numbers of a shape one frequency

_LANGUAGE = "en"
# A word of these is one token, whose frequency is all that its rarity follows from; taking it apart takes far longer
# than looking it up, and an output has a hundred words that weren't met before.
_PLAIN = re.compile("[a-z]+")
# By the frequency of plain words, of which the tables have some hundreds; None is that of a word they don't have.
# Filled as words are met. Filling the same twice, from two threads, changes nothing.
_BY_FREQUENCY: dict[float | None, float] = {}


@lru_cache(maxsize=262_144)
def word_rarity(word: str) -> float:
    """8 less the word's Zipf frequency in English: about 0.3 for "the", 8 for a word that was never seen."""
    if word.isdigit():
        return NUMBER_RARITY
    if not _PLAIN.fullmatch(word):
        return _rarity(word)
    frequency = get_frequency_dict(_LANGUAGE, "best").get(word)
    if frequency not in _BY_FREQUENCY:
        _BY_FREQUENCY[frequency] = _rarity(word)
    return _BY_FREQUENCY[frequency]


def _rarity(word: str) -> float:
    return max(0.0, ZIPF_CEILING - zipf_frequency(word, _LANGUAGE))


# The first word reads the table, which takes longer than a whole publication: not while a registered work waits for it.
word_rarity("the")
