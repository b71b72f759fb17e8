"""Texts as the network takes them: rows of tokens, each a window of segments with two special tokens around each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from provenance.adapters.encoders.windows import Window, pack_windows, token_spans
from provenance.kernel.span import Span

CLS, SEP = 101, 102

# A text is tokenised in stretches of about this many characters, so that a whole book is never held as tokens.
STRETCH_CHARS = 100_000

Integers = NDArray[np.int64]
Row = tuple[Integers, Integers, Integers]  # ids, positions and texts, 1 x tokens each


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A window as a row, its segments one after the other.

    ``segments`` are their numbers, ``starts`` the first token of each in the row, ``sizes`` their tokens with two
    special ones.
    """

    row: Row
    segments: list[int]
    starts: Integers
    sizes: Integers


class TokenRows:
    """Cuts texts into rows. Safe to use from several threads."""

    def __init__(self, tokenizer: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def tokens(self, text: str) -> int:
        """How many tokens the text has, without special ones."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def of(self, text: str, spans: Sequence[Span]) -> Iterator[Packed]:
        """The rows of the spans of ``text`` (ascending and disjoint) in which a token starts."""
        first = 0
        while first < len(spans):
            last = first + 1
            while last < len(spans) and spans[last].end - spans[first].start <= STRETCH_CHARS:
                last += 1
            start = spans[first].start
            encoding = self._tokenizer.encode(text[start : spans[last - 1].end], add_special_tokens=False)
            within = [Span(s.start - start, s.end - start) for s in spans[first:last]]
            starts, ids = [offset[0] for offset in encoding.offsets], encoding.ids
            for window in pack_windows(token_spans(starts, within)):
                yield _packed(window, ids, first)
            first = last


def _packed(window: Window, ids: Sequence[int], first: int) -> Packed:
    texts = [[CLS, *ids[s.first : s.end], SEP] for s in window]
    sizes = np.array([len(text) for text in texts], np.int64)
    starts = np.cumsum(sizes) - sizes
    numbers = np.repeat(np.arange(len(texts)), sizes)
    row = np.array([i for text in texts for i in text], np.int64)
    positions = np.arange(len(row)) - starts[numbers]
    return Packed(
        row=(row[None], positions[None], numbers[None]),
        segments=[first + s.segment for s in window],
        starts=starts,
        sizes=sizes,
    )
