"""Pack the segments of a text into windows of tokens, so that each segment is encoded in its context ("late chunking").

Günther et al. 2024, arXiv 2409.04701: one forward pass over a window, then the token states are pooled by segment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provenance.kernel.span import Span

WINDOW_TOKENS = 254  # with two special tokens: the 256 that the model was trained on
SEGMENT_TOKENS_MAX = 510  # with the two special tokens: the positions that the model has


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSpan:
    """Tokens ``first`` to ``end`` (excluded) of a text: those of its segment ``segment``, at least one."""

    segment: int
    first: int
    end: int

    def __len__(self) -> int:
        return self.end - self.first


Window = tuple[TokenSpan, ...]


def token_spans(token_starts: Sequence[int], spans: Sequence[Span]) -> list[TokenSpan]:
    """The tokens of each segment in which one starts, at most `SEGMENT_TOKENS_MAX` of them.

    ``token_starts`` are the tokens' first characters, ascending; ``spans`` are ascending and disjoint.
    """
    found = []
    for number, span in enumerate(spans):
        first, end = bisect_left(token_starts, span.start), bisect_left(token_starts, span.end)
        if end > first:
            found.append(TokenSpan(segment=number, first=first, end=min(end, first + SEGMENT_TOKENS_MAX)))
    return found


def pack_windows(segments: Sequence[TokenSpan]) -> Iterator[Window]:
    """Windows of whole segments in their order, greedily, of at most `WINDOW_TOKENS` tokens each.

    The last two are of about one size: so no segment at a text's end lacks context, and both can be computed side by
    side in the same time. A segment that is longer on its own stands alone.
    """
    left = sum(map(len, segments))
    waiting: list[TokenSpan] = []
    tokens, enough = 0, _enough(left)
    for segment in segments:
        if waiting and (tokens >= enough or tokens + len(segment) > WINDOW_TOKENS):
            yield tuple(waiting)
            left -= tokens
            waiting, tokens, enough = [], 0, _enough(left)
        waiting.append(segment)
        tokens += len(segment)
    if waiting:
        yield tuple(waiting)


def _enough(left: int) -> int:
    """How many tokens a window has before the next begins, where so many are left."""
    return -(-left // 2) if WINDOW_TOKENS < left <= 2 * WINDOW_TOKENS else WINDOW_TOKENS
