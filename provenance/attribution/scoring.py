"""From evidence to a probability: a logistic model over standardised figures.

Weights come from `fit_logistic`; a `LogisticModel` is a value that is stored as JSON and named by its digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEWTON_STEPS_MAX = 50
LOGIT_MAX = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticModel:
    """P(yes | x) = sigmoid(bias + sum of weights x (x - centre) / scale), one entry a figure."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    bias: float

    def __post_init__(self) -> None:
        assert len(self.names) == len(self.weights) == len(self.centre) == len(self.scale), "one entry a figure"

    def probabilities(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """One probability a row, summed in a fixed order so that a row's answer doesn't depend on its company."""
        return [self._probability(row) for row in rows]

    def as_mapping(self) -> dict[str, Any]:
        """All of it as plain values, for a file and a digest."""
        return asdict(self)

    def parts(self, row: Sequence[float]) -> dict[str, float]:
        """What each figure adds to the row's logit: the score's parts, for an explanation."""
        return {
            name: weight * (value - centre) / scale
            for name, weight, value, centre, scale in zip(
                self.names, self.weights, row, self.centre, self.scale, strict=True
            )
        }

    def _probability(self, row: Sequence[float]) -> float:
        logit = self.bias + sum(self.parts(row).values())
        return float(1.0 / (1.0 + np.exp(-max(-LOGIT_MAX, min(LOGIT_MAX, logit)))))


def fit_logistic(
    names: Sequence[str], rows: Floats, truth: NDArray[np.bool_], weights: Floats, *, ridge: float = 1.0
) -> LogisticModel:
    """Fit by Newton's method (iteratively reweighted least squares; Bishop 2006, section 4.3.3) with an L2 penalty.

    ``rows`` has shape (examples, figures); each counts by its weight. The same input gives the same model.

    Raises:
        ValueError: fewer than two examples, or all of one class.
    """
    if len(rows) < 2 or truth.all() or not truth.any():
        raise ValueError("a model needs examples of both classes")
    centre, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-9)
    design = np.hstack([(rows - centre) / scale, np.ones((len(rows), 1))])
    penalty = np.full(design.shape[1], ridge)
    penalty[-1] = 0.0
    beta = np.zeros(design.shape[1])
    for _ in range(NEWTON_STEPS_MAX):
        guess = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -LOGIT_MAX, LOGIT_MAX)))
        gradient = design.T @ (weights * (guess - truth)) + penalty * beta
        curvature = (design * (weights * guess * (1 - guess))[:, None]).T @ design + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curvature, gradient)
        beta -= step
        if np.abs(step).max() < 1e-8:
            break
    return LogisticModel(
        names=tuple(names),
        weights=tuple(map(float, beta[:-1])),
        centre=tuple(map(float, centre)),
        scale=tuple(map(float, scale)),
        bias=float(beta[-1]),
    )
