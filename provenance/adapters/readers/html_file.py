"""HTML and XHTML to the text that a reader sees. Runs no script and loads nothing that the page names."""

from __future__ import annotations

import codecs
import re
from typing import Any

from provenance.adapters.readers.content import Content, library_edge, plain_newlines, tidy
from provenance.adapters.readers.decoding import decode, has_mark
from provenance.adapters.readers.flow import Break, Flow
from provenance.adapters.readers.markup import parse_html, walk
from provenance.kernel.errors import UnreadableDocument
from provenance.sources.work import check_text

DECLARATION_BYTES_MAX = 4096

_DROPPED = frozenset({"head", "script", "style", "noscript", "template", "title"})
_ELEMENTS = {
    Break.CELL: "td th",
    Break.LINE: """address article aside body caption center dd details dialog div dt fieldset figcaption footer form
        header hgroup html legend li main nav optgroup option section summary tbody tfoot thead tr""",
    Break.PARAGRAPH: "blockquote dl figure h1 h2 h3 h4 h5 h6 hr ol p pre table ul",
}
_BREAKS = {name: by for by, names in _ELEMENTS.items() for name in names.split()}

_DECLARED = re.compile(rb"""<(?:meta\s[^>]*?charset|\?xml\s[^>]*?encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
# What browsers read in place of a declared encoding (WHATWG Encoding Standard, section 4.2), by Python's names.
_READ_AS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874", "gb2312": "gb18030",
    "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "utf-16": "utf-8", "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}  # fmt: skip
_ENCODINGS = frozenset(
    {*_READ_AS.values(), "utf-8", "big5", "big5hkscs", "cp866", "euc_jp", "iso2022_jp", "koi8-r", "koi8-u", "mac-roman",
     "mac-cyrillic", *(f"cp125{n}" for n in range(9)), *(f"iso8859-{n}" for n in range(2, 17))}
)  # fmt: skip


def read_html(data: bytes) -> Content:
    """The text of a page, a line or more for each block, with its title and the author that its metadata names.

    Raises:
        UnreadableDocument: a byte that isn't of its encoding, an encoding that pages don't have, or nested too deeply.
        InvalidText: it is binary.
        TooLarge: more markup than is parsed.
    """
    with library_edge("HTML"):
        source = plain_newlines(decode(data, _declared_encoding(data)))
        if "\x00" in source:
            check_text(source)
        root = parse_html(source)
        if root is None:
            return Content(text="")
        title = next((node.text or "" for node in root.iter("title")), "")
        return Content(text=_visible_text(root), title=tidy(title), author=tidy(_author(root)))


def _declared_encoding(data: bytes) -> str:
    """The encoding that the page or its XML declaration names, as browsers read it; UTF-8 where it names none."""
    declared = _DECLARED.search(data, 0, DECLARATION_BYTES_MAX)
    if has_mark(data) or not declared:
        return "utf-8"
    label = declared[1].decode("ascii", "replace")
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        name = ""
    name = _READ_AS.get(name, name)
    if name not in _ENCODINGS:
        raise UnreadableDocument(
            f"The page names the encoding {label[:40]!r}, which no page has.", mend="Save it as UTF-8."
        )
    return name


def _author(root: Any) -> str:
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() in ("author", "dc.creator", "dcterms.creator"):
            return meta.get("content") or ""
    return ""


def _visible_text(root: Any) -> str:
    flow = Flow()
    verbatim = 0
    for opening, name, node in walk(root, skip=_DROPPED):
        if name == "br":
            if opening:
                flow.add("\n") if flow.verbatim else flow.line_break()
        elif name in _BREAKS:
            flow.separate(_BREAKS[name])
        if name == "pre":
            verbatim += 1 if opening else -1
            flow.verbatim = verbatim > 0
        flow.add(node.text if opening else node.tail)
    return flow.text()
