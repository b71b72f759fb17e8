"""`provenance serve --workers`: several processes over one home, one of which is replaced when it dies."""

import json
import os
import signal
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

SECONDS_MAX = 90.0
WORKERS = 2

Line = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server of several processes."""

    process: subprocess.Popen[str]
    url: str
    token: str

    def workers(self) -> set[int]:
        """The processes that it started and that live."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        children = {int(n) for n in path.read_text().split()}
        return {n for n in children if b"spawn_main" in Path(f"/proc/{n}/cmdline").read_bytes()}

    def post(self, path: str, **form: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.post(f"{self.url}{path}", json=form, headers=headers, timeout=SECONDS_MAX, trust_env=False)


@pytest.fixture
def served(library: Path, run: Callable[..., Any], start: Callable[..., subprocess.Popen[str]]) -> Iterator[Served]:
    token = run("keys", "issue", "lumen-studio", "--scope", "service").out.strip()
    process = start("serve", "--port", "0", "--workers", WORKERS)
    assert process.stderr is not None
    url = process.stderr.readline().split(" listens on ")[1].split()[0]
    yield Served(process=process, url=url, token=token)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS_MAX)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.1)


def _form(outputs: Mapping[str, Line], output_id: str) -> dict[str, Any]:
    line = outputs[output_id]
    parts = [{"worker": p["worker"], "text": p["text"]} for p in line["parts"]]
    return {"id": uuid.uuid4().hex, "price": line["price"], "parts": parts}


def test_several_processes_take_generations_in_at_the_same_time(
    served: Served, outputs: Mapping[str, Line], run: Callable[..., Any]
) -> None:
    forms = [_form(outputs, name) for name in list(outputs)[:12]]
    # Each twice, at the same time: whichever process is second answers what the first has recorded.
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda form: served.post("/v1/generations", **form), [f for f in forms for _ in "ab"]))
    assert Counter(a.status_code for a in answers) == {201: len(forms), 200: len(forms)}
    assert len({a.json()["id"] for a in answers}) == len(forms)
    assert run("trial-balance", "--json").json["balanced"]
    served.process.send_signal(signal.SIGINT)
    out, err = served.process.communicate(timeout=SECONDS_MAX)
    assert (served.process.returncode, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert len({line["process"] for line in lines}) == 1 + WORKERS
    assert Counter(line["status"] for line in lines if line["event"] == "request") == {201: 12, 200: 12}


def test_a_worker_that_dies_is_replaced(served: Served, outputs: Mapping[str, Line]) -> None:
    form = _form(outputs, next(iter(outputs)))
    first = served.post("/v1/generations", **form)
    before = served.workers()
    assert len(before) == WORKERS
    os.kill(min(before), signal.SIGKILL)
    _until(lambda: len(served.workers() - before) == 1 and len(served.workers()) == WORKERS)
    again = served.post("/v1/generations", **form)
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, first.json()["id"])


def test_workers_that_cannot_start_end_the_server(
    library: Path, start: Callable[..., subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The library is there when the server looks; the database has gone when its workers do.
    process = start("serve", "--port", "0", "--workers", WORKERS)
    assert process.stderr is not None
    process.stderr.readline()
    for file in library.glob("provenance.db*"):
        file.unlink()
    process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 1
