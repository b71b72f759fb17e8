"""Files of the log's commands: read with a bound, written whole or to standard output."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import typer

from provenance.cli.new_file import write_whole
from provenance.kernel.errors import InvalidInput, TooLarge
from provenance.services.log_stores import LogQuery
from provenance.services.prove import Proven, Prover
from provenance.transparency.note import VerifierKey
from provenance.transparency.policy import NONE, POLICY_BYTES_MAX, Policy

# Between two looks for what is to be sealed.
FOLLOW_SECONDS = 0.4


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


def pause() -> bool:
    """Wait until it is time to seal again; Ctrl-C ends it. False: there is no other end."""
    time.sleep(FOLLOW_SECONDS)
    return False


def found_facts(prover: Prover, query: LogQuery, limit: int) -> tuple[Sequence[Proven], bool]:
    """The first ``limit`` facts under the newest checkpoint, and whether there are more."""
    published = prover.checkpoint()
    found: list[Proven] = []
    after: int | None = 0
    while after is not None and len(found) < limit:
        page = prover.search(query, published, after=after, limit=limit - len(found))
        found += page.items
        after = page.next_after
    return found, after is not None


def show_facts(found: Sequence[Proven], *, more: bool) -> None:
    """Print them, one a line."""
    from provenance.cli.render import console, table

    rows = [(f"{p.number - 1:,}", p.leaf.kind, p.leaf.fact, (p.form or {}).get("recorded_at", "")) for p in found]
    console().print(table("Sealed facts", (">leaf", "kind", "=fact", "=recorded"), rows) if rows else "There are none.")
    if more:
        console().print("There are more: raise --limit.")
