"""Runs of equal words, found in whole books by sampled k-grams: python -m benchmarks.exact [--json] [--limit N].

Runs of 8 to 40 words are taken from the books, a third of them at borders of sentences and a few at the ends of a book,
typed otherwise, and set between words of another book. Beside it, near-duplicate detection by MinHash (rensa) on
passages of the books: it is made for whole copies, and shows what that finds of a quotation.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.exact_words import BookWords, Output, planted
from benchmarks.shared import arguments, missing, read_lines, show
from provenance.adapters.faiss_index.kgram_file import KgramFile, KgramWriter
from provenance.fingerprints.crowded import sharing_places
from provenance.fingerprints.exact import PLACES_MAX
from provenance.fingerprints.sampling import RUN_WORDS_SURE, WINDOW_KGRAMS, kgrams_by_segment, sampled_kgrams
from provenance.fingerprints.segment import segment
from provenance.fingerprints.words import fold_words

OUTPUTS = 1_000
PASSAGE_WORDS = 340  # 450 tokens of English
PERMUTATIONS, PEER_SHINGLE_WORDS, PEER_THRESHOLD, PEER_BANDS = 128, 5, 0.5, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What was read and written, and what each step took."""

    words: list[BookWords]
    chars: int
    bytes: int
    kgrams: int
    cpu_s: dict[str, float]


def main(argv: Sequence[str] | None = None) -> None:
    """Run it."""
    args = arguments(__doc__, argv)
    corpus = args.data / "corpus" / "gutenberg" / "books.jsonl.gz"
    if missing(corpus):
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "kgrams.bin"
        books = _build(path, corpus, args.limit)
        outputs = planted(books.words, OUTPUTS, PASSAGE_WORDS, random.Random(7))
        figures = _figures(books, path) | _looked_up(outputs, KgramFile(path), books.words)
    figures |= _peer(outputs, books.words)
    if args.json:
        print(json.dumps(figures))
    else:
        show(f"{len(books.words)} books", ["figure"], {k: [v] for k, v in figures.items()})


def _build(path: Path, corpus: Path, limit: int) -> Books:
    words: list[BookWords] = []
    spent = dict.fromkeys(["fold", "cut", "sample", "write"], 0.0)
    chars = size = first = kgrams = 0
    with KgramWriter(path) as writer:
        for book in read_lines(corpus):
            text, at = book["text"], [time.process_time()]
            folded = fold_words(text)
            at.append(time.process_time())
            spans = segment(text)
            at.append(time.process_time())
            inside, hashes = kgrams_by_segment(folded, spans)
            at.append(time.process_time())
            writer.add(hashes, (inside + first).astype(np.uint32))
            at.append(time.process_time())
            for step, seconds in zip(spent, np.diff(at).tolist(), strict=True):
                spent[step] += seconds
            words.append(BookWords.of(folded, spans, first))
            chars, size, kgrams = chars + len(text), size + len(text.encode()), kgrams + len(hashes)
            first += len(spans)
            if len(words) == limit:
                break
        sorting = time.process_time()
    spent["write"] += time.process_time() - sorting
    return Books(words=words, chars=chars, bytes=size, kgrams=kgrams, cpu_s=spent)


def _figures(books: Books, path: Path) -> dict[str, float]:
    total = sum(len(b.folded) for b in books.words)
    return {
        "books": len(books.words),
        "chars": books.chars,
        "words": total,
        "density": books.kgrams / total,
        "bytes_ratio": path.stat().st_size / books.bytes,
        **{f"build_{step}_cpu_s": seconds for step, seconds in books.cpu_s.items()},
    }


def _looked_up(outputs: Sequence[Output], file: KgramFile, books: Sequence[BookWords]) -> dict[str, float]:
    whole, alone, found, crowded, segments = [], [], [], [], []
    for output in outputs:
        start = time.perf_counter()
        _, hashes = kgrams_by_segment(fold_words(output.text), segment(output.text))
        ready = time.perf_counter()
        shared = sharing_places(hashes, file.sharing)
        end = time.perf_counter()
        whole.append(end - start)
        alone.append(end - ready)
        segments.append(len({s for some in shared for s in some}))
        found.append(_finds(output, shared, books[output.book]))
        crowded.append(not found[-1] and any(len(some) >= PLACES_MAX for some in shared))
    return {
        "outputs": len(outputs),
        "recall": sum(found) / len(found),
        "recall_by_sentence_borders": _mean([f for f, o in zip(found, outputs, strict=True) if o.at_border]),
        "missed_beyond_places_max": sum(crowded),
        "lookup_ms": 1_000 * median(alone),
        "text_to_segments_ms": 1_000 * median(whole),
        "text_to_segments_ms_p99": 1_000 * float(np.quantile(whole, 0.99)),
        "segments_proposed": median(segments),
    }


def _finds(output: Output, shared: Sequence[Sequence[int]], book: BookWords) -> bool:
    """Whether every eight words of the run have a k-gram that is found where it stands in the book."""
    words = fold_words(output.text).folded
    places = sampled_kgrams(words)[0].tolist()
    there = output.place - output.at
    assert words[output.at : output.at + output.words] == book.folded[output.place : output.place + output.words]
    good = {p for p, some in zip(places, shared, strict=True) if _segment(book, p + there) in some}
    last = output.at + output.words - RUN_WORDS_SURE
    return all(good & {*range(at, at + WINDOW_KGRAMS)} for at in range(output.at, last + 1))


def _segment(book: BookWords, place: int) -> int:
    return int(book.segments[place]) if 0 <= place < len(book.segments) else -1


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / max(1, len(values))


def _peer(outputs: Sequence[Output], books: Sequence[BookWords]) -> dict[str, float]:
    try:
        import rensa
    except ImportError:
        print("the peer is left out: rensa isn't installed (pip install --no-deps rensa)")
        return {}
    start = time.process_time()
    lsh = rensa.RMinHashLSH(threshold=PEER_THRESHOLD, num_perm=PERMUTATIONS, num_bands=PEER_BANDS)
    keys: list[tuple[int, int]] = []
    for number, book in enumerate(books):
        for first in range(0, len(book.folded), PASSAGE_WORDS):
            lsh.insert(len(keys), _signature(rensa, book.folded[first : first + PASSAGE_WORDS]))
            keys.append((number, first))
    built = time.process_time() - start
    took, found = [], []
    for output in outputs:
        begun = time.perf_counter()
        near = lsh.query(_signature(rensa, fold_words(output.text).folded))
        took.append(time.perf_counter() - begun)
        held = range(output.place - PASSAGE_WORDS + 1, output.place + output.words)
        found.append(any(book == output.book and first in held for book, first in map(keys.__getitem__, near)))
    copies = random.Random(8).sample(range(len(keys)), min(OUTPUTS, len(keys)))
    whole = [copy in lsh.query(_signature(rensa, _passage(books, *keys[copy]))) for copy in copies]
    return {
        "peer_recall": _mean(found),
        "peer_recall_of_whole_passages": _mean(whole),
        "peer_text_to_passages_ms": 1_000 * median(took),
        "peer_build_cpu_s": built,
    }


def _passage(books: Sequence[BookWords], number: int, first: int) -> Sequence[str]:
    return books[number].folded[first : first + PASSAGE_WORDS]


def _signature(rensa: object, words: Sequence[str]) -> object:
    signature = rensa.RMinHash(num_perm=PERMUTATIONS, seed=42)  # type: ignore[attr-defined]  # no stub
    shingles = range(max(1, len(words) - PEER_SHINGLE_WORDS + 1))
    signature.update([" ".join(words[i : i + PEER_SHINGLE_WORDS]) for i in shingles])
    return signature


if __name__ == "__main__":
    main()
