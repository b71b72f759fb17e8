"""Ingestion that is killed or interrupted in the middle: works are whole, and the next run goes on."""

import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from provenance.bootstrap import System
from provenance.fingerprints.segment import segment
from provenance.services.ports import Encoder
from provenance.settings import Settings

Run = Callable[..., Any]
Start = Callable[..., subprocess.Popen[str]]
Line = Mapping[str, Any]

WORKS = 50
TEXT_CHARS = 800
KILLED_AFTER = 5
WAIT_SECONDS_MAX = 60


@pytest.fixture
def large(encoder: Encoder, works: Mapping[str, Line], write_lines: Callable[..., Path], tmp_path: Path) -> Path:
    """Fifty works, made of the sample library's."""
    texts = [work["text"][:TEXT_CHARS] for work in works.values()]
    lines = [
        {"source_id": f"work-{n:03}", "title": f"Work {n}", "text": f"Number {n}.\n\n{texts[n % len(texts)]}"}
        for n in range(WORKS)
    ]
    return write_lines(tmp_path / "large.jsonl", lines)


def _registered(home: Path) -> int:
    try:
        connection = sqlite3.connect(f"file:{home / 'provenance.db'}?mode=ro", uri=True)
    except sqlite3.Error:
        return 0
    try:
        return int(connection.execute("SELECT count(*) FROM revision").fetchone()[0])
    except sqlite3.Error:
        return 0
    finally:
        connection.close()


def _stop_in_the_middle(process: subprocess.Popen[str], home: Path, how: signal.Signals) -> tuple[str, str]:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while _registered(home) < KILLED_AFTER:
        assert process.poll() is None, "it ended too soon"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(how)
    return process.communicate(timeout=WAIT_SECONDS_MAX)


def _check_whole(home: Path, encoder: Encoder) -> int:
    """Every registered work has a revision, its text, and a vector for each segment."""
    system = System(Settings(home=home))
    try:
        with system.database.begin() as work:
            found = work.works.page(limit=1_000).items
            indexed = {i.work: i for i in work.works.indexed(encoder.identity.name)}
        for recorded in found:
            whole = indexed[recorded.fact.id]
            assert len(whole.vectors) == len(segment(whole.text))
        return len(found)
    finally:
        system.close()


def test_a_killed_run_leaves_whole_works_and_the_next_one_goes_on(
    start: Start, run: Run, encoder: Encoder, home: Path, large: Path
) -> None:
    process = start("ingest", large)
    _stop_in_the_middle(process, home, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    before = _check_whole(home, encoder)
    assert KILLED_AFTER <= before < WORKS
    after = run("ingest", large, "--json").json
    assert (after["new"], after["unchanged"], after["revised"]) == (WORKS - before, before, 0)
    assert after["index"]["works"] == WORKS
    assert _check_whole(home, encoder) == WORKS
    assert len({w["source_id"] for w in run("works", "--limit", "500", "--json").json["works"]}) == WORKS


def test_an_interrupted_run_says_what_it_did(start: Start, encoder: Encoder, home: Path, large: Path) -> None:
    process = start("ingest", large)
    out, err = _stop_in_the_middle(process, home, signal.SIGINT)
    assert process.returncode == 130
    assert "Interrupted. What was recorded before stays, whole." in err
    assert "Traceback" not in err
    assert "new" in out
    assert KILLED_AFTER <= _check_whole(home, encoder) < WORKS


def test_a_reader_that_has_seen_enough_is_no_error(start: Start, library: Path) -> None:
    process = start("works", "--json")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=WAIT_SECONDS_MAX)
    assert err == ""
