"""A log and three witnesses over the network: a quorum, a witness that is down, and a log that was forked."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import uvicorn

from provenance.adapters.clock import system_clock
from provenance.adapters.ed25519 import verify
from provenance.adapters.witness_folder import WitnessFolder
from provenance.api.witness import witness_app
from provenance.bootstrap import System
from provenance.cli.server import listen, url_of
from provenance.services.witness import Cosigner
from provenance.settings import Settings
from provenance.transparency.note import VerifierKey

from .conftest import Run

NAMES = ("w1", "w2", "w3")


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A witness's URL while it serves."""
    found = WitnessFolder(folder)
    made = Cosigner(signer=found.signer, logs=found.logs, state=found, verify=verify, clock=system_clock)
    server = uvicorn.Server(uvicorn.Config(witness_app(made), log_config=None, lifespan="off"))
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield url_of(listener)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def log_key(bare: Run, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("PROVENANCE_LOG_POLICY", str(tmp_path / "policy"))
    bare("migrate")
    key = str(bare("log", "init", "--origin", "example.org/log", "--json").json["key"])
    grow(bare, "ann", "bob")
    return key


def grow(bare: Run, *names: str) -> None:
    for name in names:
        assert bare("parties", "add", name, "--name", name).code == 0
    assert bare("log", "integrate").code == 0


@pytest.fixture
def witnesses(log_key: str, bare: Run, tmp_path: Path) -> Iterator[list[str]]:
    """Three witnesses that serve, and a policy that asks for two of them."""
    lines = [f"log {log_key}"]
    with ExitStack() as stack:
        for name in NAMES:
            WitnessFolder(tmp_path / name).create(f"{name}.example", [VerifierKey.parse(log_key)])
            key = WitnessFolder(tmp_path / name).signer.key.text
            lines.append(f"witness {name} {key} {stack.enter_context(serving(tmp_path / name))}")
        lines += ["group two 2 w1 w2 w3", "quorum two", ""]
        (tmp_path / "policy").write_text("\n".join(lines), encoding="utf-8")
        yield lines


def test_a_witnessed_proof_meets_the_policy_and_a_forked_log_does_not(
    witnesses: list[str], bare: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forked = tmp_path / "forked"
    shutil.copytree(home, forked)
    grow(bare, "eve")
    assert bare("log", "cosign", "--json").json["cosigned"] == ["w1.example", "w2.example", "w3.example"]
    proof, leaf = tmp_path / "eve.tlog-proof", tmp_path / "eve.leaf"
    bare("log", "prove", "party", "eve", "--witnessed", "-o", proof, "--leaf", leaf)
    told = bare("log", "check-proof", proof, "--leaf", leaf, "--policy", tmp_path / "policy", "--json").json
    assert (told["size"], told["witnesses"]) == (3, ["w1", "w2", "w3"])
    # The same key, another third fact, and more after it: the witnesses have seen the first story.
    monkeypatch.setenv("PROVENANCE_HOME", str(forked))
    grow(bare, "mallory", "more")
    ran = bare("log", "cosign", "--json")
    assert ran.code == 1
    assert json.loads(ran.err)["error"] == "no_quorum"
    bare("log", "prove", "party", "mallory", "-o", proof, "--leaf", leaf)
    ran = bare("log", "check-proof", proof, "--leaf", leaf, "--policy", tmp_path / "policy", "--json")
    assert json.loads(ran.err)["error"] == "no_quorum"


def test_one_witness_that_is_down_does_not_keep_the_others_from_a_quorum(
    witnesses: list[str], bare: Run, tmp_path: Path
) -> None:
    gone = [line.rsplit(" ", 1)[0] + " http://127.0.0.1:9" if " w1 " in line[:12] else line for line in witnesses]
    (tmp_path / "policy").write_text("\n".join(gone), encoding="utf-8")
    told = bare("log", "cosign", "--json").json
    assert (told["cosigned"], told["refused"]) == (["w2.example", "w3.example"], {"w1": "unavailable"})


def test_an_independent_tool_counts_the_witnesses_as_we_do(
    witnesses: list[str], log_key: str, bare: Run, tmp_path: Path
) -> None:
    cli = pytest.importorskip("proofbundle.cli", reason="proofbundle isn't installed")
    bare("log", "cosign")
    proof, leaf = tmp_path / "ann.tlog-proof", tmp_path / "ann.leaf"
    bare("log", "prove", "party", "ann", "--witnessed", "-o", proof, "--leaf", leaf)
    told = ["verify-proof", str(proof), "--payload-file", str(leaf), "--log-vkey", log_key, "--threshold", "3"]
    for line in witnesses:
        if line.startswith("witness "):
            told += ["--witness-vkey", line.split(" ")[2]]
    assert cli.main(told) == 0
    lines = proof.read_text(encoding="utf-8").splitlines(keepends=True)
    proof.write_text("".join(lines[:-1]), encoding="utf-8")  # one cosignature fewer
    assert cli.main(told) != 0


def test_what_is_new_is_cosigned_once(witnesses: list[str], bare: Run) -> None:
    system = System(Settings())
    assert system.log.cosign_due()
    assert not system.log.cosign_due()
    grow(bare, "eve")
    assert system.log.cosign_due()
    assert system.log.prover.checkpoint(system.log.checkpoint_path(witnessed=True)).checkpoint.size == 3
    system.close()


def test_a_witness_catches_up_from_where_it_was(witnesses: list[str], bare: Run) -> None:
    for name in ("carl", "dora", "emil"):
        grow(bare, name)
        assert len(bare("log", "cosign", "--json").json["cosigned"]) == 3


def test_a_witness_without_a_network_cosigns_a_file(log_key: str, bare: Run, home: Path, tmp_path: Path) -> None:
    folder, request = tmp_path / "w9", tmp_path / "request"
    key = bare("witness", "init", "--folder", folder, "--name", "w9.example", "--log", log_key).out.strip()
    request.write_bytes(b"old 0\n\n" + (home / "log" / "checkpoint").read_bytes())
    assert bare("witness", "cosign", "--folder", folder, request).out.startswith(f"— {key.split('+')[0]} ")
    ran = bare("witness", "cosign", "--folder", folder, request)
    assert ran.code == 1
    assert "The latest checkpoint here has 2 leaves" in ran.err


def test_without_a_policy_nobody_is_asked(log_key: str, bare: Run) -> None:
    ran = bare("log", "cosign", "--json")
    assert json.loads(ran.err)["error"] == "invalid_input"


def test_a_cut_tail_is_told_by_a_kept_checkpoint(log_key: str, bare: Run, home: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    bare("log", "checkpoint", "-o", kept)
    with sqlite3.connect(home / "provenance.db") as database:
        for name in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name[0]}")
        database.execute("DELETE FROM party WHERE seq = 2")
        database.execute("DELETE FROM log_checkpoint")
        database.execute("DELETE FROM leaf WHERE seq = 2")
    shutil.rmtree(home / "log" / "tile")
    (home / "log" / "checkpoint").unlink()
    assert bare("log", "integrate").code == 0  # a new story, under the same key
    ran = bare("log", "consistency", kept, "--json")
    assert json.loads(ran.err)["error"] == "stale_checkpoint"
