"""The default encoder: all-MiniLM-L6-v2 on the CPU through OpenVINO, in 32-bit floats, without torch.

A vector has two halves: the segment as its window shows it (late chunking), and the segment alone. Rewritten text is
best found by the first, a quotation in foreign text by the second. Windows go through the network one at a time, so
that a segment's vector never depends on what else is in a batch.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

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
    """Implements the port `Encoder`. Safe to call from several threads; calls run one after the other.

    ``threads`` that compute (0: as many as there are cores) change how long it takes, and no bit of a vector.
    """

    def __init__(self, files: ModelFiles, *, threads: int = 0) -> None:
        self._shape = BertShape()
        model = bert_model(load_file(files.weights), self._shape)
        hints = {
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
        }
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
            pooling=f"late-chunking-{WINDOW_TOKENS}-mean,alone-mean",
            segmenting=SEGMENTING,
            dimensions=2 * self._shape.hidden,
        )

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        """One unit vector for each span of ``text`` (spans ascending and disjoint): shape (len(spans), 768).

        A span where no token starts (invisible characters, the rest of a word that was cut) has a vector of zeros:
        it is like nothing.
        """
        vectors = np.zeros((len(spans), 2 * self._shape.hidden), np.float32)
        first = 0
        while first < len(spans):
            last = first + 1
            while last < len(spans) and spans[last].end - spans[first].start <= STRETCH_CHARS:
                last += 1
            self._encode_stretch(text, spans[first:last], vectors[first:last])
            first = last
        # What is stored is half precision; what is searched with must have been rounded the same way.
        halves = unit(vectors.reshape(-1, self._shape.hidden)).reshape(vectors.shape)
        return unit(halves).astype(np.float16).astype(np.float32)

    def encode_many(self, texts: Sequence[tuple[str, Sequence[Span]]]) -> list[Vectors]:
        """What `encode` answers for each of them."""
        return [self.encode(text, spans) for text, spans in texts]

    def _encode_stretch(self, text: str, spans: Sequence[Span], into: NDArray[np.float32]) -> None:
        start = spans[0].start
        encoding = self._tokenizer.encode(text[start : spans[-1].end], add_special_tokens=False)
        starts = [offset[0] for offset in encoding.offsets]
        for window in pack_windows(starts, [Span(s.start - start, s.end - start) for s in spans]):
            for number, vector in self._window(encoding.ids[window.first : window.end], window):
                into[number] = vector

    def _window(self, ids: Sequence[int], window: Window) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Both halves of the vector of each segment of a window that has tokens, one after the other.

        One that stands alone in its window is the same in both, and pools the special tokens too, as the model was
        trained.
        """
        if not ids:
            return
        if window.alone:
            yield window.segments[0][0], np.tile(self._states([ids]).mean(axis=0), 2)
            return
        within = self._states([ids])[1:-1]
        apart = self._states([ids[first:end] for first, end in window.bounds])
        start = 0
        for (number, _, _), (first, end) in zip(window.segments, window.bounds, strict=True):
            size = end - first + 2
            if end > first:
                halves = within[first:end].mean(axis=0), apart[start : start + size].mean(axis=0)
                yield number, np.concatenate(halves)
            start += size

    def _states(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Token states of texts that don't see one another, with two special tokens each, one after the other."""
        ids = [[CLS, *text, SEP] for text in texts]
        row = np.array([[i for text in ids for i in text]], np.int64)
        positions = np.array([[p for text in ids for p in range(len(text))]], np.int64)
        numbers = np.array([[n for n, text in enumerate(ids) for _ in text]], np.int64)
        with self._lock:
            found = self._request.infer([row, positions, numbers])
            return np.array(found[self._request.model_outputs[0]][0])
