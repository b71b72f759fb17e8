"""Matrix products in eight bits: what they need to know of a network's states, how it is observed, how it is used.

States have a few channels that are far larger than the rest. They are evened out by a factor a channel, which the
weights take back (Xiao et al. 2022, "SmoothQuant", arXiv 2211.10438); then one scale serves all states of a product,
and one a row serves the weights. Everything is symmetric: no zero points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13 as op

from provenance.adapters.encoders.bert_graph import BertShape, Floats, Weights, bert_model, full_precision
from provenance.kernel.canonical import digest

LARGEST = 127
# How much of the states' unevenness goes into the weights; the best of 0, 0.3 … 0.95 by cosine to full precision.
SMOOTHING = 0.9
_TINY = np.float32(1e-4)
_DIGITS = 3

Row = Sequence[Any]  # the three inputs of the network


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationRanges:
    """By the name of a product: the largest magnitude that each channel of its states was seen to have."""

    by_product: Mapping[str, Floats]

    @property
    def identity(self) -> str:
        """A digest of all of it, and of how it is used."""
        return digest({"smoothing": str(SMOOTHING), "ranges": self.as_mapping()})

    def as_mapping(self) -> dict[str, str]:
        """All of it as text, `_DIGITS` significant digits a channel, for a file."""
        return {n: " ".join(f"{x:.{_DIGITS}g}" for x in self.by_product[n]) for n in sorted(self.by_product)}

    @classmethod
    def from_mapping(cls, fields: Mapping[str, str]) -> ActivationRanges:
        """What `as_mapping` gave."""
        return cls(by_product={name: np.array(text.split(), np.float32) for name, text in fields.items()})

    def linear(self, name: str, states: Any, weight: Floats, bias: Floats) -> Any:
        """A `Linear`: ``states @ weight.T + bias`` in eight bits, with sums in 32."""
        seen, largest = np.maximum(self.by_product[name], _TINY), np.maximum(np.abs(weight).max(axis=0), _TINY)
        factor = _coarse(seen**SMOOTHING / largest ** (1 - SMOOTHING))
        limit = op.constant(np.float32((seen / factor).max()))
        low = op.constant(np.float32(-(seen / factor).max()))
        even = op.multiply(states, op.constant((1 / factor).reshape(1, 1, -1)))
        rounded = op.fake_quantize(even, low, limit, low, limit, 2 * LARGEST + 1)
        scaled = weight * factor
        scale = (np.abs(scaled).max(axis=1, keepdims=True) / LARGEST).astype(np.float32)
        whole = np.clip(np.rint(scaled / scale), -LARGEST, LARGEST).astype(np.int8)
        stored = op.multiply(op.convert(op.constant(whole), "f32"), op.constant(scale))
        return op.add(op.matmul(rounded, stored, transpose_a=False, transpose_b=True), op.constant(bias))


def _coarse(values: Floats) -> Floats:
    """To six bits of mantissa: what a machine's library makes of a power then changes nothing."""
    mantissa, exponent = np.frexp(values)
    return np.asarray(np.ldexp(np.rint(mantissa * 64) / 64, exponent), np.float32)


def observe(weights: Weights, shape: BertShape, rows: Iterable[Row]) -> ActivationRanges:
    """Run the network in full precision over ``rows`` and note what its products are given."""
    watched: list[tuple[str, Any]] = []

    def watching(name: str, states: Any, weight: Floats, bias: Floats) -> Any:
        watched.append((name, states))
        return full_precision(name, states, weight, bias)

    model = bert_model(weights, shape, watching)
    seen = ov.Model([states for _, states in watched], model.get_parameters(), "observed")
    request = ov.Core().compile_model(seen, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    largest: dict[str, Floats] = {}
    for row in rows:
        found = request.infer(list(row))
        for place, (name, _) in enumerate(watched):
            here = np.abs(found[place][0]).max(axis=0)
            largest[name] = np.maximum(largest.get(name, np.zeros_like(here)), here)
    # As it will be read from the file, so that who observes and who reads build the same network.
    return ActivationRanges.from_mapping(ActivationRanges(by_product=largest).as_mapping())
