"""Choose, from held-out decisions, how sure a source must be for its money to be paid at a stated risk.

The risk of a threshold is the expected share of an output's money that is paid to sources which the output doesn't
derive from, where whatever is below the threshold is held. For each stated risk, thresholds are tested one after the
other from the strictest to the laxest, and the last one before the first failure is the rule (fixed-sequence testing in
"Learn then Test", Angelopoulos et al. 2021, arXiv 2110.01052). A threshold passes where three upper bounds on its risk
are all within the stated one:

1. the bound of Hoeffding and Bentkus (Bates et al. 2021, arXiv 2101.02703), over single outputs;
2. the same bound over fewer outputs, divided by the design effect (Kish 1965): how much more the mean varies because
   outputs of one group (domain) are alike;
3. the same quantile of the risk over resamples of whole groups.

What is promised: where held-out and later outputs are independent draws from one population, and the confidences came
from models that saw neither, the first bound alone makes each rule exceed its risk with a probability of at most one
less the confidence level (5 % by default), whatever the distribution. Each rule by itself: not all at once.

What isn't: the other two are approximations for the case that outputs come in groups. With few groups a bootstrap is
too hopeful, and neither sees a kind of group that isn't there. Nothing free of assumptions could be promised of new
groups from a handful: that needs 299 groups without a single error for 1 % at 95 %. The risk is a mean over outputs,
not a bound on each, nor on one domain, one work or one holder. It counts shares: a fee per use is paid in full for the
smallest share. An output in many parts takes the highest confidence of them, and is riskier than one part. A
calibration that is fitted to all data in the end isn't quite the one whose answers were held out.

Reads nothing and draws nothing by chance: resamples follow from a seed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64
from numpy.typing import NDArray

from provenance.kernel.parts import WHOLE_BASIS_POINTS, WHOLE_PPB, WHOLE_PPM

STATED_RISKS_BASIS_POINTS = (25, 50, 100, 200, 500)
CONFIDENCE_LEVEL_BASIS_POINTS = 9_500
RESAMPLES = 2_000
GROUPS_MIN = 5  # with fewer, resampling groups says nothing at all, and no rule is made
OUTPUTS_MAX = 200_000
_PPM_A_BASIS_POINT = WHOLE_PPM // WHOLE_BASIS_POINTS
_CELLS_AT_ONCE = 4_000_000
_VARIANCE_MIN = 1e-12

# Fixed before any data is seen, as the tests need; strictest first. None is below even chances, from where on anything
# is paid at all.
THRESHOLDS_PPM = (
    WHOLE_PPM,
    *range(999_900, 998_999, -100),
    *range(998_500, 989_999, -500),
    *range(985_000, 499_999, -5_000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRule:
    """Paid from ``confidence_min_ppm`` on, at most ``risk_basis_points`` of an output's money is expected to go astray.

    ``bound_ppm`` is the upper bound on that which was reached, at ``confidence_level_basis_points``; ``observed_ppm``
    is what went astray of ``outputs`` held-out outputs of ``groups`` groups, and ``paid_ppm`` what was paid at all.

    Raises:
        ValueError: a figure out of its range, or a bound above the risk.
    """

    risk_basis_points: int
    confidence_min_ppm: int
    bound_ppm: int
    observed_ppm: int
    paid_ppm: int
    outputs: int
    groups: int
    confidence_level_basis_points: int

    def __post_init__(self) -> None:
        highest = {
            "risk_basis_points": WHOLE_BASIS_POINTS,
            "confidence_level_basis_points": WHOLE_BASIS_POINTS,
            "outputs": OUTPUTS_MAX,
            "groups": OUTPUTS_MAX,
        }
        for name in self.__slots__:
            value, most = getattr(self, name), highest.get(name, WHOLE_PPM)
            if type(value) is not int or not 0 <= value <= most:
                raise ValueError(f"{name} is a whole number from 0 to {most}, not {value!r}")
        if self.bound_ppm > self.risk_basis_points * _PPM_A_BASIS_POINT:
            raise ValueError(
                f"a bound of {self.bound_ppm} ppm promises no risk of {self.risk_basis_points} basis points"
            )


@dataclass(frozen=True, slots=True)
class DecisionPolicy:
    """The rules of a calibration. With none of them, nothing can be promised.

    Raises:
        ValueError: two rules for one risk.
    """

    rules: tuple[RiskRule, ...] = ()

    def __post_init__(self) -> None:
        if len({rule.risk_basis_points for rule in self.rules}) != len(self.rules):
            raise ValueError("one risk has one rule")

    def threshold_ppm(self, risk_basis_points: int) -> int | None:
        """The threshold of the largest stated risk that is within ``risk_basis_points``; None: nothing may be paid."""
        within = [rule for rule in self.rules if rule.risk_basis_points <= risk_basis_points]
        return max(within, key=lambda rule: rule.risk_basis_points).confidence_min_ppm if within else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutSource:
    """A source that would be paid ``share_ppb`` of an output's money; ``derives``: whether rightly."""

    share_ppb: int
    confidence_ppm: int
    derives: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutOutput:
    """An output with the sources that would be paid at even chances; none is an answer too. ``group``: its domain."""

    group: str
    sources: tuple[HeldOutSource, ...]

    def __post_init__(self) -> None:
        assert sum(s.share_ppb for s in self.sources) <= WHOLE_PPB, "no output has more than all of its money"
        assert all(s.share_ppb >= 0 for s in self.sources), "a share is a part"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """One threshold with the bound on its risk."""

    threshold_ppm: int
    bound_ppm: int
    observed_ppm: int
    paid_ppm: int


def choose_rules(
    outputs: Sequence[HeldOutOutput],
    *,
    seed: int,
    risks_basis_points: Sequence[int] = STATED_RISKS_BASIS_POINTS,
    confidence_level_basis_points: int = CONFIDENCE_LEVEL_BASIS_POINTS,
    thresholds_ppm: Sequence[int] = THRESHOLDS_PPM,
    resamples: int = RESAMPLES,
) -> tuple[RiskRule, ...]:
    """One rule for each risk that some threshold can promise and still pay anything, by ascending risk.

    ``thresholds_ppm`` must have been fixed before the outputs were seen.

    Raises:
        ValueError: more than `OUTPUTS_MAX` outputs, or a confidence level that isn't between 0 and 10,000.
    """
    if len(outputs) > OUTPUTS_MAX:
        raise ValueError(f"rules are chosen from at most {OUTPUTS_MAX:,} outputs")
    if not 0 < confidence_level_basis_points < WHOLE_BASIS_POINTS:
        raise ValueError("a confidence level lies between 0 and 10,000 basis points")
    groups = len({output.group for output in outputs})
    risks = sorted(set(risks_basis_points))
    if groups < GROUPS_MIN or not risks:
        return ()
    level = confidence_level_basis_points / WHOLE_BASIS_POINTS
    strictest_first = sorted(set(thresholds_ppm), reverse=True)
    passed: list[_Tested] = []
    for tested in _tested(outputs, strictest_first, level=level, seed=seed, resamples=resamples):
        if tested.bound_ppm > risks[-1] * _PPM_A_BASIS_POINT:
            break
        passed.append(tested)
    chosen = ((risk, _last_within(passed, risk * _PPM_A_BASIS_POINT)) for risk in risks)
    return tuple(
        RiskRule(
            risk_basis_points=risk,
            confidence_min_ppm=found.threshold_ppm,
            bound_ppm=found.bound_ppm,
            observed_ppm=found.observed_ppm,
            paid_ppm=found.paid_ppm,
            outputs=len(outputs),
            groups=groups,
            confidence_level_basis_points=confidence_level_basis_points,
        )
        for risk, found in chosen
        if found is not None and found.paid_ppm
    )


def _last_within(tested: Sequence[_Tested], risk_ppm: int) -> _Tested | None:
    """The last one before the first whose bound is above the risk: later ones may not be looked at."""
    last = None
    for one in tested:
        if one.bound_ppm > risk_ppm:
            break
        last = one
    return last


def _tested(
    outputs: Sequence[HeldOutOutput], thresholds_ppm: Sequence[int], *, level: float, seed: int, resamples: int
) -> Iterator[_Tested]:
    wrong, paid = _paid_by_threshold(outputs, thresholds_ppm)
    names = {name: number for number, name in enumerate(sorted({o.group for o in outputs}))}
    groups = np.array([names[o.group] for o in outputs])
    by_group = _quantiles_over_groups(groups, wrong, level=level, seed=seed, resamples=resamples)
    effects = _design_effects(groups, wrong)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, len(outputs) + 1)))])
    whole = len(outputs) * WHOLE_PPB
    for at, threshold in enumerate(thresholds_ppm):
        astray = int(wrong[:, at].sum())
        single = _bound_ppm(astray, len(outputs), 1 - level, logs)
        fewer = max(1, int(len(outputs) / effects[at]))
        alike = _bound_ppm(-(-astray * fewer // len(outputs)), fewer, 1 - level, logs)
        yield _Tested(
            threshold_ppm=threshold,
            bound_ppm=max(single, alike, by_group[at]),
            observed_ppm=-(-astray * WHOLE_PPM // whole),
            paid_ppm=int(paid[:, at].sum()) * WHOLE_PPM // whole,
        )


def _paid_by_threshold(
    outputs: Sequence[HeldOutOutput], thresholds_ppm: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Parts per billion of each output that are paid wrongly, and at all, at each threshold (outputs x thresholds)."""
    wrong = np.zeros((len(outputs), len(thresholds_ppm)), np.int64)
    paid = np.zeros_like(wrong)
    found = [(n, s.share_ppb, s.confidence_ppm, not s.derives) for n, o in enumerate(outputs) for s in o.sources]
    row, share, confidence, astray = np.array(found, np.int64).reshape(-1, 4).T
    for at, threshold in enumerate(thresholds_ppm):
        counted = np.where(confidence >= threshold, share, 0)
        np.add.at(paid[:, at], row, counted)
        np.add.at(wrong[:, at], row, counted * astray)
    return wrong, paid


def _design_effects(groups: NDArray[np.int64], wrong: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each threshold, the variance of the mean loss over groups by that over single outputs; 1 at the least."""
    losses = wrong / WHOLE_PPB
    apart = losses - losses.mean(axis=0)
    count, outputs = int(groups.max()) + 1, len(groups)
    sums = np.zeros((count, wrong.shape[1]))
    np.add.at(sums, groups, apart)
    over_groups = count / (count - 1) * (sums**2).sum(axis=0)
    over_outputs = outputs / (outputs - 1) * (apart**2).sum(axis=0)
    varies = over_outputs > _VARIANCE_MIN  # losses that are all the same have no variance but that of their floats
    effects = np.divide(over_groups, over_outputs, out=np.ones_like(over_groups), where=varies)
    bounded: NDArray[np.float64] = np.maximum(1.0, effects)
    return bounded


def _quantiles_over_groups(
    groups: NDArray[np.int64], wrong: NDArray[np.int64], *, level: float, seed: int, resamples: int
) -> list[int]:
    """For each threshold, the quantile ``level`` of the risk over resamples of whole groups, in ppm, rounded up."""
    sizes = np.bincount(groups).astype(np.float64)
    sums = np.zeros((len(sizes), wrong.shape[1]))
    np.add.at(sums, groups, wrong / WHOLE_PPB)
    bits = PCG64(seed)  # its raw bits are the same in every version of NumPy; what a Generator makes of them isn't
    found: list[NDArray[np.float64]] = []
    left = resamples
    while left > 0:
        count = min(left, max(1, _CELLS_AT_ONCE // len(sizes)))
        drawn = (bits.random_raw((count, len(sizes))) % np.uint64(len(sizes))).astype(np.int64)
        places = drawn + len(sizes) * np.arange(count)[:, None]
        times = np.bincount(places.ravel(), minlength=count * len(sizes)).reshape(count, len(sizes)).astype(np.float64)
        found.append((times @ sums) / (times @ sizes)[:, None])
        left -= count
    risks = np.quantile(np.concatenate(found), level, axis=0, method="higher")
    return [min(WHOLE_PPM, math.ceil(risk * WHOLE_PPM - 1e-6)) for risk in risks]


def _bound_ppm(astray_ppb: int, outputs: int, error: float, logs: NDArray[np.float64]) -> int:
    """The least risk, in ppm, that outputs of this loss refute at ``error``: an upper confidence bound."""
    low, high = 0, WHOLE_PPM  # the p-value falls as the risk rises; a risk of one is never refuted, nor exceeded
    while high - low > 1:
        middle = (low + high) // 2
        if hoeffding_bentkus(astray_ppb, outputs, middle / WHOLE_PPM, logs) <= error:
            high = middle
        else:
            low = middle
    return high


def hoeffding_bentkus(astray_ppb: int, outputs: int, risk: float, logs: NDArray[np.float64]) -> float:
    """The p-value of "the risk is above ``risk``" where ``outputs`` losses in [0, 1] add up to ``astray_ppb``.

    ``logs`` holds the logarithms of the factorials of 0 to ``outputs``.
    """
    mean = min(risk, astray_ppb / (outputs * WHOLE_PPB))
    hoeffding = math.exp(-outputs * _divergence(mean, risk))
    errors = np.arange(min(outputs, -(-astray_ppb // WHOLE_PPB)) + 1)
    terms = logs[outputs] - logs[errors] - logs[outputs - errors]
    terms = terms + errors * math.log(risk) + (outputs - errors) * math.log1p(-risk)
    return min(1.0, hoeffding, math.e * float(np.exp(terms).sum()))


def _divergence(mean: float, risk: float) -> float:
    """Of two Bernoulli distributions (Kullback and Leibler), ``mean`` at most ``risk``, and that between 0 and 1."""
    left = mean * math.log(mean / risk) if mean else 0.0
    right = (1 - mean) * math.log((1 - mean) / (1 - risk)) if mean < 1 else 0.0
    return left + right
