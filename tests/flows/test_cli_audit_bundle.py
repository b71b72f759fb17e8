"""A bundle on the command line: exported, and checked by a stranger's Python in a folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

from .conftest import Run


def test_a_bundle_is_exported_and_checked(bare: Run, home: Path, tmp_path: Path) -> None:
    bare("migrate")
    key = bare("log", "init", "--origin", "example.org/log", "--json").json["key"]
    bare("parties", "add", "ann", "--name", "Ann")
    file, kept = tmp_path / "bundle.zip", tmp_path / "kept"
    bare("log", "integrate")
    bare("log", "checkpoint", "-o", kept)
    bare("parties", "add", "bob", "--name", "Bob")
    told = bare("audit", "export", "-o", file, "--json").json
    assert (told["checkpoint"]["size"], told["checkpoint"]["key"]) == (2, key)
    checked = bare("audit", "verify", file, "--key", key, "--old", kept, "--cores", "1", "--json")
    assert checked.code == 0
    assert checked.json["ok"]
    with zipfile.ZipFile(file) as bundle:
        bundle.extractall(tmp_path / "stranger", [n for n in bundle.namelist() if n.startswith("verif")])
    command = [sys.executable, "verify.py", str(file), "--key", key, "--old", str(kept), "--json"]
    ran = subprocess.run(command, cwd=tmp_path / "stranger", capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == checked.json


def test_an_altered_bundle_exits_with_one(bare: Run, home: Path, tmp_path: Path) -> None:
    bare("migrate")
    key = bare("log", "init", "--origin", "example.org/log", "--json").json["key"]
    bare("parties", "add", "ann", "--name", "Ann")
    file = tmp_path / "bundle.zip"
    bare("audit", "export", "-o", file)
    with zipfile.ZipFile(file) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    with zipfile.ZipFile(file, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(name, data.replace(b"Ann", b"Eve"))
    assert bare("audit", "verify", file, "--key", key, "--cores", "1").code == 1


def test_without_a_log_there_is_no_bundle(bare: Run, home: Path, tmp_path: Path) -> None:
    bare("migrate")
    ran = bare("audit", "export", "-o", tmp_path / "bundle.zip", "--json")
    assert json.loads(ran.err)["error"] == "log_missing"
    assert not (tmp_path / "bundle.zip").exists()
