"""Read XML that nobody vouches for, piece by piece: no document type, no entity, and bounds on everything.

A record (one payment's outcome, say) is handed over as soon as it closes, and forgotten: what is held doesn't grow with
the file. Elements of another namespace than the document's are skipped with all that they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import Any

from lxml import etree  # it ships no types

from provenance.kernel.errors import TooLarge, UnreadableBankMessage

BYTES_MAX = 128 * 1024 * 1024
CHUNK_BYTES = 1 << 16
DEPTH_MAX = 32
ELEMENTS_HELD_MAX = 20_000
RECORDS_MAX = 200_000
# The parser holds all attributes of an element at once, in a hundred times their bytes; text holds few such signs.
ATTRIBUTES_MAX = 1_000_000
TEXT_CHARS_MAX = 2_000
CURRENCY_CHARS_READ = 8


class Element:
    """An element while it is read: its name without the namespace, text, currency (``Ccy``) and children."""

    __slots__ = ("children", "currency", "held", "name", "text")

    def __init__(self, name: str, currency: str) -> None:
        self.name = name
        self.currency = currency
        self.text = ""
        self.children: list[Element] = []
        self.held = 1

    def all(self, *path: str) -> Iterator[Element]:
        """The elements at a path below this one, in their order."""
        for child in self.children:
            if child.name == path[0]:
                if len(path) == 1:
                    yield child
                else:
                    yield from child.all(*path[1:])

    def first(self, *path: str) -> Element | None:
        """The first element at a path below this one."""
        return next(self.all(*path), None)

    def words(self, *path: str) -> str | None:
        """The text of the first element at a path, without space around it; None where there is none."""
        found = self.first(*path)
        return (found.text.strip() or None) if found is not None else None


# What takes a record: the elements around it from the root on, as far as they were read, and the record itself.
Taker = Callable[[list[Element], Element], None]


def read_records(data: bytes, *, records: Container[str], take: Taker) -> tuple[str, Element]:
    """Hand each element named in ``records`` to ``take`` when it closes; returns the namespace and the root.

    What stands under the root and is no record is left in the returned root.

    Raises:
        TooLarge: more bytes, attributes, depth, elements in a record, records or text than the bounds of this module.
        UnreadableBankMessage: not well-formed XML, or with a document type.
    """
    if len(data) > BYTES_MAX:
        raise TooLarge(f"The file has over {BYTES_MAX:,} bytes.", mend="Ask the bank for smaller files.")
    if data.count(b"=") > ATTRIBUTES_MAX:
        raise TooLarge(f"The file has over {ATTRIBUTES_MAX:,} attributes.", mend="Ask the bank for smaller files.")
    target = _Target(records, take)
    # huge_tree lifts bounds that ours replace; entities are refused where they are declared, in `doctype`.
    parser: Any = etree.XMLParser(
        target=target, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True
    )
    try:
        for start in range(0, len(data), CHUNK_BYTES):
            parser.feed(data[start : start + CHUNK_BYTES])
        root: Element | None = parser.close()
    except etree.LxmlError as error:
        raise UnreadableBankMessage(
            "The file is no well-formed XML.", mend="Import the bank's file as it came.", reason=str(error)[:200]
        ) from error
    if root is None:
        raise UnreadableBankMessage("The file is empty.", mend="Import the bank's file as it came.")
    return target.namespace, root


class _Target:
    """What the parser tells of a document, one element after another."""

    def __init__(self, records: Container[str], take: Taker) -> None:
        self.namespace = ""
        self._records = records
        self._take = take
        self._open: list[Element] = []
        self._root: Element | None = None
        self._taken = 0
        self._held = 0
        self._foreign = 0

    def doctype(self, *_: object) -> None:
        raise UnreadableBankMessage(
            "The file declares a document type, which no bank's message does.",
            mend="Import the bank's file as it came.",
        )

    def start(self, tag: str, attributes: Any) -> None:
        namespace, _, name = tag.rpartition("}")
        if not self._open:
            self.namespace = namespace.removeprefix("{")
        if self._foreign or namespace.removeprefix("{") != self.namespace:
            self._foreign += 1
        if len(self._open) + self._foreign >= DEPTH_MAX:
            raise TooLarge(f"Its elements are nested over {DEPTH_MAX} deep.", mend="Import the bank's file as it came.")
        if self._foreign:
            return
        self._held += 1
        if self._held > ELEMENTS_HELD_MAX:
            raise TooLarge(
                f"One of its records has over {ELEMENTS_HELD_MAX:,} elements.",
                mend="Import the bank's file as it came.",
            )
        self._open.append(Element(name, attributes.get("Ccy", "")[:CURRENCY_CHARS_READ]))

    def data(self, text: str) -> None:
        if self._foreign or not self._open:
            return
        element = self._open[-1]
        if len(element.text) + len(text) > TEXT_CHARS_MAX:
            if not text.strip():
                return
            raise TooLarge(f"{element.name[:40]} has over {TEXT_CHARS_MAX:,} characters.", mend="Ask the bank.")
        element.text += text

    def end(self, _: str) -> None:
        if self._foreign:
            self._foreign -= 1
            return
        element = self._open.pop()
        if element.name in self._records:
            self._taken += 1
            if self._taken > RECORDS_MAX:
                raise TooLarge(f"It has over {RECORDS_MAX:,} records.", mend="Ask the bank for smaller files.")
            self._take(self._open, element)
            self._held -= element.held
        elif self._open:
            self._open[-1].children.append(element)
            self._open[-1].held += element.held
        else:
            self._root = element

    def close(self) -> Element | None:
        return self._root
