"""Zip archives that nobody vouches for, as EPUB and DOCX are. Members are read into memory, never onto a disk."""

from __future__ import annotations

import io
import posixpath
import zipfile

from provenance.adapters.readers.content import encrypted
from provenance.kernel.errors import TooLarge, UnreadableDocument

ARCHIVE_BYTES_MAX = 256 * 1024 * 1024
ENTRIES_MAX = 10_000

_ENTRY_MARK = b"PK\x01\x02"
_ENCRYPTED = 0x1
# The only methods that EPUB and OPC allow; the others can't be unpacked in bounded steps.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class Archive:
    """A zip archive whose members are read by name, each within the size that it declares.

    Raises:
        TooLarge: more than `ENTRIES_MAX` members, or more than `ARCHIVE_BYTES_MAX` bytes once unpacked.
        UnreadableDocument: a member is encrypted.
        zipfile.BadZipFile: it isn't a zip archive, or its directory is damaged.
    """

    def __init__(self, data: bytes, *, kind: str) -> None:
        # Counted before zipfile sees it, because zipfile keeps an object for each entry.
        if (count := data.count(_ENTRY_MARK)) > ENTRIES_MAX:
            raise TooLarge(f"The {kind} file has {count:,} members, over the {ENTRIES_MAX:,} that are read.")
        self._kind = kind
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        infos = self._zip.infolist()
        if (size := sum(info.file_size for info in infos)) > ARCHIVE_BYTES_MAX:
            raise TooLarge(
                f"The {kind} file unpacks to {size:,} bytes, over the {ARCHIVE_BYTES_MAX:,} that one may have.",
                mend="Split it into volumes, or leave its pictures out.",
                bytes=size,
                bytes_max=ARCHIVE_BYTES_MAX,
            )
        if any(info.flag_bits & _ENCRYPTED for info in infos):
            raise encrypted(kind, mend="Save it without a password.")
        self._infos = {info.filename: info for info in infos if not info.is_dir()}

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def read(self, name: str) -> bytes:
        """The content of a member.

        Raises:
            UnreadableDocument: there is none of that name, or it is packed with a method that the format forbids.
            zipfile.BadZipFile, zlib.error, EOFError: it is damaged.
        """
        info = self._infos.get(name)
        if info is None:
            raise UnreadableDocument(f"The {self._kind} file lacks {name[:100]!r}.", mend="Export it again in full.")
        if info.compress_type not in _METHODS:
            raise UnreadableDocument(
                f"{name[:100]!r} in the {self._kind} file is packed with a method that the format doesn't have.",
                mend="Save it again with the program that made it.",
            )
        with self._zip.open(info) as member:
            # With a size, zipfile unpacks no more than that at a time, whatever the data would expand to.
            return member.read(info.file_size + 1)

    def rewritten(self, *, keep: tuple[str, ...]) -> io.BytesIO:
        """The same archive, with members empty whose names don't end with one of ``keep``.

        A library that unpacks members in one go is safe with it: every size in it is true.

        Raises:
            UnreadableDocument, zipfile.BadZipFile, zlib.error, EOFError: as for `read`.
        """
        safe = io.BytesIO()
        with zipfile.ZipFile(safe, "w", zipfile.ZIP_STORED) as target:
            for name in self._infos:
                target.writestr(name, self.read(name) if name.lower().endswith(keep) else b"")
        safe.seek(0)
        return safe


def inside(folder: str, href: str) -> str:
    """The name in an archive that ``href`` means, seen from ``folder``.

    Raises:
        UnreadableDocument: it means something outside the archive.
    """
    name = posixpath.normpath(posixpath.join(folder, href))
    if name.startswith(("/", "../")) or name in ("..", "."):
        raise UnreadableDocument(
            f"The file refers to {href[:100]!r}, outside itself.", mend="Get it from its publisher again."
        )
    return name
