"""The first half of ingestion: from documents to groups of items that only an encoder and a transaction are missing.

It reads the database to see what is registered already, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from provenance.fingerprints.iscc import text_code
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import Vectors
from provenance.kernel.canonical import sha256_hex
from provenance.kernel.errors import Conflict, InvalidText, ProvenanceError, Unavailable
from provenance.kernel.ids import is_plain
from provenance.kernel.span import Span
from provenance.services.ports import Clock, Database, Encoder, UnitOfWork
from provenance.services.withdraw import check_free, check_stands
from provenance.sources.document import Document, Rejection
from provenance.sources.party import Party
from provenance.sources.work import TITLE_CHARS_MAX, Work, check_text, work_id

# Documents are recorded together while they come to no more than this, and while reading them takes no longer. What
# a killed run loses is bounded by it, too.
GROUP_DOCUMENTS_MAX = 64
GROUP_CHARS_MAX = 16_000
GROUP_TIME_MAX = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprinted:
    """What is made from a text before it is registered; ``vectors`` come last."""

    spans: Sequence[Span]
    iscc: str
    vectors: Vectors | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A document on its way to be a work; ``made`` is None where its text seemed to be registered already."""

    document: Document
    entity: Work
    text_sha256: str
    made: Fingerprinted | None = None

    @property
    def name(self) -> tuple[str, str]:
        """The work, and its text by digest."""
        return self.entity.id, self.text_sha256

    def encoded(self, encoder: Encoder) -> Item | Rejection:
        """With its vectors, where it needs any."""
        if self.made is None:
            return self
        try:
            vectors = encoder.encode(self.document.text, self.made.spans)
        except Unavailable:
            raise
        except ProvenanceError as error:
            return Rejection(origin=self.document.origin, error=error)
        return replace(self, made=replace(self.made, vectors=vectors))

    def fingerprinted(self) -> Item | Rejection:
        """With what can be made from the text alone."""
        spans = segment(self.document.text)
        if not spans:
            error = InvalidText("The text has nothing that could be compared.", mend="Check that the file holds text.")
            return Rejection(origin=self.document.origin, error=error)
        return replace(self, made=Fingerprinted(spans=spans, iscc=text_code(self.document.text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Items and rejections in the order of their documents, to be recorded together."""

    members: Sequence[Item | Rejection]

    @property
    def chars(self) -> int:
        """How long the texts are, all together; no group counts as nothing."""
        return 1 + sum(len(m.document.text) for m in self.members if isinstance(m, Item))

    def encoded(self, encoder: Encoder) -> Group:
        """With the vectors of all items that need any."""
        return Group(members=[m.encoded(encoder) if isinstance(m, Item) else m for m in self.members])


def prepared(
    documents: Iterable[Document | Rejection], registrant: Party, database: Database, clock: Clock
) -> Iterator[Group]:
    """Groups of documents, each with what can be made of it without an encoder."""
    for members in _grouped((_checked(document, registrant) for document in documents), clock):
        known = _known(members, database)
        ready = [m.fingerprinted() if isinstance(m, Item) and m.name not in known else m for m in members]
        yield Group(members=ready)


def _checked(document: Document | Rejection, registrant: Party) -> Item | Rejection:
    if isinstance(document, Rejection):
        return document
    try:
        text = check_text(document.text)
        entity = Work(
            id=work_id(registrant.id, document.source_id),
            registrant=registrant.id,
            source_id=document.source_id,
            title=_one_line(document.title) or document.source_id,
            author=_one_line(document.author),
        )
        return Item(document=document, entity=entity, text_sha256=sha256_hex(text.encode()))
    except ProvenanceError as error:
        return Rejection(origin=document.origin, error=error)


def _grouped(members: Iterable[Item | Rejection], clock: Clock) -> Iterator[list[Item | Rejection]]:
    """Members in lists that `GROUP_DOCUMENTS_MAX` and the other bounds close; one that is larger stands alone."""
    group: list[Item | Rejection] = []
    chars, since = 0, clock()
    for member in members:
        size = len(member.document.text) if isinstance(member, Item) else 0
        if group and chars + size > GROUP_CHARS_MAX:
            yield group
            group, chars, since = [], 0, clock()
        group.append(member)
        chars += size
        if len(group) >= GROUP_DOCUMENTS_MAX or clock() - since >= GROUP_TIME_MAX:
            yield group
            group, chars, since = [], 0, clock()
    if group:
        yield group


def _known(members: Sequence[Item | Rejection], database: Database) -> set[tuple[str, str]]:
    """Works with the digests of texts that needn't be encoded: registered as this work already, or refused.

    A look and no more: what is recorded meanwhile is seen again in the transaction that writes.
    """
    items = [m for m in members if isinstance(m, Item)]
    if not items:
        return set()
    with database.begin() as work:
        known = {*work.works.latest_texts({i.entity.id for i in items}).items()}
        known |= {item.name for item in items if item.name not in known and _refused(work, item)}
        return known


def _refused(work: UnitOfWork, item: Item) -> bool:
    try:
        check_stands(work, item.entity.id)
        check_free(work, item.entity, item.text_sha256)
    except Conflict:
        return True
    return False


def _one_line(text: str) -> str:
    """Metadata of a file as a label: a stray control character in a PDF's title is no reason to refuse the PDF."""
    return " ".join("".join(c if is_plain(c) else " " for c in text).split())[:TITLE_CHARS_MAX]
