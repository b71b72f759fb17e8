"""The network, built by hand for OpenVINO, against the same network in plain numpy, at a size of a few numbers."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray

from provenance.adapters.encoders.bert_graph import BertShape, bert_model
from provenance.adapters.encoders.eight_bits import ActivationRanges, observe

SHAPE = BertShape(layers=3, layers_apart=1, heads=2, hidden=6, norm_epsilon=1e-3)
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


def plain_bert(texts: list[list[int]], *, together_from: int) -> NDArray[np.float64]:
    """Token states of texts in a row, as Devlin et al. 2019 describe them.

    From the layer ``together_from`` on a token sees the whole row, before that its own text alone.
    """
    w = {name: weight.astype(np.float64) for name, weight in WEIGHTS.items()}
    ids = [i for text in texts for i in text]
    places = [place for text in texts for place in range(len(text))]
    number = np.array([n for n, text in enumerate(texts) for _ in text])
    own_text = number[:, None] == number[None, :]

    def linear(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def normed(name: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
        apart = x - x.mean(axis=1, keepdims=True)
        deviation = np.sqrt((apart**2).mean(axis=1, keepdims=True) + SHAPE.norm_epsilon)
        return apart / deviation * w[f"{name}.weight"] + w[f"{name}.bias"]

    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][places]
    x = normed("embeddings.LayerNorm", x + w["embeddings.token_type_embeddings.weight"][0])
    for i in range(SHAPE.layers):
        layer = f"encoder.layer.{i}."
        query, key, value = (linear(f"{layer}attention.self.{name}", x) for name in ("query", "key", "value"))
        mixed = np.zeros_like(x)
        size = SHAPE.hidden // SHAPE.heads
        for head in range(SHAPE.heads):
            own = slice(head * size, (head + 1) * size)
            scores = np.exp(query[:, own] @ key[:, own].T / sqrt(size)) * (own_text | (i >= together_from))
            mixed[:, own] = scores / scores.sum(axis=1, keepdims=True) @ value[:, own]
        x = normed(f"{layer}attention.output.LayerNorm", x + linear(f"{layer}attention.output.dense", mixed))
        inner = linear(f"{layer}intermediate.dense", x)
        inner = inner * (1 + np.vectorize(erf)(inner / sqrt(2))) / 2
        x = normed(f"{layer}output.LayerNorm", x + linear(f"{layer}output.dense", inner))
    return x


def compiled(model: ov.Model) -> ov.CompiledModel:
    return ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


@pytest.fixture(scope="module")
def network() -> ov.CompiledModel:
    return compiled(bert_model(WEIGHTS, SHAPE))


def row_of(texts: list[list[int]]) -> list[NDArray[np.int64]]:
    ids = [i for text in texts for i in text]
    positions = [place for text in texts for place in range(len(text))]
    numbers = [number for number, text in enumerate(texts) for _ in text]
    return [np.array([values], np.int64) for values in (ids, positions, numbers)]


def states(network: ov.CompiledModel, texts: list[list[int]]) -> tuple[Floats, Floats]:
    """The states of a row of texts in both views: together and alone."""
    found = network(row_of(texts))
    return np.array(found[0][0]), np.array(found[1][0])


@pytest.mark.parametrize("ids", [[3], [1, 2], [5, 5, 5], [9, 0, 4, 19, 7, 2], list(range(POSITIONS))])
def test_the_states_of_one_text_are_those_of_the_plain_network_in_both_views(
    ids: list[int], network: ov.CompiledModel
) -> None:
    together, alone = states(network, [ids])
    assert together.shape == alone.shape == (len(ids), SHAPE.hidden)
    expected = plain_bert([ids], together_from=SHAPE.layers)
    np.testing.assert_allclose(together, expected, atol=2e-4)
    np.testing.assert_allclose(alone, expected, atol=2e-4)


@pytest.mark.parametrize("texts", [[[9, 4], [11], [12, 3, 3, 7]], [[1, 2, 3, 4], [5, 6, 8]], [[7], [7], [7]]])
def test_texts_of_one_row_see_one_another_in_the_first_view_and_in_the_last_layers_alone(
    texts: list[list[int]], network: ov.CompiledModel
) -> None:
    together, alone = states(network, texts)
    np.testing.assert_allclose(together, plain_bert(texts, together_from=SHAPE.layers_apart), atol=2e-4)
    np.testing.assert_allclose(
        alone, np.vstack([plain_bert([t], together_from=SHAPE.layers) for t in texts]), atol=2e-4
    )


TEXTS = [[[9, 4], [11], [12, 3, 3, 7]], [[1, 2, 3, 4], [5, 6, 8]], [[19, 0, 10], [13, 14, 15, 16]]]


@pytest.fixture(scope="module")
def ranges() -> ActivationRanges:
    return observe(WEIGHTS, SHAPE, [row_of(texts) for texts in TEXTS])


def test_eight_bits_come_near_to_full_precision(network: ov.CompiledModel, ranges: ActivationRanges) -> None:
    rounded = compiled(bert_model(WEIGHTS, SHAPE, ranges.linear))
    for texts in TEXTS:
        for found, exact in zip(states(rounded, texts), states(network, texts), strict=True):
            lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(exact, axis=1)
            assert ((found * exact).sum(axis=1) / lengths > 0.98).all()
            assert (found != exact).any()


def test_what_is_observed_is_the_largest_magnitude_of_each_channel(ranges: ActivationRanges) -> None:
    assert len(ranges.by_product) == 4 * SHAPE.layers
    first = ranges.by_product["encoder.layer.0.attention.self.query"]
    embedded = [plain_embeddings(text) for texts in TEXTS for text in texts]
    np.testing.assert_allclose(first, np.abs(np.vstack(embedded)).max(axis=0), rtol=1e-2)


def plain_embeddings(ids: list[int]) -> NDArray[np.float64]:
    w = {name: WEIGHTS[f"embeddings.{name}.weight"].astype(np.float64) for name in ("word_embeddings", "LayerNorm")}
    x = w["word_embeddings"][ids] + WEIGHTS["embeddings.position_embeddings.weight"][: len(ids)]
    x = x + WEIGHTS["embeddings.token_type_embeddings.weight"][0]
    apart = x - x.mean(axis=1, keepdims=True)
    scaled = apart / np.sqrt((apart**2).mean(axis=1, keepdims=True) + SHAPE.norm_epsilon)
    return np.asarray(scaled * w["LayerNorm"] + WEIGHTS["embeddings.LayerNorm.bias"])


def test_ranges_survive_their_file_and_another_channel_is_another_identity(ranges: ActivationRanges) -> None:
    again = ActivationRanges.from_mapping(ranges.as_mapping())
    assert (again.as_mapping(), again.identity) == (ranges.as_mapping(), ranges.identity)
    name, values = next(iter(again.by_product.items()))
    other = ActivationRanges(by_product={**again.by_product, name: values * np.float32(1.1)})
    assert other.identity != ranges.identity


def test_the_default_shape_is_that_of_the_packaged_model() -> None:
    assert BertShape() == BertShape(layers=6, layers_apart=4, heads=12, hidden=384, norm_epsilon=1e-12)
