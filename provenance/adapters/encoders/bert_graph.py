"""Build a BERT encoder as an OpenVINO graph straight from its weights; neither torch nor a converter is needed.

Devlin et al. 2019, arXiv 1810.04805. Post-norm blocks, exact (erf) GELU, learned positions, one token type. The last
layers run twice: once seeing a token's own text alone, once the whole row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as op

Floats = NDArray[np.float32]
Weights = Mapping[str, Floats]

_QUERY_KEY_VALUE = ("attention.self.query", "attention.self.key", "attention.self.value")


@dataclass(frozen=True, slots=True, kw_only=True)
class BertShape:
    """Sizes of the network; the defaults are all-MiniLM-L6-v2's.

    In the first ``layers_apart`` layers a token sees its own text alone in either view.
    """

    layers: int = 6
    layers_apart: int = 4
    heads: int = 12
    hidden: int = 384
    norm_epsilon: float = 1e-12


class Linear(Protocol):
    """How a matrix product is computed: in full precision, or in eight bits."""

    def __call__(self, name: str, states: Any, weight: Floats, bias: Floats) -> Any:
        """``states @ weight.T + bias``; ``name`` says which product of the network this is."""


def full_precision(name: str, states: Any, weight: Floats, bias: Floats) -> Any:
    """A `Linear` in 32-bit floats."""
    del name
    product = op.matmul(states, op.constant(weight), transpose_a=False, transpose_b=True)
    return op.add(product, op.constant(bias))


def bert_model(weights: Weights, shape: BertShape, linear: Linear = full_precision) -> ov.Model:
    """From ids, positions and texts (int64, 1 x tokens each) to two views: token states (1 x tokens x hidden) each.

    Several texts share a row, each with positions from 0. In the first view a token sees the whole row from the layer
    `BertShape.layers_apart` on, in the second it sees its own text alone in every layer.
    """
    network = _Network(weights, shape, linear)
    ids = op.parameter([1, -1], np.int64, name="input_ids")
    positions = op.parameter([1, -1], np.int64, name="position_ids")
    texts = op.parameter([1, -1], np.int64, name="text_ids")
    apart = _attention_bias(texts)
    states = network.embeddings(ids, positions)
    for layer in range(shape.layers_apart):
        states = network.block(layer, states, apart)
    together, alone = states, states
    for layer in range(shape.layers_apart, shape.layers):
        together = network.block(layer, together, None)
        alone = network.block(layer, alone, apart)
    return ov.Model([together, alone], [ids, positions, texts], "bert")


def _attention_bias(texts: Any) -> Any:
    """0 where two tokens are of one text and a large negative number elsewhere, as 1 x 1 x tokens x tokens."""
    here, there = (op.unsqueeze(texts, op.constant(axes, np.int64)) for axes in ([1, 3], [1, 2]))
    apart = op.constant(-1e9, np.float32)
    return op.select(op.equal(here, there), op.constant(0.0, np.float32), apart)


@dataclass(frozen=True, slots=True)
class _Network:
    weights: Weights
    shape: BertShape
    linear: Linear

    def embeddings(self, ids: Any, positions: Any) -> Any:
        axis = op.constant(0, np.int64)
        words = op.gather(op.constant(self.weights["embeddings.word_embeddings.weight"]), ids, axis)
        places = op.gather(op.constant(self.weights["embeddings.position_embeddings.weight"]), positions, axis)
        kind = op.constant(self.weights["embeddings.token_type_embeddings.weight"][0])
        return self._norm(op.add(op.add(words, kind), places), "embeddings.LayerNorm")

    def block(self, layer: int, states: Any, bias: Any | None) -> Any:
        prefix = f"encoder.layer.{layer}."
        attended = self._product(prefix, ("attention.output.dense",), self._attention(prefix, states, bias))
        states = self._norm(op.add(states, attended), f"{prefix}attention.output.LayerNorm")
        inner = op.gelu(self._product(prefix, ("intermediate.dense",), states), "erf")
        out = op.add(states, self._product(prefix, ("output.dense",), inner))
        return self._norm(out, f"{prefix}output.LayerNorm")

    def _attention(self, prefix: str, states: Any, bias: Any | None) -> Any:
        apart = op.constant([0, 0, self.shape.heads, self.shape.hidden // self.shape.heads], np.int64)
        together = op.constant([0, 0, self.shape.hidden], np.int64)
        swap = op.constant([0, 2, 1, 3], np.int64)
        # One product for all three: they read the same states.
        three = op.split(self._product(prefix, _QUERY_KEY_VALUE, states), op.constant(2, np.int64), 3).outputs()
        each = (op.transpose(op.reshape(one, apart, special_zero=True), swap) for one in three)
        mixed = op.scaled_dot_product_attention(*each, *([] if bias is None else [bias]))
        return op.reshape(op.transpose(mixed, swap), together, special_zero=True)

    def _product(self, prefix: str, names: tuple[str, ...], states: Any) -> Any:
        weight = np.concatenate([self.weights[f"{prefix}{name}.weight"] for name in names])
        bias = np.concatenate([self.weights[f"{prefix}{name}.bias"] for name in names])
        return self.linear(prefix + names[0], states, weight, bias)

    def _norm(self, states: Any, name: str) -> Any:
        last = op.constant([-1], np.int64)
        scaled = op.mvn(states, last, normalize_variance=True, eps=self.shape.norm_epsilon, eps_mode="inside_sqrt")
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return op.add(op.multiply(scaled, op.constant(weight)), op.constant(bias))
