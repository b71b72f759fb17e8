"""Names that callers choose (slugs, external ids) and names that follow from facts (derived ids)."""

from __future__ import annotations

import re
import unicodedata

from provenance.kernel.canonical import Json, digest
from provenance.kernel.errors import InvalidInput

EXTERNAL_ID_CHARS_MAX = 200
LABEL_CHARS_MAX = 1_000
DERIVED_ID_HEX = 24

# Unicode categories: control, format, surrogate, private, unassigned; line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Embeddings, overrides and isolates (Unicode, UAX 9, section 2).
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TERRITORY = re.compile(r"\*|[A-Z]{2}", re.ASCII)
_PURPOSE = re.compile(r"\*|[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_PARTY_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?", re.ASCII)


def check_external_id(value: str, *, what: str) -> str:
    """A caller's own name for something: 1 to 200 printable characters without spaces at the ends.

    Control, format (zero-width, right-to-left override) and surrogate characters and line separators are refused: two
    names that look the same on a statement must be the same.

    Raises:
        InvalidInput: it isn't such a name.
    """
    bad = next((c for c in value if unicodedata.category(c) in _INVISIBLE), None)
    if bad is not None:
        raise InvalidInput(
            f"The {what} holds the invisible character U+{ord(bad):04X}.", mend="Leave it out.", field=what
        )
    if not 0 < len(value) <= EXTERNAL_ID_CHARS_MAX or value != value.strip():
        raise InvalidInput(
            f"The {what} must have 1 to {EXTERNAL_ID_CHARS_MAX} characters and no space at its ends.", field=what
        )
    return value


def check_territory(value: str) -> str:
    """``"*"`` for anywhere, or not stated; else a country by ISO 3166-1 alpha-2, in capitals. Raises `InvalidInput`."""
    if not _TERRITORY.fullmatch(value):
        raise InvalidInput(
            f"{value[:16]!r} is no territory.", mend='Write "*", or a country such as "DE".', field="territory"
        )
    return value


def check_purpose(value: str) -> str:
    """``"*"`` for any, or not stated; else a lower-case slug such as ``"advertising"``. Raises `InvalidInput`."""
    if not _PURPOSE.fullmatch(value):
        raise InvalidInput(
            f"{value[:40]!r} is no purpose.", mend='Write "*", or 1 to 64 of a-z, 0-9, "-" and "_".', field="purpose"
        )
    return value


def is_plain(character: str) -> bool:
    """Whether a character can stand in a label: it is no control, no half surrogate and doesn't turn the direction."""
    return character not in _TURNING and unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")


def check_label(value: str, *, what: str, chars_max: int) -> str:
    """Words for people on one line, such as a title; empty is fine.

    Unlike a name it may hold joiners, which some scripts and emoji need.

    Raises:
        InvalidInput: too long, or it holds a character that steers a terminal or hides something.
    """
    bad = next((c for c in value if not is_plain(c)), None)
    if bad is not None:
        raise InvalidInput(f"The {what} holds the character U+{ord(bad):04X}.", mend="Leave it out.", field=what)
    if len(value) > chars_max:
        raise InvalidInput(f"The {what} has over {chars_max} characters.", mend="Shorten it.", field=what)
    return value


def check_party_id(value: str) -> str:
    """A party's id: a slug of 1 to 64 lower-case letters, digits, dots, dashes and underscores.

    Raises:
        InvalidInput: it isn't one.
    """
    if not _PARTY_ID.fullmatch(value):
        raise InvalidInput(
            f"{value[:70]!r} is not a party id.",
            mend="Use 1 to 64 of a-z, 0-9, '.', '_' and '-', with a letter or digit at both ends.",
            field="party",
        )
    return value


def derived_id(prefix: str, facts: Json) -> str:
    """An id that follows from ``facts``: the same facts have the same id on every machine, for ever."""
    return f"{prefix}_{digest(facts)[:DERIVED_ID_HEX]}"
