"""Disputes, exchange rates and holds whose time is over, at the command line."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from provenance.bootstrap import System
from provenance.settings import Settings

Run = Callable[..., Any]
WHO = ("--as", "bob", "--reason", "It is mine.")


@pytest.fixture
def used(
    run: Run,
    works: Mapping[str, Any],
    write_lines: Callable[..., Path],
    tmp_path: Path,
    generation: Callable[[str], Path],
) -> dict[str, Any]:
    """A work that was used once, and two parties besides; the generation as it was answered."""
    line = works["essay-salt-ledger"]
    assert run("ingest", write_lines(tmp_path / "works.jsonl", [line])).code == 0
    for party in ("bob", "lumen-studio"):
        assert run("parties", "add", party, "--name", party).code == 0
    return dict(run("submit", generation("out-essay-01"), "--service", "lumen-studio", "--json").json)


def test_a_dispute_from_its_raising_to_its_end(run: Run, used: dict[str, Any]) -> None:
    [use] = [a for a in used["attributions"] if a["outcome"] == "paid"]
    owner, work = use["accruals"][0]["party"], use["work"]["id"]
    raised = run("disputes", "raise", work, "--in-favour-of", "bob", "--part", f"{owner}=5000", *WHO, "--json")
    assert (raised.code, raised.json["stage"]) == (0, "raised")
    assert run("disputes", "raise", work, "--in-favour-of", "bob", "--part", f"{owner}=5000", *WHO).code == 0
    assert run("disputes").out.count("dispute_") == 1
    assert "0 answered by silence" in run("disputes", "lapse").out
    said = run("disputes", "step", raised.json["id"], "decide", "--returned", "0", "--as", "library", "--reason", "No.")
    assert (said.code, "released" in said.out) == (0, True)
    listed = run("disputes", "--party", owner, "--json").json["disputes"]
    assert [d["stage"] for d in listed] == ["closed"]
    late = run("disputes", "step", raised.json["id"], "appeal", "--as", "bob", "--reason", "Again.", "--json")
    assert late.code != 0
    assert "closed" in late.err + late.out


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--part", "ann"),
        ("--part", "ann=1", "--part", "ann=2"),
        ("--part", "ann=x"),
        ("--generation", "g", "--part", "a=1"),
    ],
    ids=str,
)
def test_a_dispute_about_nothing_is_refused(run: Run, used: dict[str, Any], wrong: tuple[str, ...]) -> None:
    refused = run("disputes", "raise", "work_x", *WHO, *wrong)
    assert refused.code != 0
    assert "Nothing is disputed" in run("disputes").out


def test_a_rate_is_recorded_and_listed(run: Run, used: dict[str, Any]) -> None:
    assert "None is recorded" in run("rates").out
    add = ("rates", "add", "EUR", "USD", "1.0842", "--on", "2026-11-20", "--source", "ECB")
    assert "1 EUR = 10842/10000 USD on 2026-11-20, by ECB." in run(*add).out
    assert run(*add).code == 0
    [rate] = run("rates", "--json").json["rates"]
    assert (rate["base"], rate["numerator"], rate["on"]) == ("EUR", "10842", "2026-11-20")
    assert run("rates", "add", "EUR", "XXX", "1", "--on", "2026-11-20", "--source", "ECB").code != 0


def test_holds_that_nobody_looked_at_are_resolved_by_time(
    run: Run,
    works: Mapping[str, Any],
    write_lines: Callable[..., Path],
    tmp_path: Path,
    generation: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = works["essay-salt-ledger"]
    cautious = dict(line) | {"licence": line["licence"] | {"risk_basis_points_max": 10}}
    assert run("ingest", write_lines(tmp_path / "works.jsonl", [cautious])).code == 0
    assert run("parties", "add", "lumen-studio", "--name", "Studio").code == 0
    assert run("submit", generation("out-essay-01"), "--service", "lumen-studio").code == 0
    assert "0 resolved by time" in run("reviews", "resolve-due").out
    assert "Nothing awaits" in run("reviews", "--due").out
    later = System(Settings()).clock().replace(year=2099)
    monkeypatch.setattr("provenance.bootstrap.foundation.system_clock", lambda: later)
    monkeypatch.setattr(System.__init__, "__kwdefaults__", {"clock": lambda: later})
    assert "gen_" in run("reviews", "--due").out
    done = run("reviews", "resolve-due", "--json").json
    assert [(r["resolution"], r["decided_by"]) for r in done["reviews"]] == [("decline", "library")]
    assert "within 90 days" in done["reviews"][0]["reason"]
    assert "0 resolved by time" in run("reviews", "resolve-due").out
