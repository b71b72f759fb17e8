"""From a path to its documents: each file to the reader of its kind, each failure to a rejection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from provenance.adapters.readers.content import Content, read_bytes, tidy
from provenance.adapters.readers.docx_file import read_docx
from provenance.adapters.readers.epub_file import read_epub
from provenance.adapters.readers.folder import File, find_files
from provenance.adapters.readers.html_file import read_html
from provenance.adapters.readers.jsonl_file import read_jsonl
from provenance.adapters.readers.pdf_file import read_pdf
from provenance.adapters.readers.rejection import printable, rejection
from provenance.adapters.readers.text_file import read_markdown, read_plain
from provenance.kernel.errors import InvalidInput, ProvenanceError, UnreadableDocument
from provenance.kernel.ids import check_external_id
from provenance.sources.document import Document, Rejection
from provenance.sources.work import check_text

_READERS: Mapping[str, Callable[[bytes], Content]] = MappingProxyType(
    {
        ".docx": read_docx,
        ".epub": read_epub,
        ".htm": read_html,
        ".html": read_html,
        ".md": read_markdown,
        ".pdf": read_pdf,
        ".txt": read_plain,
    }
)
_JSON_LINES = (".jsonl", ".jsonl.gz")
SUFFIXES = (*_READERS, *_JSON_LINES)


def _unheard(count: int) -> None:
    """Stands in where nobody counts bytes."""


def read_documents(path: Path, *, on_bytes: Callable[[int], None] = _unheard) -> Iterator[Document | Rejection]:
    """The documents of a file, or of the files in a folder and below, and a rejection for each that can't be read.

    A folder's files come sorted by folder and name, without hidden files and those of other kinds; links to folders
    aren't followed. A document's ``source_id`` is the file's name, or its path within the folder given, with ``/``
    between the parts; records of JSON Lines bring their own. ``on_bytes`` is called with the bytes read since its last
    call; over a whole run they add up to `total_bytes`. Raises nothing for what a file holds.

    Errors of the rejections:
        NotFound: there is nothing at the path.
        UnreadableDocument: of an unknown kind, encrypted, damaged, or not to be opened.
        InvalidText: empty, binary, without text.
        TooLarge: a file, text, line, archive or folder above its bound.
        InvalidInput, InvalidClaims, InvalidTerms, InvalidMoney: a record of JSON Lines, or a file name, that isn't one.
    """
    for found in find_files(path, suffixes=SUFFIXES):
        if isinstance(found, Rejection):
            yield found
            continue
        counted = _Count(on_bytes)
        yield from _read_file(found, counted)
        counted.fill(_size(found.path))


def total_bytes(paths: Iterable[Path]) -> int:
    """The size in bytes of all files that `read_documents` reads at ``paths``; what can't be reached counts nothing."""
    found = (found for path in paths for found in find_files(path, suffixes=SUFFIXES))
    return sum(_size(file.path) for file in found if isinstance(file, File))


class _Count:
    """Hands counts on, and at the end of a file what is missing of its size."""

    def __init__(self, on_bytes: Callable[[int], None]) -> None:
        self._on_bytes = on_bytes
        self._told = 0

    def __call__(self, count: int) -> None:
        self._told += count
        self._on_bytes(count)

    def fill(self, size: int) -> None:
        if size > self._told:
            self._on_bytes(size - self._told)


def _read_file(file: File, on_bytes: Callable[[int], None]) -> Iterator[Document | Rejection]:
    if file.suffix in _JSON_LINES:
        yield from read_jsonl(file.path, gzipped=file.suffix.endswith(".gz"), on_bytes=on_bytes)
        return
    origin = printable(file.path)
    try:
        yield _read_single(file, origin)
    except ProvenanceError as error:
        yield rejection(origin, error)


def _read_single(file: File, origin: str) -> Document:
    reader = _READERS.get(file.suffix)
    if reader is None:
        raise UnreadableDocument(
            f"{file.path.name!r} is not of a kind that can be read.", mend=f"Send one of {', '.join(SUFFIXES)}."
        )
    try:
        source_id = check_external_id(file.name, what="source id")
    except InvalidInput as error:
        raise InvalidInput(f"The file's name can't be its id: {error.message}", mend="Rename it.") from error
    content = reader(read_bytes(file.path))
    return Document(
        origin=origin,
        source_id=source_id,
        title=content.title or tidy(PurePosixPath(file.name).stem),
        author=content.author,
        text=check_text(content.text),
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0
