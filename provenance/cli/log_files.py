"""Files of the log's commands: read with a bound, written whole or to standard output."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from provenance.cli.new_file import write_whole
from provenance.kernel.errors import InvalidInput, TooLarge
from provenance.services.prove import Published
from provenance.transparency.note import VerifierKey
from provenance.transparency.policy import NONE, POLICY_BYTES_MAX, Policy


def read_small(path: Path, bytes_max: int) -> bytes:
    """The file. Raises `InvalidInput`, `TooLarge`."""
    try:
        with path.open("rb") as file:
            data = file.read(bytes_max + 1)
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}.", mend="Name a file that is there.") from error
    if len(data) > bytes_max:
        raise TooLarge(f"{path} has more than {bytes_max} bytes.", mend="Name another file.")
    return data


def put(data: bytes, output: Path | None) -> None:
    """Write to a file, or to standard output where none is named."""
    if output is not None:
        write_whole(output, data)
    else:
        typer.echo(data.decode(), nl=False)


def trusted(policy: Path | None, key: str) -> Policy:
    """A policy from its file, or one that trusts a single log and asks for no witness. Raises `InvalidInput`."""
    if policy is not None:
        return Policy.parse(read_small(policy, POLICY_BYTES_MAX).decode("utf-8", "replace"))
    if not key:
        raise InvalidInput("Nobody is trusted yet.", mend="Name the log's key with --key, or a policy with --policy.")
    return Policy(logs=(VerifierKey.parse(key),), quorum=NONE)


def checkpoint_view(published: Published) -> Mapping[str, Any]:
    """A checkpoint for a program."""
    found = published.checkpoint
    root = found.root.hex()
    return {"origin": found.origin, "size": found.size, "root": root, "note": published.note.decode()}
