"""Which characters a bank takes, and how a name is written in them. Drops no letter, and guesses none.

Names are brought into the Latin letters that every bank of SEPA takes (EPC217-08: marks are left off, some letters have
a plain form). What has no plain form there is refused and named: a payee's bank compares the name with its own, so a
letter that was guessed can hold a payment back. Identifiers are never changed.
"""

from __future__ import annotations

import re
import unicodedata

ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")

# Letters that Unicode doesn't take apart, and signs, after EPC217-08; dashes and quotes as one would type them.
_PLAIN = str.maketrans(
    {
        "ß": "s", "ẞ": "S", "Æ": "A", "æ": "a", "Ø": "O", "ø": "o", "Œ": "O", "œ": "o", "Đ": "D", "đ": "d", "Ð": "D",
        "ð": "d", "Ł": "L", "ł": "l", "Þ": "T", "þ": "t", "Ħ": "H", "ħ": "h", "ı": "i", "Ŋ": "N", "ŋ": "n", "ĸ": "k",
        "Ŧ": "T", "ŧ": "t", "Ə": "A", "ə": "a", "&": "+", "_": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "~": "-",
        "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", '"': "'", "“": "'", "”": "'", "„": "'", "«": "'", "»": "'",
        ";": ",", "!": ".", "…": "...", "·": ".", "[": "(", "]": ")", "{": "(", "}": ")", "<": "(", ">": ")",
        "|": "/", "\\": "/", "@": "(at)", "€": "EUR", "$": "USD", "£": "GBP", "%": "pct", "#": "no.", "*": ".",
        "=": "-", "^": ".", "\u00a0": " ",
    }
)  # fmt: skip
_SPACES = re.compile(r" {2,}")
_REFERENCE = re.compile(r"[a-zA-Z0-9?:().,'+\- ]+(?:/[a-zA-Z0-9?:().,'+\- ]+)*", re.ASCII)


def plain_text(text: str) -> str:
    """``text`` in the letters of `ALLOWED` as far as they have a plain form; the others are left as they are.

    Spaces at the ends and doubled ones go.
    """
    apart = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    unmarked = "".join(c for c in apart if not unicodedata.combining(c))
    return _SPACES.sub(" ", unmarked.translate(_PLAIN)).strip(" ")


def refused_character(text: str) -> str | None:
    """The first character of ``text`` that has no plain form, or None."""
    return next((c for c in plain_text(text) if c not in ALLOWED), None)


def is_reference(text: str, *, chars_max: int) -> bool:
    """Whether an identifier can travel as it is: allowed characters, no slash at an end and no two together (EPC).

    Spaces at the ends are refused as well: banks cut them off, and the answer would name something else.
    """
    return 0 < len(text) <= chars_max and text == text.strip(" ") and _REFERENCE.fullmatch(text) is not None
