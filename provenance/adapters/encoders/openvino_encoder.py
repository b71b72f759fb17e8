"""The default encoder: all-MiniLM-L6-v2 on the CPU through OpenVINO, in 32-bit floats, without torch.

Windows go through the network one at a time, so that a segment's vector never depends on what else is in a batch.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from provenance.adapters.encoders.bert_graph import BertShape, bert_model
from provenance.adapters.encoders.weights import TOKENIZER_SHA256, WEIGHTS_SHA256, ModelFiles
from provenance.adapters.encoders.windows import WINDOW_TOKENS, Window, pack_windows
from provenance.fingerprints.segment import SEGMENTING
from provenance.fingerprints.vector import EncoderIdentity, Vectors, unit
from provenance.kernel.span import Span

CLS, SEP = 101, 102

# A text is tokenised in stretches of about this many characters, so that a whole book is never held as tokens.
STRETCH_CHARS = 100_000


class OpenVinoEncoder:
    """Implements the port `Encoder`. Safe to call from several threads; calls run one after the other."""

    def __init__(self, files: ModelFiles) -> None:
        self._shape = BertShape()
        model = bert_model(load_file(files.weights), self._shape)
        hints = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
        self._request = ov.Core().compile_model(model, "CPU", hints).create_infer_request()
        self._tokenizer = Tokenizer.from_file(str(files.tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._lock = threading.Lock()

    @property
    def identity(self) -> EncoderIdentity:
        """Pinned weights and tokenizer, late chunking in windows of 254 tokens, sentences."""
        return EncoderIdentity(
            model="all-MiniLM-L6-v2",
            weights_sha256=WEIGHTS_SHA256,
            tokenizer_sha256=TOKENIZER_SHA256,
            precision="openvino-f32,stored-f16",
            pooling=f"late-chunking-{WINDOW_TOKENS}-mean",
            segmenting=SEGMENTING,
            dimensions=self._shape.hidden,
        )

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        """One unit vector for each span of ``text`` (spans ascending and disjoint): shape (len(spans), 384).

        A span where no token starts (invisible characters, the rest of a word that was cut) has a vector of zeros:
        it is like nothing.
        """
        vectors = np.zeros((len(spans), self._shape.hidden), np.float32)
        first = 0
        while first < len(spans):
            last = first + 1
            while last < len(spans) and spans[last].end - spans[first].start <= STRETCH_CHARS:
                last += 1
            self._encode_stretch(text, spans[first:last], vectors[first:last])
            first = last
        # What is stored is half precision; what is searched with must have been rounded the same way.
        return unit(vectors).astype(np.float16).astype(np.float32)

    def _encode_stretch(self, text: str, spans: Sequence[Span], into: NDArray[np.float32]) -> None:
        start = spans[0].start
        encoding = self._tokenizer.encode(text[start : spans[-1].end], add_special_tokens=False)
        starts = [offset[0] for offset in encoding.offsets]
        for window in pack_windows(starts, [Span(s.start - start, s.end - start) for s in spans]):
            states = self._states(encoding.ids[window.first : window.end])
            for number, vector in _pooled(window, states):
                into[number] = vector

    def _states(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Token states, those of the special tokens at both ends included: shape (len(ids) + 2, hidden)."""
        row = np.array([[CLS, *ids, SEP]], np.int64)
        with self._lock:
            found = self._request.infer([row, np.ones_like(row)])
            return np.array(found[self._request.model_outputs[0]][0])


def _pooled(window: Window, states: NDArray[np.float32]) -> list[tuple[int, NDArray[np.float32]]]:
    """Mean token state of each segment that has tokens.

    One that stands alone pools the special tokens too, as the model was trained.
    """
    if len(window.segments) == 1 and window.end > window.first:
        return [(window.segments[0][0], states.mean(axis=0))]
    return [
        (number, states[1 + first - window.first : 1 + end - window.first].mean(axis=0))
        for number, first, end in window.segments
        if end > first
    ]
