"""Rejections that can be kept by the thousand: they say why, and hold nothing of the input."""

from __future__ import annotations

import json
import os
from pathlib import Path

from provenance.kernel.errors import ProvenanceError
from provenance.sources.document import Rejection


def rejection(origin: str, error: ProvenanceError) -> Rejection:
    """The rejection of ``origin``, with the error's chain of causes freed of the input that they carry.

    Tracebacks hold the frames, and decoding errors the bytes, of what was read: up to 64 MiB each.
    """
    links: list[BaseException] = [error]
    for link in links:
        link.__traceback__ = None
        if isinstance(link, UnicodeDecodeError):
            link.object = b""
        elif isinstance(link, UnicodeEncodeError):
            link.object = ""
        elif isinstance(link, json.JSONDecodeError):
            link.doc = ""
        links.extend(other for other in (link.__cause__, link.__context__) if other and other not in links)
    return Rejection(origin=origin, error=error)


def printable(path: Path) -> str:
    """The path as text that any output takes: bytes of a name that aren't UTF-8 are written as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
