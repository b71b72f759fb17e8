"""The log on the command line: sealed, proved, checked; by a tool that isn't ours too; and what is refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Run

ORIGIN = "example.org/log"


@pytest.fixture
def sealed(bare: Run, home: Path) -> str:
    """A log of two parties; its public key."""
    bare("migrate")
    key = bare("log", "init", "--origin", ORIGIN, "--json").json["key"]
    for name in ("ann", "bob"):
        bare("parties", "add", name, "--name", name)
    assert bare("log", "integrate", "--json").json["size"] == 2
    return str(key)


@pytest.fixture
def proof(sealed: str, bare: Run, tmp_path: Path) -> tuple[Path, Path]:
    """The proof of one of them, and its leaf."""
    file, leaf = tmp_path / "ann.tlog-proof", tmp_path / "ann.leaf"
    assert bare("log", "prove", "party", "ann", "-o", file, "--leaf", leaf).code == 0
    return file, leaf


def test_a_proof_is_checked_with_the_key_alone(sealed: str, proof: tuple[Path, Path], bare: Run) -> None:
    file, leaf = proof
    answer = bare("log", "check-proof", file, "--leaf", leaf, "--key", sealed, "--json").json
    assert (answer["log"], answer["size"], answer["index"]) == (ORIGIN, 2, 0)


def test_an_independent_tool_takes_the_proof(sealed: str, proof: tuple[Path, Path]) -> None:
    cli = pytest.importorskip("proofbundle.cli", reason="proofbundle isn't installed")
    file, leaf = proof
    told = ["verify-proof", str(file), "--payload-file", str(leaf), "--log-vkey", sealed, "--expected-origin", ORIGIN]
    assert cli.main(told) == 0


def test_an_independent_tool_refuses_every_flipped_byte(sealed: str, proof: tuple[Path, Path]) -> None:
    cli = pytest.importorskip("proofbundle.cli", reason="proofbundle isn't installed")
    file, leaf = proof
    told = ["verify-proof", str(file), "--payload-file", str(leaf), "--log-vkey", sealed, "--expected-origin", ORIGIN]
    for path in proof:
        data = path.read_bytes()
        for at in range(len(data)):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            assert cli.main(told) != 0, (path.name, at)
        path.write_bytes(data)


def test_a_kept_checkpoint_is_held_against_the_log_of_today(sealed: str, bare: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    bare("log", "checkpoint", "-o", kept)
    bare("parties", "add", "eve", "--name", "Eve")
    bare("log", "integrate")
    answer = bare("log", "consistency", kept, "--key", sealed, "--json").json
    assert (answer["old"], answer["size"]) == (2, 3)
    assert bare("log", "verify").code == 0


def test_what_is_not_so_is_refused_by_name(
    sealed: str, proof: tuple[Path, Path], bare: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, leaf = proof
    kept = tmp_path / "kept"
    bare("log", "checkpoint", "-o", kept)
    monkeypatch.setenv("PROVENANCE_HOME", str(tmp_path / "other"))
    bare("migrate")
    other = bare("log", "init", "--origin", "example.org/other", "--json").json["key"]
    stranger = str(bare("log", "init", "--origin", ORIGIN, "--json").err)
    other_leaf = tmp_path / "bob.leaf"
    other_leaf.write_bytes(leaf.read_bytes().replace(b"ann", b"bob"))
    cut = tmp_path / "cut"
    cut.write_bytes(file.read_bytes()[:-10])

    def code(*args: str | Path) -> str:
        ran = bare("log", *args, "--json")
        assert ran.code == 1
        return str(json.loads(ran.err)["error"])

    assert json.loads(stranger)["error"] == "conflict"
    assert code("check-proof", file, "--leaf", leaf, "--key", other) == "other_log"
    assert code("check-proof", file, "--leaf", other_leaf, "--key", sealed) == "invalid_proof"
    assert code("check-proof", cut, "--leaf", leaf, "--key", sealed) == "invalid_checkpoint"
    assert code("check-proof", file, "--leaf", leaf) == "invalid_input"
    assert code("check-proof", leaf, "--leaf", leaf, "--key", sealed) == "invalid_proof"
    assert code("check-proof", file, "--leaf", leaf, "--key", sealed[:-1] + "A") == "invalid_checkpoint"


def test_without_a_log_each_command_says_what_to_do(bare: Run, home: Path) -> None:
    bare("migrate")
    for command in (["integrate"], ["checkpoint"], ["prove", "party", "ann"], ["verify"], ["rebuild"]):
        ran = bare("log", *command, "--json")
        assert ran.code == 1
        assert json.loads(ran.err)["error"] == "log_missing", command


def test_a_changed_row_is_found(sealed: str, bare: Run, home: Path) -> None:
    import sqlite3

    with sqlite3.connect(home / "provenance.db") as database:
        database.execute("DROP TRIGGER party_update")
        database.execute("UPDATE party SET name = 'Mallory' WHERE id = 'ann'")
    ran = bare("log", "verify", "--json")
    assert ran.code == 1
    assert {c["name"] for c in ran.json["checks"] if c["failed"]} == {"every fact has the digest of its leaf"}
