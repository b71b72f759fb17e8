"""How rare a word is in general language, from `wordfreq`'s fixed tables (Speer 2022): never from the index."""

from __future__ import annotations

from functools import lru_cache

from wordfreq import zipf_frequency

RARITY_IDENTITY = "wordfreq-3-en"

ZIPF_CEILING = 8.0
NUMBER_RARITY = 5.0  # a number tells more than a common word; wordfreq gives all numbers of a shape one frequency


@lru_cache(maxsize=262_144)
def word_rarity(word: str) -> float:
    """8 less the word's Zipf frequency in English: about 0.3 for "the", 8 for a word that was never seen."""
    if word.isdigit():
        return NUMBER_RARITY
    return max(0.0, ZIPF_CEILING - zipf_frequency(word, "en"))


# The first word reads the table, which takes longer than a whole publication: not while a registered work waits for it.
word_rarity("the")
