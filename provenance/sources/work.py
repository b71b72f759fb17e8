"""Works and their revisions: a registered source, and the texts that were fixed under its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from provenance.kernel.errors import InvalidText, TooLarge
from provenance.kernel.ids import LABEL_CHARS_MAX, check_external_id, check_label, derived_id

TEXT_CHARS_MAX = 20_000_000
TITLE_CHARS_MAX = LABEL_CHARS_MAX

# A text is taken for binary when more than this part of its characters are control characters.
CONTROL_PART_MAX = 0.02
# Control characters but those that lay a text out: tab, line and page breaks, separators.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A registered source. ``source_id`` is the registrant's own name for it; ``id`` is ours and never changes."""

    id: str
    registrant: str
    source_id: str
    title: str
    author: str

    def __post_init__(self) -> None:
        check_external_id(self.source_id, what="source id")
        check_label(self.title, what="title", chars_max=TITLE_CHARS_MAX)
        check_label(self.author, what="author", chars_max=TITLE_CHARS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One fixed text of a work, by its digest. Numbers count from 1."""

    id: str
    work: str
    number: int
    text_sha256: str
    iscc: str
    chars: int


def work_id(registrant: str, source_id: str) -> str:
    """The id of the work that ``registrant`` calls ``source_id``."""
    return derived_id("work", {"registrant": registrant, "source_id": source_id})


def revision_id(work: str, number: int, text_sha256: str) -> str:
    """The id of a work's revision; it follows from the work, its number and its text."""
    return derived_id("rev", {"work": work, "number": number, "text_sha256": text_sha256})


def check_text(text: str) -> str:
    """Return ``text`` if it is one that can be registered or attributed.

    Raises:
        InvalidText: nothing but white space, half a surrogate pair, or so many control characters that it is binary.
        TooLarge: longer than `TEXT_CHARS_MAX`.
    """
    if len(text) > TEXT_CHARS_MAX:
        raise TooLarge(
            f"The text has {len(text):,} characters, over the {TEXT_CHARS_MAX:,} that a work may have.",
            mend="Register it in volumes.",
        )
    if not text or text.isspace():
        raise InvalidText("The text is empty.", mend="Check that the file holds text and not only scanned images.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidText(
            f"Character {error.start} is half of a surrogate pair.", mend="Send the text as valid UTF-8."
        ) from error
    controls = len(_CONTROLS.findall(text, 0, 100_000))
    if "\x00" in text or controls > CONTROL_PART_MAX * min(len(text), 100_000):
        raise InvalidText("This is binary data, not text.", mend="Send a text, HTML, PDF, EPUB or DOCX file.")
    return text
