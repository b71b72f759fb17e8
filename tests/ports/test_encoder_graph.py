"""The network, built by hand for OpenVINO, against the same network in plain numpy, at a size of a few numbers."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray

from provenance.adapters.encoders.bert_graph import BertShape, bert_model

SHAPE = BertShape(layers=2, heads=2, hidden=6, norm_epsilon=1e-3)
INNER, VOCABULARY, POSITIONS = 10, 20, 12
Floats = NDArray[np.float32]


def random_weights() -> dict[str, Floats]:
    random = np.random.default_rng(7)
    sizes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (VOCABULARY, SHAPE.hidden),
        "embeddings.position_embeddings.weight": (POSITIONS, SHAPE.hidden),
        "embeddings.token_type_embeddings.weight": (2, SHAPE.hidden),
        **norm("embeddings.LayerNorm"),
    }
    for i in range(SHAPE.layers):
        layer = f"encoder.layer.{i}."
        sizes |= norm(f"{layer}attention.output.LayerNorm") | norm(f"{layer}output.LayerNorm")
        for name in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            sizes |= {f"{layer}{name}.weight": (SHAPE.hidden,) * 2, f"{layer}{name}.bias": (SHAPE.hidden,)}
        sizes |= {
            f"{layer}intermediate.dense.weight": (INNER, SHAPE.hidden),
            f"{layer}intermediate.dense.bias": (INNER,),
        }
        sizes |= {f"{layer}output.dense.weight": (SHAPE.hidden, INNER), f"{layer}output.dense.bias": (SHAPE.hidden,)}
    return {name: random.normal(size=size).astype(np.float32) for name, size in sizes.items()}


def norm(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (SHAPE.hidden,), f"{name}.bias": (SHAPE.hidden,)}


WEIGHTS = random_weights()


def plain_bert(ids: list[int]) -> NDArray[np.float64]:
    """Token states of one text, as Devlin et al. 2019 describe them."""
    w = {name: weight.astype(np.float64) for name, weight in WEIGHTS.items()}

    def linear(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def normed(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        apart = x - x.mean(axis=1, keepdims=True)
        deviation = np.sqrt((apart**2).mean(axis=1, keepdims=True) + SHAPE.norm_epsilon)
        return apart / deviation * w[f"{name}.weight"] + w[f"{name}.bias"]

    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = normed("embeddings.LayerNorm", x + w["embeddings.token_type_embeddings.weight"][0])
    for i in range(SHAPE.layers):
        layer = f"encoder.layer.{i}."
        query, key, value = (linear(f"{layer}attention.self.{name}", x) for name in ("query", "key", "value"))
        mixed = np.zeros_like(x)
        size = SHAPE.hidden // SHAPE.heads
        for head in range(SHAPE.heads):
            own = slice(head * size, (head + 1) * size)
            scores = np.exp(query[:, own] @ key[:, own].T / sqrt(size))
            mixed[:, own] = scores / scores.sum(axis=1, keepdims=True) @ value[:, own]
        x = normed(f"{layer}attention.output.LayerNorm", x + linear(f"{layer}attention.output.dense", mixed))
        inner = linear(f"{layer}intermediate.dense", x)
        inner = inner * (1 + np.vectorize(erf)(inner / sqrt(2))) / 2
        x = normed(f"{layer}output.LayerNorm", x + linear(f"{layer}output.dense", inner))
    return x


@pytest.fixture(scope="module")
def network() -> ov.CompiledModel:
    return ov.Core().compile_model(bert_model(WEIGHTS, SHAPE), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def states(network: ov.CompiledModel, *rows: list[list[int]]) -> Floats:
    """The states of rows of texts; rows have the same number of tokens."""
    ids = [[i for text in row for i in text] for row in rows]
    positions = [[place for text in row for place in range(len(text))] for row in rows]
    numbers = [[number for number, text in enumerate(row) for _ in text] for row in rows]
    return np.array(network([np.array(values, np.int64) for values in (ids, positions, numbers)])[0])


@pytest.mark.parametrize("ids", [[3], [1, 2], [5, 5, 5], [9, 0, 4, 19, 7, 2], list(range(POSITIONS))])
def test_states_are_those_of_the_plain_network_at_any_length(ids: list[int], network: ov.CompiledModel) -> None:
    found = states(network, [ids])
    assert found.shape == (1, len(ids), SHAPE.hidden)
    np.testing.assert_allclose(found[0], plain_bert(ids), atol=2e-4)


def test_texts_of_one_row_do_not_see_one_another(network: ov.CompiledModel) -> None:
    texts = [[9, 4], [11], [12, 3, 3, 7]]
    found = states(network, texts, [[1, 2, 3, 4], [5, 6, 8]])
    np.testing.assert_allclose(found[0], np.vstack([plain_bert(text) for text in texts]), atol=2e-4)
    np.testing.assert_allclose(found[1], np.vstack([plain_bert([1, 2, 3, 4]), plain_bert([5, 6, 8])]), atol=2e-4)


def test_the_default_shape_is_that_of_the_packaged_model() -> None:
    assert BertShape() == BertShape(layers=6, heads=12, hidden=384, norm_epsilon=1e-12)
