"""DOCX to text: paragraphs and tables in document order, as the text stands once its tracked changes are accepted.

Headers, footers, notes and comments stand in parts of their own, and are left out.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE

from provenance.adapters.readers.archive import Archive
from provenance.adapters.readers.content import Content, encrypted, library_edge, tidy
from provenance.adapters.readers.flow import Break, Flow
from provenance.adapters.readers.markup import check_markup, local_name, walk
from provenance.kernel.errors import UnreadableDocument

_KIND = "DOCX"
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PARTS_READ = (".xml", ".rels")

# Deleted and moved-away text, and the copy of a text box that older programs show.
_DROPPED = frozenset({"del", "movefrom", "fallback"})
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "nobreakhyphen": "-"}
_BREAKS = {"tbl": Break.LINE, "tr": Break.LINE, "tc": Break.CELL, "txbxcontent": Break.LINE}
# The name that python-docx's template puts where a person's belongs.
_NO_AUTHORS = frozenset({"python-docx"})


def read_docx(data: bytes) -> Content:
    """The text of a Word document: a line for each paragraph, a tab between the cells of a row.

    Raises:
        UnreadableDocument: it is encrypted, an older Word file, or damaged.
        TooLarge: more members, unpacked bytes or markup than are read.
    """
    if data.startswith(_OLE_MARK):
        raise _no_docx(data)
    with library_edge(_KIND):
        package = Archive(data, kind=_KIND).rewritten(keep=_PARTS_READ)
        check_markup(package.getvalue())
        document = docx.Document(package)
        author = _property(document, "author")
        return Content(
            text=_text(document.element.body),
            title=_property(document, "title"),
            author="" if author in _NO_AUTHORS else author,
        )


def _no_docx(data: bytes) -> UnreadableDocument:
    if _OLE_ENCRYPTED in data:
        return encrypted(_KIND, mend="Save it without a password.")
    return UnreadableDocument(
        "The file is encrypted, or an old Word file (.doc) under the name of a new one.",
        mend="Save it as .docx without a password.",
    )


def _text(body: Any) -> str:
    flow = Flow(verbatim=True)
    for opening, name, node in walk(body, skip=_DROPPED):
        if name == "p":
            flow.separate(_break_before(node) if opening else Break.NONE)
        elif name in _BREAKS:
            flow.separate(_BREAKS[name])
        elif opening and name == "t":
            flow.add(node.text)
        elif opening and local_name(node.getparent()) == "r":
            flow.add(_CHARACTERS.get(name))
    return flow.text()


def _break_before(paragraph: Any) -> Break:
    """A paragraph starts a line, save the first of a cell, which stands beside the cell before it."""
    before = paragraph.getprevious()
    first = before is None or local_name(before) == "tcpr"
    return Break.CELL if first and local_name(paragraph.getparent()) == "tc" else Break.LINE


def _property(document: WordDocument, name: str) -> str:
    """A core property; a damaged one is as good as none, since the text is what counts."""
    with suppress(Exception):
        # Without this look, python-docx makes up properties where the file has none.
        document.part.package.part_related_by(RELATIONSHIP_TYPE.CORE_PROPERTIES)
        return tidy(getattr(document.core_properties, name))
    return ""
