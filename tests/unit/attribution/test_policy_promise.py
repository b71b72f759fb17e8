"""Whether the promise of a rule holds on fresh draws, where the true risk of every threshold is known.

Each draw is a library of outputs with one source each: confidences are even between a half and one, and a source is
wrong as often as its confidence says. The risk of a threshold t is then (1 - t) ** 2, whatever groups there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from provenance.attribution.policy import HeldOutOutput, HeldOutSource, choose_rules

RISK_BASIS_POINTS = 200
GRID = tuple(range(990_000, 500_000, -10_000))
REPETITIONS = 120
Draw = list[HeldOutOutput]
Choice = Callable[[Draw, int], int | None]


def draw(rng: np.random.Generator, outputs: int, *, groups: int, unlike: float) -> Draw:
    """``unlike`` says how much groups differ in how often a source is wrong: 0 is not at all."""
    of = rng.integers(0, groups, outputs)
    factor = np.exp(rng.normal(0, unlike, groups) - unlike**2 / 2)  # one on average
    confidence = rng.uniform(0.5, 1, outputs)
    wrong = rng.uniform(0, 1, outputs) < np.minimum(1, (1 - confidence) * factor[of])
    return [
        HeldOutOutput(
            group=str(g),
            sources=(HeldOutSource(share_ppb=10**9, confidence_ppm=int(c * 10**6), derives=not w),),
        )
        for g, c, w in zip(of, confidence, wrong, strict=True)
    ]


def by_rule(drawn: Draw, seed: int) -> int | None:
    rules = choose_rules(drawn, seed=seed, risks_basis_points=[RISK_BASIS_POINTS], thresholds_ppm=GRID, resamples=100)
    return rules[0].confidence_min_ppm if rules else None


def by_rule_blind_to_groups(drawn: Draw, seed: int) -> int | None:
    return by_rule([replace(o, group=str(n)) for n, o in enumerate(drawn)], seed)


def without_a_bound(drawn: Draw, seed: int) -> int | None:
    """The laxest threshold whose observed risk is within the stated one: what one would do without statistics."""
    sources = [o.sources[0] for o in drawn]
    observed = {t: sum(s.confidence_ppm >= t and not s.derives for s in sources) / len(drawn) for t in GRID}
    return min((t for t, risk in observed.items() if risk <= RISK_BASIS_POINTS / 10_000), default=None)


def broken(choose: Choice, *, outputs: int = 600, groups: int = 15, unlike: float = 0.0) -> float:
    """In which part of the repetitions the chosen threshold is riskier than was stated."""
    rng, over = np.random.default_rng(20261121), 0
    for seed in range(REPETITIONS):
        threshold = choose(draw(rng, outputs, groups=groups, unlike=unlike), seed)
        over += threshold is not None and (1 - threshold / 10**6) ** 2 > RISK_BASIS_POINTS / 10_000
    return over / REPETITIONS


@pytest.mark.parametrize("unlike", [0.0, 0.5])
def test_the_promise_holds_on_fresh_draws(unlike: float) -> None:
    assert broken(by_rule, unlike=unlike) <= 0.05


def test_without_the_bound_it_is_broken_every_third_time() -> None:
    assert broken(without_a_bound) > 0.3


def test_it_holds_where_domains_are_very_unlike_and_breaks_where_nobody_looks_at_them() -> None:
    assert broken(by_rule, outputs=1_900, unlike=1.0) <= 0.05
    assert broken(by_rule_blind_to_groups, outputs=1_900, unlike=1.0) > 0.05


def test_it_promises_something_and_not_only_what_is_certain() -> None:
    """The best threshold would be 0.859; the rule comes near it, and nearer with more outputs."""
    rng = np.random.default_rng(7)
    few, many = (by_rule(draw(rng, n, groups=30, unlike=0), 1) for n in (500, 5_000))
    assert few is not None
    assert many is not None
    assert 859_000 < many < few < 940_000
