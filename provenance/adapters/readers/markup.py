"""Parse HTML and XML that nobody vouches for. Loads nothing from elsewhere and expands no declared entity."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from lxml import etree  # it ships no types; its nodes are Any from here on

from provenance.kernel.errors import TooLarge, UnreadableDocument

# An element or attribute takes over 100 bytes in memory, however short it is in the file.
MARKUP_MAX = 4_000_000


def parse_html(source: str) -> Any | None:
    """The root element of an HTML document, or None where there is nothing in it.

    Raises:
        TooLarge: more than `MARKUP_MAX` tags and attributes.
        UnreadableDocument: elements nested more deeply than the parser follows.
    """
    data = source.encode()
    check_markup(data)
    # huge_tree lifts the bound of 10 MB on one text. HTML declares no entities, so nothing in it can expand.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True, recover=True
    )
    root = etree.fromstring(data, parser)
    if fatal := next((entry for entry in parser.error_log if entry.level == etree.ErrorLevels.FATAL), None):
        raise UnreadableDocument(
            f"The HTML can't be read past line {fatal.line}: its elements are nested too deeply.",
            mend="Save it as text.",
            reason=fatal.message,
        )
    return root


def parse_xml(data: bytes) -> Any:
    """The root element of an XML document. Entities that it declares are left as they stand.

    Raises:
        TooLarge: more than `MARKUP_MAX` tags and attributes.
        lxml.etree.LxmlError: it isn't well-formed, or is larger or deeper than the parser allows.
    """
    check_markup(data)
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(data, parser)


def check_markup(data: bytes) -> None:
    """Refuse markup that would fill the memory once it is parsed.

    Raises:
        TooLarge: more than `MARKUP_MAX` tags and attributes.
    """
    if (marks := data.count(b"<") + data.count(b"=")) > MARKUP_MAX:
        raise TooLarge(
            f"The file holds {marks:,} tags and attributes, over the {MARKUP_MAX:,} that are read.",
            mend="Save it as text, or in volumes.",
        )


def local_name(node: Any) -> str:
    """The lower-case name of an element without its namespace; empty for comments, instructions and entities."""
    tag = node.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def walk(root: Any, *, skip: Container[str]) -> Iterator[tuple[bool, str, Any]]:
    """Each element as ``(True, name, node)`` where it opens and ``(False, name, node)`` where it closes.

    Of an element named in ``skip``, and of what isn't an element, only the closing is told, for the text after it.
    """
    yield True, local_name(root), root
    open_nodes = [(root, root.iterchildren())]
    while open_nodes:
        parent, children = open_nodes[-1]
        child = next(children, None)
        if child is None:
            open_nodes.pop()
            yield False, local_name(parent), parent
            continue
        name = local_name(child)
        if not name or name in skip:
            yield False, name, child
        else:
            yield True, name, child
            open_nodes.append((child, child.iterchildren()))
