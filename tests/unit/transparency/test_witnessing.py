"""What a witness takes, and what it refuses, by name; and that no two histories of a log get a quorum."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.adapters.ed25519 import verify
from provenance.kernel.errors import (
    ForgedSignature,
    ForkedLog,
    InvalidCheckpoint,
    InvalidProof,
    NoQuorum,
    NotFound,
    OtherLog,
    ProvenanceError,
    StaleCheckpoint,
    UnknownSigner,
)
from provenance.transparency.checkpoint import Checkpoint, SignedCheckpoint, sign
from provenance.transparency.cosignature import cosign
from provenance.transparency.merkle import leaf_hash, root_of
from provenance.transparency.note import Note, Signature
from provenance.transparency.policy import Policy
from provenance.transparency.proof import consistency_proof
from provenance.transparency.tiles import Edge, grown, rows_kept, subtree_of
from provenance.transparency.witnessing import Request, admit, agreed

from .log_values import ORIGIN, bytes_of, key, leaves, signed, witness

AT = 1_790_000_000


def path(data: list[bytes], old: int) -> tuple[bytes, ...]:
    edge, full = grown(Edge(), [leaf_hash(d) for d in data])
    tiles = {tile.name: tile.data for tile in [*full, *edge.tiles]}
    return consistency_proof(old, len(data), subtree_of(len(data), rows_kept(tiles.__getitem__)))


def request(count: int, old: int = 0, word: str = "leaf") -> Request:
    return Request(old=old, path=path(leaves(count, word), old), checkpoint=bytes_of(signed(count, word).note))


def seen(count: int, word: str = "leaf") -> Mapping[str, Checkpoint]:
    return {ORIGIN: signed(count, word).checkpoint}


def test_a_request_is_read_as_it_is_written() -> None:
    assert Request.parse(request(9, 4).body) == request(9, 4)
    assert request(9).body.startswith(b"old 0\n\nexample.org/log\n9\n")


def test_a_first_checkpoint_is_taken_and_a_later_one_that_adds_to_it() -> None:
    assert admit(request(4), [key().key], {}, verify).size == 4
    assert admit(request(9, 4), [key().key], seen(4), verify).size == 9


def test_the_same_checkpoint_is_taken_again() -> None:
    assert admit(request(4, 4), [key().key], seen(4), verify).size == 4


@pytest.mark.parametrize(
    ("asked", "latest", "error"),
    [
        (request(9, 3), seen(4), StaleCheckpoint),
        (request(9, 0), seen(4), StaleCheckpoint),
        (request(4, 4), seen(9), StaleCheckpoint),
        (request(9, 4, "other"), seen(4), InvalidProof),
        (request(4, 4, "other"), seen(4), ForkedLog),
        (Request(old=4, path=(), checkpoint=request(9).checkpoint), seen(4), InvalidProof),
        (Request(old=0, path=request(9, 4).path, checkpoint=request(9).checkpoint), {}, InvalidProof),
        (Request(old=5, path=(), checkpoint=request(4).checkpoint), seen(5), InvalidCheckpoint),
    ],
)
def test_what_does_not_add_to_the_latest_is_refused(
    asked: Request, latest: Mapping[str, Checkpoint], error: type[ProvenanceError]
) -> None:
    with pytest.raises(error):
        admit(asked, [key().key], latest, verify)


def test_a_stale_request_is_told_the_latest_size() -> None:
    with pytest.raises(StaleCheckpoint) as caught:
        admit(request(9, 3), [key().key], seen(4), verify)
    assert caught.value.data["size"] == 4


def test_unknown_logs_and_keys_are_refused() -> None:
    with pytest.raises(NotFound):
        admit(request(4), [key("example.org/other").key], {}, verify)
    with pytest.raises(UnknownSigner):
        admit(request(4), [key(ORIGIN, seed="another").key], {}, verify)
    forged = request(4).checkpoint.replace(b"\n4\n", b"\n5\n")
    with pytest.raises(ForgedSignature):
        admit(Request(old=0, path=(), checkpoint=forged), [key().key], {}, verify)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0",
        b"old -1\n\nx",
        b"old 00\n\nx",
        b"old 1\nAAAA\n\nx",
        b"old 1\n" + (b"A" * 43 + b"=\n") * 64 + b"\nx",
        b"old 99999999999999999999\n\nx",
        b"old 0\n\n" + b"x" * 90_000,
    ],
)
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidCheckpoint):
        Request.parse(body)


def test_two_kept_checkpoints_are_compared() -> None:
    agreed(signed(4), signed(9), path(leaves(9), 4))
    with pytest.raises(StaleCheckpoint):
        agreed(signed(9), signed(4), ())
    with pytest.raises(ForkedLog):
        agreed(signed(4, "other"), signed(9), path(leaves(9), 4))
    with pytest.raises(ForkedLog):
        agreed(signed(4, "other"), signed(4), ())
    with pytest.raises(OtherLog):
        agreed(signed(4, origin="example.org/other"), signed(9), path(leaves(9), 4))


class Witnesses:
    """Three witnesses, each with what it saw last."""

    def __init__(self) -> None:
        self.latest: dict[int, dict[str, Checkpoint]] = {1: {}, 2: {}, 3: {}}

    def ask(self, number: int, data: list[bytes]) -> Signature | None:
        """The witness's cosignature of a log with these leaves, where it gives one."""
        checkpoint = as_signed(data)
        latest = self.latest[number]
        old = latest[ORIGIN].size if latest else 0
        if old > len(data):
            return None
        asked = Request(old=old, path=path(data, old), checkpoint=bytes_of(checkpoint.note))
        try:
            found = admit(asked, [key().key], latest, verify)
        except (InvalidProof, ForkedLog):
            return None
        latest[ORIGIN] = found.checkpoint
        return cosign(found.note.text, witness(number), at_seconds=AT)


def as_signed(data: list[bytes]) -> SignedCheckpoint:
    return sign(Checkpoint(origin=ORIGIN, size=len(data), root=root_of(data)), key())


def two_of_three() -> Policy:
    named = "".join(f"witness w{number} {witness(number).key.text}\n" for number in (1, 2, 3))
    return Policy.parse(f"log {key().key.text}\n{named}group two 2 w1 w2 w3\nquorum two\n")


def has_quorum(data: list[bytes], lines: list[Signature | None]) -> bool:
    note = as_signed(data).note
    whole = Note(text=note.text, signatures=note.signatures + tuple(filter(None, lines)))
    try:
        two_of_three().open(bytes_of(whole), verify)
    except NoQuorum:
        return False
    return True


def test_a_forked_log_gets_no_quorum_of_two_of_three() -> None:
    honest, forked = leaves(9), [*leaves(8), b"another"]
    witnesses = Witnesses()
    assert has_quorum(honest, [witnesses.ask(number, honest) for number in (1, 2, 3)])
    assert not has_quorum(forked, [witnesses.ask(number, forked) for number in (1, 2, 3)])
    longer = [*forked, *leaves(5)]
    assert not has_quorum(longer, [witnesses.ask(number, longer) for number in (1, 2, 3)])


@given(
    st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.booleans(), st.integers(0, 3)), max_size=20), st.integers(0, 4)
)
def test_of_two_histories_at_most_one_ever_gets_a_quorum(asked: list[tuple[int, bool, int]], common: int) -> None:
    """Whoever shows which history to whom, in whatever order."""
    witnesses = Witnesses()
    lines: dict[tuple[bool, int], list[Signature | None]] = {}
    for number, forked, more in asked:
        data = [*leaves(common), *leaves(1 + more, "forked" if forked else "honest")]
        lines.setdefault((forked, more), []).append(witnesses.ask(number, data))
    quorums = {
        forked
        for (forked, more), found in lines.items()
        if has_quorum([*leaves(common), *leaves(1 + more, "forked" if forked else "honest")], found)
    }
    assert len(quorums) <= 1
