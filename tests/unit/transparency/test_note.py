"""Signed notes and keys, on what Go's sumdb/note gives as its example, and on what others would have us take."""

from __future__ import annotations

import pytest

from provenance.adapters.ed25519 import KeyFile, verify
from provenance.kernel.errors import InvalidCheckpoint
from provenance.transparency.note import ED25519, Note, Signature, VerifierKey, parse_private, private_text

PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"


def neumann() -> KeyFile:
    return KeyFile.from_seed(*parse_private(PRIVATE))


def test_keys_are_written_as_go_writes_them() -> None:
    assert neumann().key.text == PUBLIC
    assert VerifierKey.parse(PUBLIC) == neumann().key
    assert private_text(neumann().key, parse_private(PRIVATE)[2]) == PRIVATE


def test_a_signature_is_the_one_that_go_makes() -> None:
    signer = neumann()
    made = Signature(name="PeterNeumann", key_id=signer.key.id, data=signer.sign(TEXT.encode()))
    assert made.line == LINE
    assert Note(text=TEXT, signatures=(made,)).whole == f"{TEXT}\n{LINE}"


def test_a_note_is_read_as_it_is_written() -> None:
    note = Note.parse(f"{TEXT}\n{LINE}".encode())
    assert note.text == TEXT
    assert note.whole == f"{TEXT}\n{LINE}"
    assert verify(neumann().key.public, note.signatures[0].data, TEXT.encode())


def test_the_text_ends_at_the_last_empty_line() -> None:
    assert Note.parse(f"one\n\ntwo\n\n{LINE}".encode()).text == "one\n\ntwo\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        TEXT.encode(),
        f"{TEXT}\n{LINE}"[:-1].encode(),
        f"{TEXT}\n{LINE}more\n".encode(),
        f"{TEXT}\n{LINE}".replace("— ", "- ").encode(),
        f"{TEXT}\r\n{LINE}".encode(),
        f"{TEXT}\n{LINE}".encode("utf-16"),
        f"{TEXT}\n— PeterNeumann x08g\n".encode(),
        f"{TEXT}\n— PeterNeumann x08go*\n".encode(),
        f"{TEXT}\n— PeterNeumann\n".encode(),
        f"{TEXT}\n".encode() + LINE.encode() * 65,
        b"a" * 70_000 + f"\n\n{LINE}".encode(),
    ],
)
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidCheckpoint):
        Note.parse(data)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "näme", "x\u00a0y", "new\nline", "n" * 201])
def test_a_name_that_could_be_mistaken_is_refused(name: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        VerifierKey(name=name, type=ED25519, public=bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        PUBLIC.replace("c74f20a3", "c74f20a4"),
        PUBLIC.replace("Peter", "Paul"),
        PUBLIC[:-4],
        PUBLIC.replace("ARpc", "Apc2"),
        PUBLIC.replace("ARpc", "CRpc"),
    ],
)
def test_a_public_key_that_was_altered_is_refused(text: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        VerifierKey.parse(text)


def test_an_error_shows_nothing_of_a_private_key() -> None:
    with pytest.raises(InvalidCheckpoint) as caught:
        parse_private(PRIVATE[:-3])
    assert "AYEKF" not in str(caught.value)
    assert "AYEKF" not in repr(neumann())
