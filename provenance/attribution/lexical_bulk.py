"""The telling words of all segments of a book at once, bit for bit what `content_words` says of each.

A book has few different words: each is stemmed, hashed and weighed once, and the rest is sorting.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from provenance.attribution.lexical import CONTENT, SIXTEENTHS, Rarity, content_words, stem
from provenance.fingerprints.exact import word_hash
from provenance.fingerprints.words import fold_words
from provenance.fingerprints.words_bulk import REMEMBERED_MAX, WordPlaces
from provenance.kernel.span import Span

_HASH_BITS = 32
_SIXTEENTHS_MAX = 255

# What is known of one word wherever it stands: its stem's hash, its rarity, whether it has a digit, whether it is a
# name where it isn't the first of its segment, and whether it folds to nothing.
_TOLD = np.dtype([("hash", "<u4"), ("sixteenths", "<u1"), ("digit", "?"), ("capital", "?"), ("empty", "?")])

# Distinct words of segments: the segment above the hash in ``key``.
_ROW = np.dtype([("key", "<u8"), ("sixteenths", "<u1"), ("name", "?")])


class Lexicon:
    """What is known of the words met so far. Belongs to one thread; remembers a bounded number of words."""

    def __init__(self, rarity: Rarity) -> None:
        self._rarity = rarity
        self._words = _Numbers(rarity)

    def content(
        self, text: str, spans: Sequence[Span], words: WordPlaces
    ) -> tuple[NDArray[np.void], NDArray[np.int64]]:
        """Records of `CONTENT` of all segments, one after the other, and how many each segment has.

        ``spans`` are the segments of ``text``, ascending and disjoint, and ``words`` stand where its words stand.
        """
        if len(self._words) > REMEMBERED_MAX:
            self._words = _Numbers(self._rarity)
        starts = np.fromiter((s.start for s in spans), np.int64, len(spans))
        ends = np.fromiter((s.end for s in spans), np.int64, len(spans))
        first = np.searchsorted(starts, words.starts, "right") - 1
        last = np.searchsorted(starts, words.ends - 1, "right") - 1
        whole = (first == last) & (first >= 0)
        whole[whole] = words.ends[whole] <= ends[first[whole]]
        torn = _torn(first[~whole], last[~whole], len(spans))
        numbers = np.fromiter(map(self._words.__getitem__, words.raw), np.int64, len(words.raw))
        kept = np.flatnonzero(whole)
        kept = kept[~torn[first[kept]]]
        rows = [_rows(first[kept], self._words.table()[numbers[kept]])]
        for number in np.flatnonzero(torn).tolist():
            part = spans[number].of(text)
            rows.append(_as_rows(number, content_words(part, fold_words(part), self._rarity)))
        return _distinct(np.concatenate(rows), len(spans))


class _Numbers(dict[str, int]):
    """A number for each word that was looked up, and what is known of it."""

    def __init__(self, rarity: Rarity) -> None:
        super().__init__()
        self._rarity = rarity
        self._told: list[tuple[int, int, bool, bool, bool]] = []
        self._table = np.empty(0, _TOLD)

    def __missing__(self, raw: str) -> int:
        folded = "".join(fold_words(raw).folded)
        self._told.append(self._tell(raw, folded) if folded else (0, 0, False, False, True))
        number = self[raw] = len(self)
        return number

    def _tell(self, raw: str, folded: str) -> tuple[int, int, bool, bool, bool]:
        key = word_hash(stem(folded)) & (1 << _HASH_BITS) - 1
        sixteenths = min(_SIXTEENTHS_MAX, round(self._rarity(folded) * SIXTEENTHS))
        return key, sixteenths, any(map(str.isdigit, folded)), len(folded) > 1 and raw[0].isupper(), False

    def table(self) -> NDArray[np.void]:
        """What is known of each number."""
        if len(self._table) < len(self):
            self._table = np.concatenate([self._table, np.array(self._told[len(self._table) :], _TOLD)])
        return self._table


def _torn(first: NDArray[np.int64], last: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Segments that were cut in the middle of a word: what stands in them has to be read as it stands."""
    torn = np.zeros(count, np.bool_)
    for start, end in zip(first.tolist(), last.tolist(), strict=True):
        torn[max(0, start) : end + 1] = True
    return torn


def _rows(segments: NDArray[np.int64], told: NDArray[np.void]) -> NDArray[np.void]:
    """One row a word that doesn't fold to nothing, in the order of the text."""
    visible = ~told["empty"]
    segments, told = segments[visible], told[visible]
    later = np.zeros(len(segments), np.bool_)  # isn't the first of its segment
    later[1:] = segments[1:] == segments[:-1]
    rows = np.empty(len(segments), _ROW)
    rows["key"] = segments.astype(np.uint64) << np.uint64(_HASH_BITS) | told["hash"]
    rows["sixteenths"] = told["sixteenths"]
    rows["name"] = told["digit"] | (later & told["capital"])
    return rows


def _as_rows(segment: int, records: NDArray[np.void]) -> NDArray[np.void]:
    rows = np.empty(len(records), _ROW)
    rows["key"] = np.uint64(segment << _HASH_BITS) | records["hash"].astype(np.uint64)
    rows["sixteenths"], rows["name"] = records["sixteenths"], records["name"]
    return rows


def _distinct(rows: NDArray[np.void], segments: int) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Each hash of a segment once, with its highest rarity, and named where it is anywhere in it."""
    order = np.argsort(rows["key"], kind="stable")
    keys = rows["key"][order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    records = np.empty(len(first), CONTENT)
    counts = np.bincount((keys[first] >> np.uint64(_HASH_BITS)).astype(np.int64), minlength=segments)
    if len(first):
        records["hash"] = (keys[first] & np.uint64((1 << _HASH_BITS) - 1)).astype(np.uint32)
        records["sixteenths"] = np.maximum.reduceat(rows["sixteenths"][order], first)
        records["name"] = np.logical_or.reduceat(rows["name"][order], first)
    return records, counts.astype(np.int64)
