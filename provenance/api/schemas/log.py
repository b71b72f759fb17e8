"""What auditors see of the sealed log: checkpoints, proofs, facts with their proofs."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from provenance.api.schemas.fields import View, example

_KEY = "example.org/log+0a1b2c3d+AX7Zq4S1x2o0H8dY5vTn6bJ3kLw9cRmE0uGfVhPiNaQs"
_NOTE = (
    "example.org/log\n1\nYdxLgF2o1Zny0m2sEBTMl+8jFl4gYhxP4dGCv9BRNKI=\n\n"
    "\u2014 example.org/log Pk3X5fNcJg7kINwt4FiPHoLXuXV9Pd3yV7LSkQWE"
    "rCaDUBZRdxIjA6KJQAvcBRj0t+ttCA0xMcS4YjMXobl9HjnZIQ8=\n"
)
_PROVEN = {
    "kind": "party",
    "fact": "ann",
    "sha256": "443cd028f97e42b49ff35e2740a61c970bcc5d77888c2ab3e40de1142f917170",
    "index": 0,
    "leaf": (
        '{"fact":"ann","kind":"party","sha256":"443cd028f97e42b49ff35e2740a61c970bcc5d77888c2ab3e40de1142f917170"}'
    ),
    "proof": f"c2sp.org/tlog-proof@v1\nindex 0\n\n{_NOTE}",
    "form": {"id": "ann", "kind": "party", "name_sha256": "0" * 64, "recorded_at": "2026-11-28T08:00:00.000000Z"},
}


class LogView(View):
    """The log: its newest checkpoint, its public key, and how much is recorded and not sealed yet."""

    model_config = example(
        {"origin": "example.org/log", "size": 1, "root": "61" * 32, "note": _NOTE, "key": _KEY, "waiting": 0}
    )

    origin: str
    size: int
    root: Annotated[str, Field(description="Hexadecimal.")]
    note: Annotated[str, Field(description="The whole checkpoint, a C2SP signed note.")]
    key: Annotated[str, Field(description="The public key. Compare it with the one that you had from elsewhere.")]
    waiting: Annotated[int, Field(description="Facts that are recorded and not sealed yet.")]


class ConsistencyView(View):
    """The proof that a log of `size` leaves starts with the `old` leaves that somebody saw before."""

    model_config = example({"old": 1, "size": 1, "proof": [], "note": _NOTE})

    old: int
    size: int
    proof: Annotated[list[str], Field(description="Hashes in base64, as RFC 6962, section 2.1.2, orders them.")]
    note: Annotated[str, Field(description="The newest checkpoint.")]


class ProvenView(View):
    """A fact, its leaf, and the proof that the leaf is in the log."""

    model_config = example(_PROVEN)

    kind: str
    fact: str
    sha256: Annotated[str, Field(description="The digest of the fact's form, in RFC 8785 bytes.")]
    index: Annotated[int, Field(description="The leaf's place, from 0.")]
    leaf: Annotated[str, Field(description="The leaf's bytes: what the proof is checked against.")]
    proof: Annotated[str, Field(description="A C2SP tlog-proof file.")]
    form: Annotated[dict[str, Any] | None, Field(description="What was recorded, with digests in place of texts.")]


class ProvenPage(View):
    """Facts in the order of recording; `next_cursor` asks for the rest."""

    model_config = example({"items": [_PROVEN], "next_cursor": None})

    items: list[ProvenView]
    next_cursor: str | None = None
