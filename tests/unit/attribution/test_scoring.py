"""A logistic model answers as its formula says, and is fitted to where the penalised likelihood is largest."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from provenance.attribution.scoring import LogisticModel, fit_logistic

MODEL = LogisticModel(names=("a", "b"), weights=(2.0, -1.0), centre=(1.0, 0.5), scale=(2.0, 0.25), bias=0.5)


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float64)[:, None]


def truth(*values: int) -> np.ndarray:
    return np.array(values, np.bool_)


def fit(names: Sequence[str], rows: np.ndarray, answers: np.ndarray, *, ridge: float = 1.0) -> LogisticModel:
    """A fit to examples that all count the same."""
    return fit_logistic(names, rows, answers, np.ones(len(rows)), ridge=ridge)


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_a_probability_is_the_sigmoid_of_the_weighted_standard_figures() -> None:
    # 0.5 + 2 x (3 - 1) / 2 - (1 - 0.5) / 0.25 = 0.5
    assert MODEL.probabilities([(3.0, 1.0)]) == [pytest.approx(0.6224593312018546, abs=1e-15)]


def test_parts_say_what_each_figure_adds_to_the_logit() -> None:
    assert MODEL.parts((3.0, 1.0)) == {"a": 2.0, "b": -2.0}


def test_a_row_has_the_same_answer_in_any_company() -> None:
    rows = [(0.1 * i, 0.3 * i) for i in range(50)]
    assert MODEL.probabilities(rows) == [MODEL.probabilities([row])[0] for row in rows]
    assert MODEL.probabilities([]) == []


def test_logits_are_bounded_at_30() -> None:
    high, low, just_inside = MODEL.probabilities([(1e6, 0.5), (-1e6, 0.5), (-29.4, 0.5)])
    assert high == 1 / (1 + math.exp(-30))
    assert low == pytest.approx(9.357622968839299e-14, rel=1e-9, abs=0)
    assert just_inside == pytest.approx(math.exp(-29.9), rel=1e-9, abs=0)


@pytest.mark.parametrize("field", ["names", "weights", "centre", "scale"])
def test_a_model_has_one_entry_a_figure(field: str) -> None:
    fields = {"names": ("a", "b"), "weights": (1.0, 1.0), "centre": (0.0, 0.0), "scale": (1.0, 1.0)}
    with pytest.raises(AssertionError):
        LogisticModel(**{**fields, field: fields[field][:1]}, bias=0.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("row", [(1.0,), (1.0, 2.0, 3.0)])
def test_a_row_of_another_length_is_refused(row: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="zip"):
        MODEL.probabilities([row])


def test_without_a_penalty_the_fit_answers_with_the_frequencies() -> None:
    # One of four is true at 0, three of four at 1: mean 0.5, deviation 0.5, so the weight is the logit of 3/4.
    model = fit(["x"], column(0, 0, 0, 0, 1, 1, 1, 1), truth(1, 0, 0, 0, 1, 1, 1, 0), ridge=0.0)
    assert model.names == ("x",)
    assert model.centre == (0.5,)
    assert model.scale == (0.5,)
    assert model.weights[0] == pytest.approx(math.log(3), abs=1e-6)
    assert model.bias == pytest.approx(0, abs=1e-6)
    assert model.probabilities([(0.0,), (1.0,)]) == pytest.approx([0.25, 0.75], abs=1e-6)


@pytest.mark.parametrize("ridge", [1.0, 3.0])
def test_the_penalty_pulls_the_weight_to_where_the_gradient_is_zero(ridge: float) -> None:
    # By symmetry the gradient is 8 sigmoid(w) - 6 + ridge x w.
    rows, answers = column(0, 0, 0, 0, 1, 1, 1, 1), truth(1, 0, 0, 0, 1, 1, 1, 0)
    weight = fit(["x"], rows, answers, ridge=ridge).weights[0]
    assert 0 < weight < math.log(3)
    assert 8 * sigmoid(weight) + ridge * weight == pytest.approx(6, abs=1e-7)
    if ridge == 1.0:
        assert fit_logistic(["x"], rows, answers, np.ones(8)).weights == (weight,)


def test_the_bias_is_not_penalised() -> None:
    model = fit(["x"], column(0, 1, 0, 1, 0, 1, 0, 1), truth(1, 1, 1, 1, 1, 1, 0, 0), ridge=5.0)
    assert model.bias == pytest.approx(math.log(3), abs=1e-6)
    assert model.weights[0] == pytest.approx(0, abs=1e-6)


def test_a_figure_that_never_changes_has_no_weight_and_a_scale_above_zero() -> None:
    rows = np.hstack([column(0, 0, 1, 1), np.full((4, 1), 7.0)])
    model = fit(["x", "always"], rows, truth(0, 0, 1, 1))
    assert model.weights[0] > 0.5
    assert model.weights[1] == 0.0
    assert model.scale[1] == 1e-9
    assert model.probabilities([(1.0, 7.0)])[0] > 0.6


def test_unbalanced_examples_of_two_figures_fit_where_the_gradient_is_zero() -> None:
    rows = np.array([[0, 1], [1, 3], [2, 2], [3, 9], [4, 1], [9, 4], [7, 8]], np.float64)
    answers = truth(0, 0, 1, 0, 1, 1, 1)
    model = fit(["a", "b"], rows, answers, ridge=0.5)
    wrong = [p - t for p, t in zip(model.probabilities(rows.tolist()), answers, strict=True)]
    assert sum(wrong) == pytest.approx(0, abs=1e-7)
    for i in range(2):
        standard = (rows[:, i] - rows[:, i].mean()) / rows[:, i].std()
        gradient = sum(e * x for e, x in zip(wrong, standard, strict=True)) + 0.5 * model.weights[i]
        assert gradient == pytest.approx(0, abs=1e-7)


def test_separable_examples_have_finite_weights_and_the_right_answers() -> None:
    model = fit(["x"], column(*range(100)), truth(*[0] * 50, *[1] * 50), ridge=1e-6)
    answers = model.probabilities([(float(i),) for i in range(100)])
    assert all(math.isfinite(v) for v in (*model.weights, model.bias))
    assert max(answers[:49]) < 0.1 < 0.9 < min(answers[51:])


def test_the_same_examples_give_the_same_model() -> None:
    rows = np.sin(np.arange(60.0)).reshape(20, 3)
    answers = rows[:, 0] + rows[:, 1] > 0.2
    assert fit("abc", rows, answers) == fit("abc", rows.copy(), answers.copy())


@pytest.mark.parametrize(
    ("rows", "answers"),
    [
        (np.empty((0, 1)), truth()),
        (column(1), truth(1)),
        (column(1, 2), truth(1, 1)),
        (column(1, 2), truth(0, 0)),
    ],
)
def test_examples_of_one_class_teach_nothing(rows: np.ndarray, answers: np.ndarray) -> None:
    with pytest.raises(ValueError, match="both classes"):
        fit(["x"], rows, answers)


def test_two_examples_are_enough() -> None:
    model = fit(["x"], column(0, 2), truth(0, 1))
    assert (model.centre, model.scale) == ((1.0,), (1.0,))
    assert model.weights[0] > 0.5


def test_an_example_that_counts_twice_is_two_examples() -> None:
    rows, answers = column(0, 1, 2, 4), truth(0, 1, 0, 1)
    weighted = fit_logistic(["x"], rows, answers, np.array([1.0, 2.0, 1.0, 3.0]), ridge=0.0)
    repeated = fit(["x"], column(0, 1, 1, 2, 4, 4, 4), truth(0, 1, 1, 0, 1, 1, 1), ridge=0.0)
    points = [(float(x),) for x in range(5)]
    assert weighted.probabilities(points) == pytest.approx(repeated.probabilities(points), abs=1e-6)
    assert weighted.probabilities(points) != pytest.approx(fit(["x"], rows, answers, ridge=0.0).probabilities(points))


def test_a_model_as_plain_values_holds_all_of_it() -> None:
    assert MODEL.as_mapping() == {
        "names": ("a", "b"),
        "weights": (2.0, -1.0),
        "centre": (1.0, 0.5),
        "scale": (2.0, 0.25),
        "bias": 0.5,
    }
