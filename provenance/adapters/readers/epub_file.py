"""EPUB to text: the chapters of its spine in reading order (EPUB 3.3, OCF 4.2, package document 5)."""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import unquote

from provenance.adapters.readers.archive import Archive, inside
from provenance.adapters.readers.content import Content, encrypted, library_edge, located, tidy
from provenance.adapters.readers.html_file import read_html
from provenance.adapters.readers.markup import parse_xml
from provenance.kernel.errors import ProvenanceError, TooLarge, UnreadableDocument
from provenance.sources.work import TEXT_CHARS_MAX

_KIND = "EPUB"
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_RIGHTS = "META-INF/rights.xml"
_CHAPTER_TYPES = frozenset({"application/xhtml+xml", "text/html", "application/html+xml"})


def read_epub(data: bytes) -> Content:
    """The text of an EPUB's chapters, a blank line between them, with the title and the creators it names.

    Raises:
        UnreadableDocument: it is damaged, refers outside itself, or its chapters are encrypted (DRM).
        TooLarge: more members, unpacked bytes, markup or characters than are read.
        InvalidText: a chapter is binary.
    """
    with library_edge(_KIND):
        archive = Archive(data, kind=_KIND)
        package_name = _package_name(archive)
        package = parse_xml(archive.read(package_name))
        chapters = _chapter_names(package, posixpath.dirname(package_name))
        if _RIGHTS in archive or not _encrypted_names(archive).isdisjoint(chapters):
            raise encrypted(_KIND, mend="Get it from its publisher without DRM.")
        creators = [name for node in package.iter("{*}creator") if (name := tidy(_text_of(node)))]
        title = next((name for node in package.iter("{*}title") if (name := tidy(_text_of(node)))), "")
        return Content(text=_chapters_text(archive, chapters), title=title, author=tidy(", ".join(creators)))


def _package_name(archive: Archive) -> str:
    """The name of the package document, which the container names first."""
    for rootfile in parse_xml(archive.read(_CONTAINER)).iter("{*}rootfile"):
        return inside("", rootfile.get("full-path") or ".")
    raise UnreadableDocument("The EPUB file names no package document.", mend="Export it again.")


def _chapter_names(package: Any, folder: str) -> list[str]:
    """The members that the spine names, each once, in reading order; pictures in the spine are left out."""
    hrefs = {
        item.get("id"): item.get("href") or "."
        for item in package.iter("{*}item")
        if (item.get("media-type") or "").lower() in _CHAPTER_TYPES
    }
    spine = (hrefs[ref.get("idref")] for ref in package.iter("{*}itemref") if ref.get("idref") in hrefs)
    return list(dict.fromkeys(inside(folder, unquote(href.partition("#")[0])) for href in spine))


def _encrypted_names(archive: Archive) -> set[str]:
    """The members that are encrypted. Fonts often are, by a published key, and that hides no text."""
    if _ENCRYPTION not in archive:
        return set()
    references = parse_xml(archive.read(_ENCRYPTION)).iter("{*}CipherReference")
    uris = (unquote(reference.get("URI") or "").lstrip("/") for reference in references)
    return {inside("", uri) for uri in uris if uri}


def _chapters_text(archive: Archive, names: list[str]) -> str:
    texts: list[str] = []
    chars = 0
    for name in names:
        data = archive.read(name)
        try:
            text = read_html(data).text if data else ""
        except ProvenanceError as error:
            raise located(error, f"Chapter {name[:100]!r}", chapter=name) from error
        chars += len(text)
        if chars > TEXT_CHARS_MAX:
            raise TooLarge(f"The EPUB file has over {TEXT_CHARS_MAX:,} characters.", mend="Register it in volumes.")
        texts.append(text)
    return "\n\n".join(text for text in texts if text)


def _text_of(node: Any) -> str:
    return "".join(node.itertext())
