"""Labelled sources and outputs from JSON Lines, plain or gzip; a bad line is named, and ends the run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from provenance.adapters.readers.content import located
from provenance.adapters.readers.lines import read_lines
from provenance.cli.visible import visible
from provenance.kernel.errors import InvalidInput, ProvenanceError, UnreadableDocument

T = TypeVar("T")


def read_labelled(path: Path, parse: Callable[[Mapping[str, Any]], T]) -> Sequence[T]:
    """What ``parse`` makes of each line that isn't blank.

    Raises:
        InvalidInput: a line, named by its number, isn't a JSON object, or ``parse`` refuses it; or there is no line.
        UnreadableDocument: the file can't be read.
    """
    shown = visible(str(path))
    found = []
    for line in read_lines(path, gzipped=path.suffix == ".gz"):
        where = f"{shown}, line {line.number}" if line.number else shown
        try:
            if isinstance(line.content, ProvenanceError):
                raise line.content
            if line.content.strip():
                found.append(parse(_object(line.content)))
        except ProvenanceError as error:
            raise located(error, where, line=line.number) from error
    if not found:
        raise InvalidInput(f"{shown} holds no lines.", mend="Write one JSON object a line.")
    return found


def sha256_of(path: Path) -> str:
    """Digest of a file's bytes. Raises `UnreadableDocument`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        shown = visible(str(path))
        raise UnreadableDocument(f"{shown} can't be read: {error.strerror}.", mend="Check the path.") from error


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"This is not JSON: {error}.", mend="Write one JSON object a line.") from error
    if not isinstance(value, dict):
        raise InvalidInput("This is not a JSON object.", mend="Write one JSON object a line.")
    return value
