"""Whether a text is in a language that the encoder was not made for.

Precise rather than greedy: a language is told by its script, or by its commonest function words where they outnumber
English ones. Code, tables and lists have few of either, and pass as what they are compared as.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import regex

WORDS_MIN = 8
FOREIGN_PART_MIN = 0.15
LETTERS_PART_MAX = 0.3

_ENGLISH = frozenset(
    """the of and to in is that it was for on with as be by this are from at which or had not have but they i you he she
    we my me her his your our their its will would can could do did an a if so no yes when what who how all one there
    then than out up some him them into more about""".split()
)
# The commonest words of each language, of two letters or more, that are no common English words.
_OTHERS = {
    "French": "le les des et est une dans pour que qui sur pas avec ce il elle du au sont ne se je vous nous",
    "German": "der die und das ist nicht ein eine mit den von zu auf für sich dem auch es im wird ich sie",
    "Spanish": "el los las que del es por una con para se su lo como más pero sus le al en no muy",
    "Italian": "il di che è una per non sono con del della le si da anche più gli nel alla ma",
    "Portuguese": "os que do da em um uma para com não se mais por como dos foi ao das na no",
    "Dutch": "de het een van en dat is niet op te zijn voor met die aan er ook als maar bij",
    "Swedish": "och att det som en på är av för med den till inte har om ett han men var jag",
    "Polish": "na się nie do to że jest po jak ale od za przez dla oraz tym już",
    "Turkish": "ve bir bu da için çok ile olarak daha olan gibi kadar sonra ama ne en var değil ya",
    "Indonesian": "yang dan di itu dengan untuk ini dari dalam tidak akan pada juga ke karena ada adalah",
}
_FOREIGN = {name: frozenset(words.split()) - _ENGLISH for name, words in _OTHERS.items()}
_LANGUAGES = {
    word: tuple(name for name in _FOREIGN if word in _FOREIGN[name]) for word in frozenset().union(*_FOREIGN.values())
}
_DISTINCT_MIN = 3
_LETTER = regex.compile(r"\p{L}")
_LATIN = regex.compile(r"\p{Latin}")


def other_language(text: str, words: Sequence[str]) -> str | None:
    """The name of the language, or "another script", where ``text`` (folded as ``words``) is not English; else None."""
    if not text.isascii() and _in_another_script(text):
        return "another script"
    if len(words) < WORDS_MIN:
        return None
    counts = Counter(name for word in words for name in _LANGUAGES.get(word, ()))
    if not counts:
        return None
    english = sum(word in _ENGLISH for word in words)
    name = min(counts, key=lambda n: (-counts[n], n))
    several = len(_FOREIGN[name].intersection(words)) >= _DISTINCT_MIN
    return name if several and counts[name] > max(english, FOREIGN_PART_MIN * len(words)) else None


def _in_another_script(text: str) -> bool:
    letters = len(_LETTER.findall(text))
    return letters >= WORDS_MIN and len(_LATIN.findall(text)) < LETTERS_PART_MAX * letters
