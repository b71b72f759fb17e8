"""Read a bundle in pieces, and note what is wrong with it."""

from __future__ import annotations

import hashlib
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

LINE_BYTES_MAX = 64 * 1024 * 1024
FILE_BYTES_MAX = 64 * 1024 * 1024


class Unreadable(Exception):
    """The bundle, a key or an older checkpoint can't be read at all."""


class Report:
    """How often each check was made, and what was wrong."""

    def __init__(self) -> None:
        self.checked: Counter[str] = Counter()
        self.problems: dict[str, list[str]] = {}
        self.unsure: list[str] = []

    def note(self, check: str, problem: str | None = None, count: int = 1) -> None:
        """Count so many; ``problem`` says what is wrong with one."""
        self.checked[check] += count
        if problem is not None:
            self.problems.setdefault(check, []).append(problem)


class Bundle:
    """The files of a bundle, read in pieces."""

    def __init__(self, path: str) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise Unreadable(f"{path} is no bundle: {error}") from error
        names = self._zip.namelist()
        self.names = frozenset(names)
        if len(names) != len(self.names):
            raise Unreadable("a name occurs twice in the bundle")

    def lines(self, name: str) -> Iterator[bytes]:
        """Lines of a file, without their ends."""
        if name not in self.names:
            return
        with self._zip.open(name) as file:
            while line := file.readline(LINE_BYTES_MAX):
                yield line.rstrip(b"\n")

    def small(self, name: str) -> bytes:
        """A small file at once."""
        if name not in self.names:
            raise Unreadable(f"{name} is missing")
        with self._zip.open(name) as file:
            return file.read(FILE_BYTES_MAX)

    def describe(self, name: str) -> dict[str, Any]:
        """Size and SHA-256 of a file."""
        sha256, size = hashlib.sha256(), 0
        with self._zip.open(name) as file:
            while data := file.read(1024 * 1024):
                sha256.update(data)
                size += len(data)
        return {"bytes": size, "sha256": sha256.hexdigest()}
