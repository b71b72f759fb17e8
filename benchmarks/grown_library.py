"""Fill a library up to a size without encoding: works whose texts are stirred, with vectors grown from the real ones.

python -m benchmarks.grown_library HOME SEGMENTS. The works that are registered at HOME already, encoded, are what is
grown from (see `benchmarks.grown`); texts come from the corpus, each sentence's words in another order. All of it goes
through the program's own services. A search finds such a library no easier than a real one, and it takes minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.grown import STEP_MAX, STEP_MIN, RealVectors, split
from benchmarks.latency_library import COPIES_MAX, stirred
from benchmarks.shared import DATA, read_lines
from provenance.bootstrap import System
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity, Vectors, unit
from provenance.kernel.span import Span
from provenance.services.ingest import ingest
from provenance.settings import Settings
from provenance.sources.document import Document
from provenance.sources.party import Party

REAL_MAX = 100_000
GROWER = Party(id="grown", name="Grown")


class GrownEncoder:
    """Implements the port `Encoder` with vectors that lie as real ones do: the same ones for the same text."""

    def __init__(self, identity: EncoderIdentity, real: RealVectors) -> None:
        self.identity, self._real = identity, real

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        """One vector for each span."""
        drawn = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]))
        start = self._real.rows[drawn.integers(len(self._real.rows), size=len(spans))].astype(np.float32)
        step = self._real.differences[drawn.integers(len(self._real.differences), size=len(spans))]
        size = drawn.uniform(STEP_MIN, STEP_MAX, (len(spans), 1)).astype(np.float32)
        return unit(start + size * step).astype(np.float16).astype(np.float32)

    def encode_many(self, texts: Sequence[tuple[str, Sequence[Span]]]) -> list[Vectors]:
        """`encode` for each."""
        return [self.encode(text, spans) for text, spans in texts]


def fill(home: Path, corpus: Path, segments: int) -> int:
    """Register grown works at ``home`` until it has so many segments, and publish them; how many it has then."""
    system = System(Settings(home=home, database_url=""))
    identity = system.encoder.identity
    with system.writing():
        found = _segments(system)
        encoder = GrownEncoder(identity, split(_real(system)))
        for document in stirred_works(corpus):
            if found >= segments:
                break
            found += sum(i.segments for i in ingest([document], GROWER, system.database, encoder, system.clock))
        published = system.publish().snapshot
    while system.merge():
        continue
    return published.segments


def stirred_works(corpus: Path) -> Iterator[Document]:
    """The books of the corpus again and again, with each sentence's words in another order each time."""
    for copy in range(1, COPIES_MAX):
        for book in read_lines(corpus):
            name = f"{book['source_id']}-grown-{copy}"
            text = stirred(book["text"], random.Random(name))
            yield Document(origin=name, source_id=name, title=f"{book['title']} ({copy})", author="", text=text)


def _segments(system: System) -> int:
    with system.database.begin() as work:
        return sum(len(segment(r.text)) for r in work.works.indexed(system.encoder.identity.name))


def _real(system: System) -> np.ndarray[tuple[int, ...], np.dtype[np.float16]]:
    rows: list[Vectors] = []
    with system.database.begin() as work:
        for revision in work.works.indexed(system.encoder.identity.name):
            rows.append(revision.vectors.astype(np.float16))
            if sum(map(len, rows)) >= REAL_MAX:
                break
    return np.concatenate(rows)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("segments", type=int)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with corpus/")
    args = parser.parse_args()
    print(fill(args.home, args.data / "corpus" / "gutenberg" / "books.jsonl.gz", args.segments))


if __name__ == "__main__":
    main()
