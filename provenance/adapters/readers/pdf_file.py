"""PDF to text, page by page. Reads no images: a scanned page has no text here."""

from __future__ import annotations

import io
import logging
from contextlib import suppress

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError, LimitReachedError

from provenance.adapters.readers.content import Content, encrypted, library_edge, plain_newlines, tidy
from provenance.kernel.errors import TooLarge, UnreadableDocument
from provenance.sources.work import TEXT_CHARS_MAX

PAGES_MAX = 10_000

_KIND = "PDF"
# pypdf logs each oddity that it reads past; a document that it can't read raises, and that is what we tell.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)


def read_pdf(data: bytes) -> Content:
    """The text of a PDF, pages in order, with the title and author of its document information.

    A file whose user password is empty, which anybody can open, is read.

    Raises:
        UnreadableDocument: it is encrypted or damaged, or one of its pages is.
        TooLarge: more than `PAGES_MAX` pages or `TEXT_CHARS_MAX` characters, or more work than pypdf's bounds allow.
    """
    with library_edge(_KIND):
        try:
            reader = _open(data)
            return Content(text=_text(reader), title=_field(reader, "title"), author=_field(reader, "author"))
        except LimitReachedError as error:
            raise TooLarge(
                "The PDF file takes more work to read than is allowed.",
                mend="Save it again with another program, or as text.",
                reason=str(error),
            ) from error


def _open(data: bytes) -> PdfReader:
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        opened = not reader.is_encrypted or reader.decrypt("") != PasswordType.NOT_DECRYPTED
    except (NotImplementedError, DependencyError) as error:
        raise _encrypted() from error
    if not opened:
        raise _encrypted()
    return reader


def _encrypted() -> UnreadableDocument:
    return encrypted(_KIND, mend="Save it without a password (print to PDF, or `qpdf --decrypt`).")


def _text(reader: PdfReader) -> str:
    count = len(reader.pages)
    if count > PAGES_MAX:
        raise TooLarge(f"The PDF file has {count:,} pages, over the {PAGES_MAX:,} that are read.", mend="Split it.")
    if not count:
        raise UnreadableDocument("The PDF file is damaged: it has no pages.", mend="Export it again.")
    pages: list[str] = []
    chars = 0
    for index in range(count):
        page = _page_text(reader, index)
        chars += len(page)
        if chars > TEXT_CHARS_MAX:
            raise TooLarge(
                f"The PDF file has over {TEXT_CHARS_MAX:,} characters by page {index + 1}.",
                mend="Register it in volumes.",
            )
        pages.append(page)
    return "\n".join(page for page in pages if page)


def _page_text(reader: PdfReader, index: int) -> str:
    """The text of one page: halves of surrogate pairs are joined, glyphs without a character are left out."""
    try:
        raw = reader.pages[index].extract_text()
    except LimitReachedError:
        raise
    except Exception as error:
        raise UnreadableDocument(
            f"Page {index + 1} of the PDF file is damaged.", mend="Export it again, or save it as text."
        ) from error
    text = raw.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return plain_newlines(text.replace("\x00", "")).strip("\n")


def _field(reader: PdfReader, name: str) -> str:
    """A field of the document information; a damaged one is as good as none, since the text is what counts."""
    with suppress(Exception):
        value = getattr(reader.metadata, name, None)
        return tidy(value) if isinstance(value, str) else ""
    return ""
