"""A witness's files: what it saw last outlives it, and what can't be read is never taken for having seen nothing."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from provenance.adapters import witness_folder
from provenance.adapters.ed25519 import KeyFile, verify
from provenance.adapters.witness_folder import WitnessFolder
from provenance.api.witness import witness_app
from provenance.kernel.errors import ClockWentBack, Conflict, LogAltered, LogMissing, StaleCheckpoint, StorageFull
from provenance.services.witness import Cosigner
from provenance.transparency.checkpoint import Checkpoint, sign
from provenance.transparency.cosignature import cosigned_at
from provenance.transparency.merkle import leaf_hash, node_hash
from provenance.transparency.note import ED25519, Note, signatures_of
from provenance.transparency.witnessing import REQUEST_BYTES_MAX, Request

ORIGIN, NAME = "example.org/log", "witness.example"
AT = datetime(2026, 11, 28, tzinfo=UTC)
LOG = KeyFile.from_seed(ORIGIN, ED25519, bytes(32))
ONE, TWO = leaf_hash(b"one"), leaf_hash(b"two")


def checkpoint(*hashes: bytes) -> bytes:
    root = hashes[0] if len(hashes) == 1 else node_hash(*hashes)
    return sign(Checkpoint(origin=ORIGIN, size=len(hashes), root=root), LOG).note.whole.encode()


FIRST = Request(old=0, path=(), checkpoint=checkpoint(ONE)).body
SECOND = Request(old=1, path=(TWO,), checkpoint=checkpoint(ONE, TWO)).body
FORKED = Request(old=1, path=(), checkpoint=checkpoint(TWO)).body


@pytest.fixture
def folder(tmp_path: Path) -> WitnessFolder:
    found = WitnessFolder(tmp_path / "witness")
    found.create(NAME, [LOG.key])
    return found


def cosigner(folder: WitnessFolder, clock: Callable[[], datetime] = lambda: AT) -> Cosigner:
    return Cosigner(signer=folder.signer, logs=folder.logs, state=folder, verify=verify, clock=clock)


def test_what_it_saw_outlives_it(folder: WitnessFolder, tmp_path: Path) -> None:
    line = cosigner(folder).add_checkpoint(FIRST)
    note = Note.parse(checkpoint(ONE))
    signed = Note(text=note.text, signatures=(*note.signatures, line))
    assert cosigned_at(signed, folder.signer.key, verify) == int(AT.timestamp())
    again = cosigner(WitnessFolder(tmp_path / "witness"))
    with pytest.raises(StaleCheckpoint):
        again.add_checkpoint(FIRST)
    again.add_checkpoint(SECOND)


@pytest.mark.parametrize("state", [b"", b"{", b"[]", b'{"example.org/log": {"note": "x", "at": 1}}', None])
def test_a_damaged_state_cosigns_nothing(folder: WitnessFolder, tmp_path: Path, state: bytes | None) -> None:
    cosigner(folder).add_checkpoint(FIRST)
    path = tmp_path / "witness" / "state.json"
    if state is None:
        path.unlink()
    else:
        path.write_bytes(state)
    with pytest.raises(LogAltered):
        cosigner(folder).add_checkpoint(SECOND)


def test_a_full_disk_cosigns_nothing_and_forgets_nothing(
    folder: WitnessFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    cosigner(folder).add_checkpoint(FIRST)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(witness_folder.os, "fsync", full)
        with pytest.raises(StorageFull):
            cosigner(folder).add_checkpoint(SECOND)
    cosigner(folder).add_checkpoint(SECOND)


def test_a_clock_that_went_back_cosigns_nothing(folder: WitnessFolder) -> None:
    cosigner(folder).add_checkpoint(FIRST)
    with pytest.raises(ClockWentBack):
        cosigner(folder, lambda: AT - timedelta(seconds=1)).add_checkpoint(SECOND)


def test_a_witness_has_one_key_for_ever_and_keeps_its_state(folder: WitnessFolder) -> None:
    cosigner(folder).add_checkpoint(FIRST)
    with pytest.raises(Conflict):
        folder.create(NAME, [])
    cosigner(folder).add_checkpoint(SECOND)


def test_where_there_is_no_witness_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(LogMissing):
        _ = WitnessFolder(tmp_path).signer


def test_over_http_each_refusal_has_the_status_of_the_specification(folder: WitnessFolder) -> None:
    client = TestClient(witness_app(cosigner(folder)))

    def post(body: bytes) -> tuple[int, str, str]:
        answer = client.post("/add-checkpoint", content=body)
        return answer.status_code, answer.headers["content-type"], answer.text

    status, _, text = post(FIRST)
    assert status == 200
    assert signatures_of(text)[0].names(folder.signer.key)
    assert post(FIRST) == (409, "text/x.tlog.size", "1\n")
    assert post(FORKED)[0] == 409
    assert post(SECOND.replace(b"\n2\n", b"\n3\n"))[0] == 403
    assert post(SECOND.replace(b"example.org/log", b"example.org/gol"))[0] == 404
    assert post(Request(old=1, path=(ONE,), checkpoint=checkpoint(ONE, TWO)).body)[0] == 422
    assert post(b"nothing")[0] == 400
    assert post(b"x" * (REQUEST_BYTES_MAX + 1))[0] == 413
    assert post(SECOND)[0] == 200
    assert client.get("/add-checkpoint").status_code == 405


def test_over_http_a_damaged_state_is_told_without_a_path(folder: WitnessFolder, tmp_path: Path) -> None:
    (tmp_path / "witness" / "state.json").unlink()
    answer = TestClient(witness_app(cosigner(folder))).post("/add-checkpoint", content=FIRST)
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text
