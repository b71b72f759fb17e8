"""Pack the segments of a text into windows of tokens, so that each segment is encoded in its context ("late chunking").

Günther et al. 2024, arXiv 2409.04701: one forward pass over a window, then the token states are pooled by segment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provenance.kernel.span import Span

WINDOW_TOKENS = 254  # with the two special tokens: the 256 that the model was trained on
WINDOW_TOKENS_MAX = 510  # with the two special tokens: the positions that the model has


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Tokens ``first`` to ``end`` (excluded) of a text. ``segments`` holds (segment, first token, end token)."""

    first: int
    end: int
    segments: tuple[tuple[int, int, int], ...]

    @property
    def alone(self) -> bool:
        """Whether it holds one segment, which then is its own context."""
        return len(self.segments) == 1

    @property
    def bounds(self) -> list[tuple[int, int]]:
        """First and end token of each segment, counted from the window's first."""
        return [(first - self.first, max(first, end) - self.first) for _, first, end in self.segments]


def pack_windows(token_starts: Sequence[int], spans: Sequence[Span]) -> Iterator[Window]:
    """Windows of whole segments, greedily, of at most `WINDOW_TOKENS` tokens.

    ``token_starts`` are the tokens' first characters, ascending. A segment that is longer on its own stands alone and
    is cut at `WINDOW_TOKENS_MAX` tokens.
    """
    waiting: list[tuple[int, int, int]] = []
    for number, span in enumerate(spans):
        first, end = bisect_left(token_starts, span.start), bisect_left(token_starts, span.end)
        if waiting and end - waiting[0][1] > WINDOW_TOKENS:
            yield _window(waiting)
            waiting = []
        waiting.append((number, first, end))
    if waiting:
        yield _window(waiting)


def _window(segments: list[tuple[int, int, int]]) -> Window:
    first = segments[0][1]
    end = min(segments[-1][2], first + WINDOW_TOKENS_MAX)
    return Window(first=first, end=end, segments=tuple((n, a, min(b, end)) for n, a, b in segments))
