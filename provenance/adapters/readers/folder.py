"""Which files a path stands for, in an order that is the same on every machine. Opens none of them."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from provenance.adapters.readers.content import system_edge
from provenance.adapters.readers.rejection import printable, rejection
from provenance.kernel.errors import NotFound, ProvenanceError, TooLarge
from provenance.sources.document import Rejection

FILES_MAX = 100_000

# Dot files, and the lock files that Word leaves beside an open document.
_HIDDEN = (".", "~$")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to read. ``name`` is stable wherever it is read from: its own, or its path within the folder given."""

    path: Path
    name: str
    suffix: str


def suffix_of(name: str) -> str:
    """The lower-case suffix of a file name; of ``x.jsonl.gz`` it is ``.jsonl.gz``."""
    suffixes = PurePosixPath(name.lower()).suffixes
    return "".join(suffixes[-2:] if suffixes[-1:] == [".gz"] else suffixes[-1:])


def find_files(path: Path, *, suffixes: Container[str]) -> Iterator[File | Rejection]:
    """The file at ``path``; or those below it that have one of ``suffixes``, sorted, without hidden ones.

    Links to files are followed. Links to folders aren't, so that no loop and no folder elsewhere is walked.

    Errors of the rejections:
        NotFound: there is nothing at the path.
        UnreadableDocument: a folder can't be listed.
        TooLarge: there are more than `FILES_MAX` files; the first ones come before it.
    """
    try:
        is_folder = _is_folder(path)
    except ProvenanceError as error:
        yield rejection(printable(path), error)
        return
    if not is_folder:
        yield _file(path, name=path.name)
        return
    for count, found in enumerate(_walk(path, suffixes)):
        if count == FILES_MAX:
            full = TooLarge(f"The folder has more than {FILES_MAX:,} files.", mend="Read its folders one by one.")
            yield rejection(printable(path), full)
            return
        yield found


def _is_folder(path: Path) -> bool:
    with system_edge(path):
        try:
            return stat.S_ISDIR(path.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFound(f"There is no file or folder {printable(path)!r}.", mend="Check the path.") from error


def _walk(root: Path, suffixes: Container[str]) -> Iterator[File | Rejection]:
    ahead = [(root, True)]
    while ahead:
        path, is_folder = ahead.pop()
        if not is_folder:
            yield _file(path, name=path.relative_to(root).as_posix())
            continue
        try:
            ahead.extend(reversed(_listed(path, suffixes)))
        except ProvenanceError as error:
            yield rejection(printable(path), error)


def _listed(folder: Path, suffixes: Container[str]) -> list[tuple[Path, bool]]:
    """What stands in a folder, by name: folders as true, files to read as false, the rest left out."""
    with system_edge(folder), os.scandir(folder) as listing:
        shown = [entry for entry in listing if not entry.name.startswith(_HIDDEN)]
        folders = [(entry.name, True) for entry in shown if entry.is_dir(follow_symlinks=False)]
        files = [(entry.name, False) for entry in shown if suffix_of(entry.name) in suffixes and not _leads_on(entry)]
        return [(folder / name, is_folder) for name, is_folder in sorted(folders + files)]


def _leads_on(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder or a link to one. A link that can't be followed is a file that can't be opened."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _file(path: Path, *, name: str) -> File:
    """The file under its name in Unicode's composed form: systems give the same name back in different forms."""
    return File(path=path, name=unicodedata.normalize("NFC", name), suffix=suffix_of(path.name))
