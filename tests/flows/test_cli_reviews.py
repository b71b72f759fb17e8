"""A cautious licence at the command line: from a line of JSON to what is held, what becomes of it, and the export."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.calibration_file import load_calibration, save_calibration
from provenance.attribution.policy import RiskRule

Run = Callable[..., Any]
GenerationFile = Callable[[str], Path]

RISK = {"risk_basis_points_max": 10}
REASON = "Read both: a free retelling."


@pytest.fixture
def careful(run: Run, works: Mapping[str, Any], write_lines: Callable[..., Path], tmp_path: Path, home: Path) -> Path:
    """A home with one work whose licence states a risk of 1 %, and a service."""
    line = works["essay-salt-ledger"]
    path = write_lines(tmp_path / "works.jsonl", [dict(line) | {"licence": line["licence"] | RISK}])
    assert run("ingest", path).code == 0
    assert run("parties", "add", "lumen-studio", "--name", "Lumen Studio").code == 0
    return home


@pytest.fixture
def submit(run: Run, careful: Path, generation: GenerationFile) -> Callable[[], Any]:
    return lambda: run("submit", generation("out-essay-01"), "--service", "lumen-studio", "--json").json


@pytest.fixture
def held(submit: Callable[[], Any]) -> tuple[str, str]:
    """A generation and the work of it that is held for review."""
    made = submit()
    [use] = [a for a in made["attributions"] if a["outcome"] == "review"]
    return made["id"], use["work"]["id"]


def rules(confidence_min_ppm: int) -> RiskRule:
    return RiskRule(
        risk_basis_points=RISK["risk_basis_points_max"],
        confidence_min_ppm=confidence_min_ppm,
        bound_ppm=900,
        observed_ppm=400,
        paid_ppm=600_000,
        outputs=1_000,
        groups=15,
        confidence_level_basis_points=9_500,
    )


@pytest.mark.parametrize(("threshold", "outcome"), [(500_000, "paid"), (1_000_000, "review")])
def test_the_calibrations_rule_decides_what_is_paid(
    submit: Callable[[], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: Run,
    threshold: int,
    outcome: str,
) -> None:
    ruled = replace(load_calibration(), rules=(rules(threshold),))
    save_calibration(ruled, tmp_path / "ruled.json")
    monkeypatch.setenv("PROVENANCE_CALIBRATION", str(tmp_path / "ruled.json"))
    made = submit()
    [use] = made["attributions"]
    assert (use["outcome"], use["threshold"]) == (outcome, threshold / 10**6)
    assert made["decided_by"]["calibration"] == ruled.identity
    assert run("export", "-o", tmp_path / "e.zip").code == 0
    assert run("check-export", tmp_path / "e.zip").code == 0


def test_what_waits_is_listed_with_its_age_and_the_creator_sees_it(run: Run, held: tuple[str, str]) -> None:
    listed = run("reviews", "--json").json
    [hold] = listed["reviews"]
    assert ((hold["generation"], hold["work"]), listed["more"]) == (held, False)
    out = run("reviews").out
    assert all(word in out for word in (*held, "The Salt", "0 min", "> 1"))
    report = run("report", "oona-tresker").out
    assert "Held for review" in report
    assert "Nothing was earned" in report
    assert "review" in run("uses", "oona-tresker", held[0]).out
    assert "awaited" in run("uses", "oona-tresker", held[0]).out


def test_a_person_who_submits_is_told_why(run: Run, careful: Path, generation: GenerationFile) -> None:
    out = " ".join(run("submit", generation("out-essay-01"), "--service", "lumen-studio").out.split())
    assert "Not sure enough for the risk that the licence states. The royalty is held for review." in out


@pytest.mark.parametrize("resolution", ["release", "decline"])
def test_a_hold_is_resolved_once_and_the_export_checks_out(
    run: Run, held: tuple[str, str], tmp_path: Path, resolution: str
) -> None:
    amount = Decimal(run("reviews", "--json").json["reviews"][0]["held"]["amount"])
    done = run("reviews", "resolve", *held, f"--{resolution}", "--reason", REASON, "--json")
    assert done.code == 0
    assert (done.json["resolution"], done.json["decided_by"], done.json["reason"]) == (resolution, "library", REASON)
    again = run("reviews", "resolve", *held, f"--{resolution}", "--reason", REASON, "--json")
    assert (again.code, again.json) == (0, done.json)
    assert "nothing was changed" in again.err
    other = run("reviews", "resolve", *held, f"--{resolution}", "--reason", "another", "--json")
    assert (other.code, json.loads(other.err)["error"]) == (1, "conflict")
    assert run("reviews").out.strip() == "Nothing awaits a review."
    earned = sum(Decimal(t["amount"]) for t in run("report", "oona-tresker", "--json").json["totals"])
    assert earned == (amount if resolution == "release" else 0)
    assert resolution in run("uses", "oona-tresker", held[0]).out
    assert run("trial-balance").code == 0
    assert run("export", "-o", tmp_path / "e.zip").code == 0
    checked = run("check-export", tmp_path / "e.zip", "--json")
    assert checked.code == 0, checked.out


def test_a_resolution_says_which_and_why(run: Run, held: tuple[str, str]) -> None:
    for options in ([], ["--release", "--decline"]):
        ran = run("reviews", "resolve", *held, *options, "--reason", "x")
        assert (ran.code, "either released or declined" in ran.err) == (1, True)
    assert run("reviews", "resolve", *held, "--release").code == 2
    assert run("reviews", "resolve", *held, "--release", "--reason", "\x1b[2J").code == 1
    assert run("reviews", "resolve", *held, "--release", "--reason", "x", "--as", "nobody").code == 1
    assert run("reviews", "resolve", held[0], "work_none", "--release", "--reason", "x").code == 1
    assert len(run("reviews", "--json").json["reviews"]) == 1


def test_a_line_whose_licence_can_state_no_risk_is_refused(
    run: Run, works: Mapping[str, Any], write_lines: Callable[..., Path], tmp_path: Path
) -> None:
    lines = [
        dict(works["essay-salt-ledger"]) | {"licence": licence | RISK}
        for licence in ({"kind": "not_allowed"}, {"kind": "free_with_credit", "credit": "Oona"})
    ]
    ran = run("ingest", write_lines(tmp_path / "works.jsonl", lines))
    assert ran.code == 1
    assert "nothing is ever paid" in " ".join((ran.out + ran.err).split())
