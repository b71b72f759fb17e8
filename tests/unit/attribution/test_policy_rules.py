"""Rules for stated risks: what they hold, which of them answers, and what a calibration and its file make of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.calibration_file import load_calibration, save_calibration
from provenance.attribution.policy import (
    GROUPS_MIN,
    STATED_RISKS_BASIS_POINTS,
    THRESHOLDS_PPM,
    DecisionPolicy,
    HeldOutOutput,
    HeldOutSource,
    RiskRule,
    choose_rules,
)
from provenance.kernel.errors import SnapshotUnusable

RULE = RiskRule(
    risk_basis_points=100,
    confidence_min_ppm=970_000,
    bound_ppm=9_900,
    observed_ppm=4_000,
    paid_ppm=610_000,
    outputs=1_888,
    groups=15,
    confidence_level_basis_points=9_500,
)
LAXER = replace(RULE, risk_basis_points=500, confidence_min_ppm=800_000, bound_ppm=40_000)


def source(confidence_ppm: int, *, derives: bool = True, share_ppb: int = 10**9) -> HeldOutSource:
    return HeldOutSource(share_ppb=share_ppb, confidence_ppm=confidence_ppm, derives=derives)


def outputs(count: int, *sources: HeldOutSource, groups: int = 10) -> list[HeldOutOutput]:
    return [HeldOutOutput(group=f"g{n % groups}", sources=sources) for n in range(count)]


@pytest.mark.parametrize(
    ("risk", "threshold"),
    [(99, None), (100, 970_000), (499, 970_000), (500, 800_000), (10_000, 800_000), (1, None)],
)
def test_the_rule_of_the_largest_risk_within_the_licences_answers(risk: int, threshold: int | None) -> None:
    assert DecisionPolicy((LAXER, RULE)).threshold_ppm(risk) == threshold


def test_without_rules_nothing_is_promised() -> None:
    assert DecisionPolicy().threshold_ppm(10_000) is None


def test_one_risk_has_one_rule() -> None:
    with pytest.raises(ValueError, match="one rule"):
        DecisionPolicy((RULE, replace(LAXER, risk_basis_points=100, bound_ppm=1)))


@pytest.mark.parametrize(
    "change",
    [
        {"bound_ppm": 10_001},
        {"confidence_min_ppm": 1_000_001},
        {"confidence_min_ppm": -1},
        {"confidence_min_ppm": 0.97},
        {"risk_basis_points": 10_001},
        {"outputs": True},
    ],
    ids=str,
)
def test_a_rule_that_promises_what_it_can_not_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"bound|whole number"):
        replace(RULE, **change)


def test_perfect_decisions_are_paid_from_even_chances_on() -> None:
    rules = choose_rules(outputs(2_000, source(500_000)), seed=1)
    assert [r.risk_basis_points for r in rules] == list(STATED_RISKS_BASIS_POINTS)
    assert {(r.confidence_min_ppm, r.paid_ppm, r.observed_ppm) for r in rules} == {(500_000, 1_000_000, 0)}
    assert all(0 < r.bound_ppm <= 100 * r.risk_basis_points for r in rules)


def test_a_risk_that_no_threshold_can_promise_has_no_rule() -> None:
    """Sure and wrong, everywhere: only a risk that is stated higher than that is promised."""
    half_wrong = [source(1_000_000, derives=False, share_ppb=30_000_000)]
    rules = choose_rules(outputs(2_000, *half_wrong), seed=1)
    assert [r.risk_basis_points for r in rules] == [500]


def test_few_outputs_promise_little() -> None:
    """Without a single error, n outputs promise the risk r from (1 - r) ** n <= 0.05 on: 299 for 1 %."""
    risks = {
        n: [r.risk_basis_points for r in choose_rules(outputs(n, source(900_000)), seed=1)] for n in (50, 298, 299)
    }
    assert risks == {50: [], 298: [200, 500], 299: [100, 200, 500]}


def test_too_few_groups_promise_nothing() -> None:
    assert choose_rules(outputs(5_000, source(900_000), groups=GROUPS_MIN - 1), seed=1) == ()
    assert choose_rules(outputs(5_000, source(900_000), groups=GROUPS_MIN), seed=1)
    assert choose_rules([], seed=1) == ()


def test_what_is_paid_wrongly_only_below_a_threshold_is_held_by_it() -> None:
    mixed = outputs(1_000, source(950_000)) + outputs(100, source(700_000, derives=False))
    [rule] = choose_rules(mixed, seed=1, risks_basis_points=[100])
    assert 700_000 < rule.confidence_min_ppm <= 705_000
    assert rule.observed_ppm == 0


def test_laxer_thresholds_behind_a_failure_are_not_looked_at() -> None:
    """They can't be better, since what they pay is more; and the test would no longer be one."""
    mixed = (
        outputs(1_000, source(999_950)) + outputs(100, source(990_000, derives=False)) + outputs(900, source(500_000))
    )
    [rule] = choose_rules(mixed, seed=1, risks_basis_points=[400])
    assert rule.confidence_min_ppm > 990_000
    assert rule.paid_ppm == 500_000


def test_a_threshold_that_pays_nothing_is_no_rule() -> None:
    mixed = outputs(1_000, source(500_000)) + outputs(100, source(990_000, derives=False))
    assert choose_rules(mixed, seed=1, risks_basis_points=[500]) == ()
    assert choose_rules(outputs(1_000), seed=1) == ()


def test_groups_that_are_alike_count_for_fewer_outputs() -> None:
    """The same errors in one group of twenty, or spread over all."""
    wrong, right = source(800_000, derives=False), source(800_000)
    spread = [HeldOutOutput(group=f"g{n % 20}", sources=(wrong if n < 12 else right,)) for n in range(2_000)]
    gathered = [HeldOutOutput(group=f"g{n // 100}", sources=(wrong if n < 12 else right,)) for n in range(2_000)]
    bounds = [choose_rules(o, seed=1, risks_basis_points=[500])[0] for o in (spread, gathered)]
    assert bounds[0].confidence_min_ppm == bounds[1].confidence_min_ppm == 500_000
    assert bounds[1].bound_ppm > bounds[0].bound_ppm


def test_the_same_seed_gives_the_same_rules() -> None:
    mixed = outputs(400, source(950_000)) + outputs(40, source(700_000, derives=False), groups=7)
    assert choose_rules(mixed, seed=3) == choose_rules(mixed, seed=3)


def test_thresholds_are_tried_from_certainty_down_to_even_chances() -> None:
    assert (THRESHOLDS_PPM[0], THRESHOLDS_PPM[-1]) == (1_000_000, 500_000)
    assert list(THRESHOLDS_PPM) == sorted(set(THRESHOLDS_PPM), reverse=True)


def test_a_confidence_level_of_all_or_nothing_is_refused() -> None:
    for level in (0, 10_000):
        with pytest.raises(ValueError, match="confidence level"):
            choose_rules(outputs(10, source(900_000)), seed=1, confidence_level_basis_points=level)


# -- in a calibration -------------------------------------------------------------------------------------------------


def test_rules_are_part_of_a_calibrations_name_and_come_back_from_its_file(tmp_path: Path) -> None:
    bare = load_calibration()
    ruled = replace(bare, rules=(RULE, LAXER))
    assert len({bare.identity, ruled.identity, replace(bare, rules=(RULE,)).identity}) == 3
    save_calibration(ruled, tmp_path / "ruled.json")
    found = load_calibration(tmp_path / "ruled.json")
    assert (found.rules, found.identity) == ((RULE, LAXER), ruled.identity)
    assert found.policy.threshold_ppm(100) == 970_000


def test_a_calibration_from_before_there_were_rules_keeps_its_name(tmp_path: Path) -> None:
    bare = replace(load_calibration(), rules=())
    save_calibration(bare, tmp_path / "new.json")
    fields = json.loads((tmp_path / "new.json").read_text())
    del fields["rules"]
    (tmp_path / "old.json").write_text(json.dumps(fields))
    old = load_calibration(tmp_path / "old.json")
    assert (old.identity, old.policy) == (bare.identity, DecisionPolicy())


@pytest.mark.parametrize("rules", [[{"risk_basis_points": 100}], [1], {"a": 1}, "x"], ids=str)
def test_a_file_with_rules_that_are_none_is_refused(tmp_path: Path, rules: Any) -> None:
    save_calibration(load_calibration(), tmp_path / "c.json")
    fields = json.loads((tmp_path / "c.json").read_text()) | {"rules": rules}
    (tmp_path / "c.json").write_text(json.dumps(fields))
    with pytest.raises(SnapshotUnusable, match="not a readable calibration"):
        load_calibration(tmp_path / "c.json")
