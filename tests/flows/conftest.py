"""The command line in this process and in others, each test in a home of its own; the real encoder, loaded once."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from provenance.bootstrap import System
from provenance.cli import app
from provenance.kernel.errors import ModelMissing
from provenance.services.ports import Encoder
from provenance.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "data" / "library"
REGISTERED = ("essay-salt-ledger", "essay-tide-clock", "essay-breakwater-numbers", "news-bell-foundry")
PROCESS_SECONDS_MAX = 60


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]
Line = Mapping[str, Any]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home that the environment names; nothing else of the environment is left that could change an answer."""
    for name in [n for n in os.environ if n.startswith("PROVENANCE_")] + ["COLUMNS", "FORCE_COLOR", "NO_COLOR"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)  # where no .env stands
    monkeypatch.setenv("PROVENANCE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    try:
        return System(Settings()).encoder
    except ModelMissing as error:
        pytest.skip(str(error))


@pytest.fixture
def bare() -> Run:
    """Run a command in this process."""

    def run(*args: str | Path, stdin: str | bytes | None = None) -> Ran:
        result = CliRunner().invoke(app, [str(a) for a in args], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(code=result.exit_code, out=result.stdout, err=result.stderr)

    return run


@pytest.fixture
def run(bare: Run, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same with the encoder of the whole test run."""
    monkeypatch.setattr(System, "encoder", encoder)
    return bare


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the program as a process of its own; what is left of it at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start_one(*args: str | Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "provenance.cli", *map(str, args)]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        # A shell's background jobs, and what they start, ignore Ctrl-C; whoever sits before the program does not.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            process = subprocess.Popen(command, text=True, env=environment, **pipes)
        finally:
            signal.signal(signal.SIGINT, before)
        started.append(process)
        return process

    yield start_one
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def program(start: Callable[..., subprocess.Popen[str]]) -> Run:
    """Run the program as a process of its own."""

    def run_one(*args: str | Path) -> Ran:
        process = start(*args)
        out, err = process.communicate(timeout=PROCESS_SECONDS_MAX)
        return Ran(code=process.returncode, out=out, err=err)

    return run_one


@pytest.fixture(scope="session")
def works() -> Mapping[str, Line]:
    """The sample library's works by source id."""
    lines = (LIBRARY / "works.jsonl").read_text(encoding="utf-8").splitlines()
    return {work["source_id"]: work for work in map(json.loads, lines)}


@pytest.fixture(scope="session")
def outputs() -> Mapping[str, Line]:
    """The sample library's outputs by their ids."""
    lines = (LIBRARY / "outputs.jsonl").read_text(encoding="utf-8").splitlines()
    return {output["output_id"]: output for output in map(json.loads, lines)}


@pytest.fixture(scope="session")
def _library_home(encoder: Encoder, works: Mapping[str, Line], tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("library")
    write_lines(home / "works.jsonl", [works[name] for name in REGISTERED])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROVENANCE_HOME", str(home))
        patch.setattr(System, "encoder", encoder)
        for command in (
            ["ingest", str(home / "works.jsonl")],
            ["parties", "add", "lumen-studio", "--name", "Lumen Studio"],
        ):
            result = CliRunner().invoke(app, command)
            assert result.exit_code == 0, result.output
    return home


@pytest.fixture
def library(_library_home: Path, home: Path) -> Path:
    """A home where four works of the sample library and a service are registered."""
    shutil.copytree(_library_home, home)
    return home


@pytest.fixture
def generation(outputs: Mapping[str, Line], tmp_path: Path) -> Callable[[str], Path]:
    """A file with an output of the sample library in the form that the API takes."""

    def write(output_id: str) -> Path:
        output = outputs[output_id]
        parts = [{"worker": p["worker"], "text": p["text"]} for p in output["parts"]]
        path = tmp_path / f"{output_id}.json"
        path.write_text(json.dumps({"id": output_id, "price": output["price"], "parts": parts}), encoding="utf-8")
        return path

    return write


def write_lines(path: Path, lines: Sequence[Line]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture(name="write_lines")
def _write_lines() -> Callable[[Path, Sequence[Line]], Path]:
    """Write JSON Lines."""
    return write_lines
