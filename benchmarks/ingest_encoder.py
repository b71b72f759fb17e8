"""Our encoder alone over whole books: what `benchmarks.ingest` holds ingestion to. Run by it, in a process of its own.

Reads the path of a file of JSON lines from its arguments, and prints the seconds as JSON; loading isn't counted.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import provenance.cli  # noqa: F401  says how many threads the libraries may have: the same as where works are ingested
from provenance.bootstrap import System
from provenance.fingerprints.segment import segment

WARM_UP_CHARS = 5_000


def main() -> None:
    """Encode all books, one after the other."""
    texts = [json.loads(line)["text"] for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    spans = [segment(text) for text in texts]
    encoder = System().encoder
    first = texts[0][:WARM_UP_CHARS]
    encoder.encode(first, segment(first))
    started = time.perf_counter()
    for text, cut in zip(texts, spans, strict=True):
        encoder.encode(text, cut)
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
