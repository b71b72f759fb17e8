"""Text that strangers wrote, made safe to show: what would steer a terminal or a page, or hide something, is escaped.

Everything that a command prints or a page shows, and that isn't its own words, passes through here.
"""

from __future__ import annotations

import unicodedata

# Control, format (zero-width, right-to-left override), half surrogates, line and paragraph separators.
_STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Joiners that scripts and emoji need; they hide nothing that the letters beside them don't show.
_JOINERS = frozenset("\u200c\u200d")


def visible(text: str, *, lines: bool = False) -> str:
    """``text`` with every steering character as its escape, such as U+202E.

    Line breaks and tabs stay where ``lines`` is true; otherwise all white space becomes single spaces.
    """
    if not lines:
        text = " ".join(text.split())
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _harmless(c) else escape(c) for c in text)


def escape(character: str) -> str:
    """The character as Python would write it in a string."""
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def excerpt(text: str, chars_max: int) -> str:
    """The start of ``text`` on one line, visible, with an ellipsis where something was cut off."""
    line = visible(text[: 2 * chars_max])
    return line if len(line) <= chars_max and len(text) <= 2 * chars_max else f"{line[: chars_max - 1].rstrip()}…"


def _harmless(c: str) -> bool:
    return c in "\n\t" or c in _JOINERS or unicodedata.category(c) not in _STEERING
