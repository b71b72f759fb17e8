"""The default encoder: all-MiniLM-L6-v2 on the CPU through OpenVINO, in eight bits, without torch.

A vector has two halves: the segment as its window shows it (late chunking), and the segment alone. Rewritten text is
best found by the first, a quotation in foreign text by the second. Windows go through the network one at a time on one
thread each, several side by side, so that a segment's vector never depends on what else is being encoded.
"""

from __future__ import annotations

import os
import queue
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
import openvino as ov
from safetensors.numpy import load_file

from provenance.adapters.encoders.bert_graph import BertShape, Floats, bert_model
from provenance.adapters.encoders.compiled_file import CompiledFolder, Hints, compiled
from provenance.adapters.encoders.ranges_file import shipped_ranges
from provenance.adapters.encoders.token_rows import Row, TokenRows
from provenance.adapters.encoders.weights import TOKENIZER_SHA256, WEIGHTS_SHA256, ModelFiles, checked_weights
from provenance.adapters.encoders.windows import WINDOW_TOKENS
from provenance.fingerprints.segment import SEGMENTING
from provenance.fingerprints.vector import EncoderIdentity, Vectors, unit
from provenance.kernel.span import Span


class OpenVinoEncoder:
    """Implements the port `Encoder`. Safe to call from several threads, whose windows share the processor.

    ``threads`` that compute (0: as many as there are cores) change how long it takes, and no bit of a vector.
    """

    def __init__(self, files: ModelFiles, *, threads: int = 0, kept: CompiledFolder | None = None) -> None:
        """The weights are read, and checked, where ``kept`` doesn't have the network that follows from them.

        Raises:
            ModelMissing, ModelAltered: the weights can't be read, or have another digest than the pinned one.
        """
        self._shape, self._ranges = BertShape(), shipped_ranges()
        self._rows = TokenRows(files.tokenizer)
        threads = threads or len(os.sched_getaffinity(0))
        hints = network_hints(threads)

        def build() -> ov.Model:
            return bert_model(load_file(checked_weights(files)), self._shape, self._ranges.linear)

        made_of = f"{WEIGHTS_SHA256}/{self._ranges.identity}"
        network = kept.compiled(build, made_of, hints) if kept else compiled(build(), hints)
        self._network = PooledNetwork(network, self._rows, threads=threads)

    @cached_property
    def identity(self) -> EncoderIdentity:
        """Pinned weights and tokenizer, eight bits over ranges that were observed, late chunking, sentences."""
        # Once: every request asks for it, and the digest of the ranges takes as long as a search.
        return EncoderIdentity(
            model="all-MiniLM-L6-v2",
            weights_sha256=WEIGHTS_SHA256,
            tokenizer_sha256=TOKENIZER_SHA256,
            precision=f"openvino-int8-{self._ranges.identity[:12]},stored-f16",
            pooling=f"late-chunking-{WINDOW_TOKENS}-from-{self._shape.layers_apart}-mean,alone-mean",
            segmenting=SEGMENTING,
            dimensions=2 * self._shape.hidden,
        )

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        """One unit vector for each span of ``text`` (spans ascending and disjoint): shape (len(spans), 768).

        A span where no token starts (invisible characters, the rest of a word that was cut) has a vector of zeros:
        it is like nothing.
        """
        return self.encode_many([(text, spans)])[0]

    def encode_many(self, texts: Sequence[tuple[str, Sequence[Span]]]) -> list[Vectors]:
        """`encode` for each of several texts, with their windows side by side."""
        return [_rounded(views) for views in self._network.views_of(texts)]

    def tokens(self, text: str) -> int:
        """How many tokens the text has, without special ones."""
        return self._rows.tokens(text)


def network_hints(threads: int) -> Hints:
    """How a network is compiled, to be computed by so many threads."""
    return {
        "INFERENCE_PRECISION_HINT": "f32",  # of what isn't in eight bits
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": threads,
    }


def _rounded(views: Floats) -> Vectors:
    """Both views of each segment (segments x 2 x dimensions) as one vector of equal halves.

    What is stored is half precision; what is searched with must have been rounded the same way.
    """
    segments, count, hidden = views.shape
    halves = unit(views.reshape(-1, hidden)).reshape(segments, count * hidden)
    return unit(halves).astype(np.float16).astype(np.float32)


class PooledNetwork:
    """The compiled network, a stream of one thread for each core, shared by all callers; pools tokens by segment."""

    def __init__(self, network: ov.CompiledModel, rows: TokenRows, *, threads: int) -> None:
        self._rows = rows
        self._compiled = network
        self._hidden = int(self._compiled.outputs[0].partial_shape[-1].get_length())
        self._idle: queue.SimpleQueue[ov.InferRequest] = queue.SimpleQueue()
        for _ in range(threads):
            self._idle.put(self._compiled.create_infer_request())

    def views(self, text: str, spans: Sequence[Span]) -> Floats:
        """The mean token states of each span in both views: shape (len(spans), 2, hidden)."""
        return self.views_of([(text, spans)])[0]

    def views_of(self, texts: Sequence[tuple[str, Sequence[Span]]]) -> list[Floats]:
        """`views` of each of several texts."""
        pooled = [np.zeros((len(spans), 2, self._hidden), np.float32) for _, spans in texts]
        packed = [(place, row) for place, (text, spans) in enumerate(texts) for row in self._rows.of(text, spans)]
        for (place, found), views in zip(packed, self._states(found.row for _, found in packed), strict=True):
            for view, states in enumerate(views):
                sums = np.add.reduceat(states, found.starts, axis=0)
                pooled[place][found.segments, view] = sums / found.sizes[:, None].astype(np.float32)
        return pooled

    def _states(self, rows: Iterable[Row]) -> Iterator[tuple[Floats, Floats]]:
        """Token states of both views for each row, in their order; rows that wait are computed side by side."""
        running: deque[ov.InferRequest] = deque()
        try:
            for row in rows:
                while (request := self._free(wait=not running)) is None:
                    # Whoever holds a request never waits for another: so callers can't wait for one another.
                    yield self._finished(running.popleft())
                request.start_async(list(row))
                running.append(request)
            while running:
                yield self._finished(running.popleft())
        finally:
            for request in running:
                request.wait()
                self._idle.put(request)

    def _free(self, *, wait: bool) -> ov.InferRequest | None:
        try:
            return self._idle.get(block=wait)
        except queue.Empty:
            return None

    def _finished(self, request: ov.InferRequest) -> tuple[Floats, Floats]:
        try:
            request.wait()
            together, alone = (np.array(request.get_output_tensor(view).data[0]) for view in range(2))
        finally:
            self._idle.put(request)
        return together, alone
