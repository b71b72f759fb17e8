"""Rules from any held-out decisions: bounds above what was observed, thresholds that fall as the stated risk rises."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.policy import (
    DecisionPolicy,
    HeldOutOutput,
    HeldOutSource,
    RiskRule,
    choose_rules,
    hoeffding_bentkus,
)

GRID = (1_000_000, 950_000, 900_000, 700_000, 500_000)
RISKS = (25, 100, 500, 2_000, 9_000)

sources = st.builds(
    HeldOutSource,
    share_ppb=st.integers(0, 250_000_000),
    confidence_ppm=st.sampled_from([500_000, 699_999, 700_000, 900_000, 999_999, 1_000_000]),
    derives=st.sampled_from([True, True, True, False]),
)
kinds = st.builds(HeldOutOutput, group=st.sampled_from("abcdefgh"), sources=st.lists(sources, max_size=4).map(tuple))
libraries = st.lists(kinds, min_size=8, max_size=20).flatmap(lambda few: st.integers(1, 12).map(lambda n: few * n))


def rules_of(outputs: list[HeldOutOutput]) -> tuple[RiskRule, ...]:
    return choose_rules(outputs, seed=5, risks_basis_points=RISKS, thresholds_ppm=GRID, resamples=50)


def paid_wrongly(outputs: list[HeldOutOutput], threshold: int) -> int:
    return sum(s.share_ppb for o in outputs for s in o.sources if s.confidence_ppm >= threshold and not s.derives)


@given(libraries)
def test_no_rule_promises_less_than_was_observed(outputs: list[HeldOutOutput]) -> None:
    for rule in rules_of(outputs):
        observed = paid_wrongly(outputs, rule.confidence_min_ppm) / len(outputs) / 10**9
        assert observed * 10**6 <= rule.observed_ppm <= rule.bound_ppm <= 100 * rule.risk_basis_points
        assert rule.outputs == len(outputs)


@given(libraries)
def test_the_higher_the_risk_the_lower_the_threshold(outputs: list[HeldOutOutput]) -> None:
    rules = rules_of(outputs)
    thresholds = [r.confidence_min_ppm for r in rules]
    assert thresholds == sorted(thresholds, reverse=True)
    assert [r.risk_basis_points for r in rules] == list(RISKS[len(RISKS) - len(rules) :]), "a laxer risk has a rule too"


@given(libraries, st.integers(1, 10_000))
def test_a_policy_never_answers_with_a_laxer_risk(outputs: list[HeldOutOutput], risk: int) -> None:
    rules = rules_of(outputs)
    found = DecisionPolicy(rules).threshold_ppm(risk)
    assert (found is None) is (not any(r.risk_basis_points <= risk for r in rules))
    assert all(r.confidence_min_ppm >= found for r in rules if found is not None and r.risk_basis_points <= risk)


@given(libraries)
def test_one_more_wrong_payment_never_lowers_a_threshold(outputs: list[HeldOutOutput]) -> None:
    worse = [HeldOutSource(share_ppb=s.share_ppb, confidence_ppm=1_000_000, derives=False) for s in outputs[0].sources]
    spoiled = [HeldOutOutput(group=outputs[0].group, sources=tuple(worse)), *outputs[1:]]
    before = {r.risk_basis_points: r.observed_ppm for r in rules_of(outputs) if r.confidence_min_ppm == GRID[-1]}
    after = {r.risk_basis_points: r.observed_ppm for r in rules_of(spoiled) if r.confidence_min_ppm == GRID[-1]}
    assert all(after[risk] >= before[risk] for risk in after.keys() & before.keys())


@given(st.integers(1, 400), st.floats(0, 1), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_the_p_value_is_one_and_falls_as_the_risk_rises(n: int, part: float, one: float, other: float) -> None:
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    astray = int(part * n * 10**9)
    low, high = sorted((one, other))
    first, second = hoeffding_bentkus(astray, n, low, logs), hoeffding_bentkus(astray, n, high, logs)
    assert 0 <= second <= first * (1 + 1e-9) <= 1 + 1e-9


@given(st.integers(1, 400), st.floats(0.001, 0.999))
def test_without_an_error_the_p_value_is_the_chance_of_none(n: int, risk: float) -> None:
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    assert math.isclose(hoeffding_bentkus(0, n, risk, logs), (1 - risk) ** n, rel_tol=1e-9)
