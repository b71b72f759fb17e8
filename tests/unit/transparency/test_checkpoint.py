"""Who signed a checkpoint, and what it says; cosignatures, policies and proof files on top of it."""

from __future__ import annotations

import pytest

from provenance.adapters.ed25519 import verify
from provenance.kernel.errors import (
    ForgedSignature,
    InvalidCheckpoint,
    InvalidProof,
    NoQuorum,
    OtherLog,
    UnknownSigner,
    Untrusted,
)
from provenance.transparency.checkpoint import Checkpoint, open_checkpoint, parse_text
from provenance.transparency.cosignature import cosign, cosigned_at
from provenance.transparency.merkle import leaf_hash
from provenance.transparency.note import Note
from provenance.transparency.policy import Policy
from provenance.transparency.proof import inclusion_proof
from provenance.transparency.proof_file import ProofFile
from provenance.transparency.tiles import Edge, grown, rows_kept, subtree_of

from .log_values import ORIGIN, bytes_of, key, leaves, signed, witness

AT = 1_790_000_000


def cosigned(count: int, *witnesses: int, word: str = "leaf") -> Note:
    note = signed(count, word).note
    lines = tuple(cosign(note.text, witness(number), at_seconds=AT) for number in witnesses)
    return Note(text=note.text, signatures=note.signatures + lines)


def policy(quorum: str = "group two 2 w1 w2 w3\nquorum two\n") -> Policy:
    named = "".join(f"witness w{number} {witness(number).key.text}\n" for number in (1, 2, 3))
    return Policy.parse(f"# a policy\nlog {key().key.text}\n{named}{quorum}")


def test_a_checkpoint_has_three_lines_and_its_logs_signature() -> None:
    note = signed(3).note
    assert note.text.split("\n")[:2] == [ORIGIN, "3"]
    opened = open_checkpoint(bytes_of(note), [key().key], verify)
    assert opened.size == 3
    assert opened.root == signed(3).root


def test_a_checkpoint_of_another_log_is_told() -> None:
    with pytest.raises(OtherLog):
        open_checkpoint(bytes_of(signed(3, origin="example.org/other").note), [key().key], verify)


def test_a_key_that_nobody_trusts_is_told() -> None:
    with pytest.raises(UnknownSigner):
        open_checkpoint(bytes_of(signed(3).note), [key(ORIGIN, seed="another").key], verify)


def test_a_signature_under_an_altered_text_is_told() -> None:
    data = bytes_of(signed(3).note).replace(b"\n3\n", b"\n4\n")
    with pytest.raises(ForgedSignature):
        open_checkpoint(data, [key().key], verify)


def test_signatures_of_strangers_change_nothing() -> None:
    opened = open_checkpoint(bytes_of(cosigned(3, 7)), [key().key], verify)
    assert opened.size == 3


def test_every_flipped_bit_is_refused() -> None:
    data = bytes_of(signed(3).note)
    for at in range(len(data)):
        altered = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(Untrusted):
            open_checkpoint(altered, [key().key], verify)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n3\n",
        f"{ORIGIN}\n03\nAAAA\n",
        f"{ORIGIN}\n-1\nAAAA\n",
        f"{ORIGIN}\n{2**63}\nAAAA\n",
        f"{ORIGIN}\n3\nAAAA\n",
        f"{ORIGIN}\n٣\n{'A' * 43}=\n",
        f"{ORIGIN}\n0\n{'A' * 43}=\n",
        f"\n3\n{'A' * 43}=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        parse_text(text)


def test_extension_lines_are_signed_and_say_nothing() -> None:
    found = signed(3).checkpoint
    assert parse_text(found.text + "more\n") == Checkpoint(origin=ORIGIN, size=3, root=found.root)


def test_a_cosignature_says_when() -> None:
    note = cosigned(3, 1)
    assert cosigned_at(note, witness(1).key, verify) == AT
    assert cosigned_at(note, witness(2).key, verify) is None


def test_a_cosignature_with_another_time_is_forged() -> None:
    note = cosigned(3, 1)
    line = note.signatures[-1]
    later = type(line)(name=line.name, key_id=line.key_id, data=(AT + 1).to_bytes(8, "big") + line.data[8:])
    with pytest.raises(ForgedSignature):
        cosigned_at(Note(text=note.text, signatures=(later,)), witness(1).key, verify)


def test_a_cosignature_of_another_checkpoint_is_forged() -> None:
    moved = Note(text=signed(4).note.text, signatures=cosigned(3, 1).signatures[1:])
    with pytest.raises(ForgedSignature):
        cosigned_at(moved, witness(1).key, verify)


@pytest.mark.parametrize("witnesses", [(1, 2), (1, 3), (2, 3), (1, 2, 3)])
def test_two_of_three_are_a_quorum(witnesses: tuple[int, ...]) -> None:
    assert policy().open(bytes_of(cosigned(3, *witnesses)), verify).size == 3


@pytest.mark.parametrize("witnesses", [(), (1,), (1, 1), (3, 9)])
def test_fewer_are_none_and_are_named(witnesses: tuple[int, ...]) -> None:
    with pytest.raises(NoQuorum) as caught:
        policy().open(bytes_of(cosigned(3, *witnesses)), verify)
    assert caught.value.data["cosigned"] == sorted({f"w{n}" for n in witnesses if n < 4})


def test_groups_of_groups_count_each_group_once() -> None:
    found = policy("group a any w1 w2\ngroup b all a w3\nquorum b\n")
    assert found.open(bytes_of(cosigned(3, 1, 3)), verify)
    with pytest.raises(NoQuorum):
        found.open(bytes_of(cosigned(3, 1, 2)), verify)


def test_a_policy_may_ask_for_nobody() -> None:
    assert policy("quorum none").open(bytes_of(signed(3).note), verify)


@pytest.mark.parametrize(
    "quorum",
    [
        "",
        "quorum\n",
        "quorum nobody\n",
        "quorum w1\nquorum w2\n",
        "group two 4 w1 w2 w3\nquorum two\n",
        "group two 0 w1 w2\nquorum two\n",
        "group two 1 w1 w9\nquorum two\n",
        "group two 2 w1 w1\nquorum two\n",
        "group w1 any w2\nquorum w1\n",
        "group none any w2\nquorum none\n",
        "witness w4 nothing\nquorum w4\n",
        "witnesses w4\nquorum w1\n",
        f"witness w4 {witness(1).key.text}\nquorum w4\n",
        f"witness w4 {key().key.text}\nquorum w4\n",
        f"log {key().key.text}\nquorum w1\n",
        f"log {witness(1).key.text}\nquorum w1\n",
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(quorum: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        policy(quorum)


def proof(index: int, count: int, *witnesses: int) -> ProofFile:
    edge, full = grown(Edge(), [leaf_hash(d) for d in leaves(count)])
    tiles = {tile.name: tile.data for tile in [*full, *edge.tiles]}
    path = inclusion_proof(index, count, subtree_of(count, rows_kept(tiles.__getitem__)))
    return ProofFile(index=index, path=path, checkpoint=bytes_of(cosigned(count, *witnesses)), extra=b"extra")


def test_a_proof_file_is_read_as_it_is_written_and_holds() -> None:
    made = proof(5, 9, 1, 2)
    assert ProofFile.parse(made.text) == made
    assert made.check(leaves(9)[5], policy(), verify).size == 9


def test_a_proof_for_another_leaf_is_refused() -> None:
    with pytest.raises(InvalidProof):
        proof(5, 9, 1, 2).check(leaves(9)[4], policy(), verify)


def test_a_proof_without_its_witnesses_is_refused() -> None:
    with pytest.raises(NoQuorum):
        proof(5, 9, 1).check(leaves(9)[5], policy(), verify)


def test_every_flipped_bit_of_a_proof_file_is_refused_but_in_what_nobody_signs() -> None:
    made = proof(5, 9, 1, 2)
    data = made.text
    extra = data.index(b"extra "), data.index(b"\nindex")
    for at in range(len(data)):
        if extra[0] + 6 <= at < extra[1]:
            continue
        altered = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(Untrusted):
            ProofFile.parse(altered).check(leaves(9)[5], policy(), verify)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"c2sp.org/tlog-proof@v2\nindex 0\n\n",
        b"c2sp.org/tlog-proof@v1\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 00\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 99999999999999999999\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\n" + b"A" * 43 + b"=\n" + (b"A" * 43 + b"=\n") * 63 + b"\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\n",
        b"x" * 300_000,
    ],
)
def test_what_is_no_proof_file_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidProof):
        ProofFile.parse(data)
