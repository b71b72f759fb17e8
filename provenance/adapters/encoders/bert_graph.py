"""Build a BERT encoder as an OpenVINO graph straight from its weights; neither torch nor a converter is needed.

Devlin et al. 2019, arXiv 1810.04805. Post-norm blocks, exact (erf) GELU, learned positions, one token type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as op

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BertShape:
    """Sizes of the network; the defaults are all-MiniLM-L6-v2's."""

    layers: int = 6
    heads: int = 12
    hidden: int = 384
    norm_epsilon: float = 1e-12


def bert_model(weights: Weights, shape: BertShape) -> ov.Model:
    """From ids, positions and texts (int64, batch x tokens each) to token states (batch x tokens x hidden).

    A token sees those of its own text alone: several texts can share a row, each with positions from 0.
    """
    ids = op.parameter([-1, -1], np.int64, name="input_ids")
    positions = op.parameter([-1, -1], np.int64, name="position_ids")
    texts = op.parameter([-1, -1], np.int64, name="text_ids")
    states = _embeddings(weights, shape, ids, positions)
    bias = _attention_bias(texts)
    for layer in range(shape.layers):
        states = _block(_Layer(weights, f"encoder.layer.{layer}."), shape, states, bias)
    return ov.Model([states], [ids, positions, texts], "bert")


def _embeddings(weights: Weights, shape: BertShape, ids: Any, positions: Any) -> Any:
    axis = op.constant(0, np.int64)
    words = op.gather(op.constant(weights["embeddings.word_embeddings.weight"]), ids, axis)
    places = op.gather(op.constant(weights["embeddings.position_embeddings.weight"]), positions, axis)
    kind = op.constant(weights["embeddings.token_type_embeddings.weight"][0])
    return _norm(op.add(op.add(words, kind), places), weights, "embeddings.LayerNorm", shape)


def _attention_bias(texts: Any) -> Any:
    """0 where two tokens are of one text and a large negative number elsewhere, as batch x 1 x tokens x tokens."""
    here, there = (op.unsqueeze(texts, op.constant(axes, np.int64)) for axes in ([1, 3], [1, 2]))
    apart = op.constant(-1e9, np.float32)
    return op.select(op.equal(here, there), op.constant(0.0, np.float32), apart)


@dataclass(frozen=True, slots=True)
class _Layer:
    weights: Weights
    prefix: str

    def linear(self, name: str, states: Any) -> Any:
        product = op.matmul(
            states, op.constant(self.weights[f"{self.prefix}{name}.weight"]), transpose_a=False, transpose_b=True
        )
        return op.add(product, op.constant(self.weights[f"{self.prefix}{name}.bias"]))


def _block(layer: _Layer, shape: BertShape, states: Any, bias: Any) -> Any:
    attended = layer.linear("attention.output.dense", _attention(layer, shape, states, bias))
    states = _norm(op.add(states, attended), layer.weights, f"{layer.prefix}attention.output.LayerNorm", shape)
    inner = op.gelu(layer.linear("intermediate.dense", states), "erf")
    out = op.add(states, layer.linear("output.dense", inner))
    return _norm(out, layer.weights, f"{layer.prefix}output.LayerNorm", shape)


def _attention(layer: _Layer, shape: BertShape, states: Any, bias: Any) -> Any:
    size = shape.hidden // shape.heads
    apart = op.constant([0, 0, shape.heads, size], np.int64)
    together = op.constant([0, 0, shape.hidden], np.int64)
    swap = op.constant([0, 2, 1, 3], np.int64)
    query, key, value = (
        op.transpose(op.reshape(layer.linear(f"attention.self.{name}", states), apart, special_zero=True), swap)
        for name in ("query", "key", "value")
    )
    mixed = op.scaled_dot_product_attention(query, key, value, bias)
    return op.reshape(op.transpose(mixed, swap), together, special_zero=True)


def _norm(states: Any, weights: Weights, name: str, shape: BertShape) -> Any:
    last = op.constant([-1], np.int64)
    scaled = op.mvn(states, last, normalize_variance=True, eps=shape.norm_epsilon, eps_mode="inside_sqrt")
    return op.add(op.multiply(scaled, op.constant(weights[f"{name}.weight"])), op.constant(weights[f"{name}.bias"]))
