"""Reading to attributable, on real books: python -m benchmarks.ingest [--json].

Our rate beside the encoder's own on the same text, and the peak memory of the process that ingests.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.shared import arguments, missing, read_lines, show
from provenance.bootstrap import System
from provenance.fingerprints.segment import segment

BOOKS = 25
SAMPLE_CHARS = 200_000
CHANGED_WORDS = re.compile(r"\b(?:the|and|was|very|said)\b")


def main(argv: Sequence[str] | None = None) -> None:
    """Run it."""
    args = arguments(__doc__, argv)
    corpus = args.data / "corpus" / "gutenberg" / "books.jsonl.gz"
    if missing(corpus):
        return
    books = [b for b, _ in zip(read_lines(corpus), range(args.limit or BOOKS), strict=False)]
    with tempfile.TemporaryDirectory() as scratch:
        figures = _ingest(Path(scratch), books) | _encoder_alone(books)
        figures["ratio_to_encoder"] = figures["chars_per_s"] / figures["encoder_chars_per_s"]
        figures |= _recognised(Path(scratch), books)
    if args.json:
        print(json.dumps(figures))
    else:
        show(f"{len(books)} books", ["figure"], {k: [v] for k, v in figures.items()})


def _ingest(scratch: Path, books: list[dict[str, Any]]) -> dict[str, float]:
    source = scratch / "books.jsonl"
    source.write_text("".join(json.dumps(b) + "\n" for b in books), encoding="utf-8")
    environment = os.environ | {"PROVENANCE_HOME": str(scratch / "home")}
    command = [sys.executable, "-m", "provenance.cli", "ingest", str(source), "--json"]
    start = time.perf_counter()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    chars = sum(len(b["text"]) for b in books)
    return {"books": len(books), "chars": chars, "seconds": seconds, "chars_per_s": chars / seconds,
            "peak_mib": peak_kib / 1024}  # fmt: skip


def _encoder_alone(books: list[dict[str, Any]]) -> dict[str, float]:
    text = books[0]["text"][:SAMPLE_CHARS]
    spans, encoder = segment(text), System().encoder
    start = time.perf_counter()
    encoder.encode(text, spans)
    return {"encoder_chars_per_s": len(text) / (time.perf_counter() - start)}


def _recognised(scratch: Path, books: list[dict[str, Any]]) -> dict[str, float]:
    """Whether a paragraph of each book, some words changed, is given to that book and to the right place."""
    os.environ["PROVENANCE_HOME"] = str(scratch / "home")
    system = System()
    attributor = system.attributor()
    right_book = right_place = tried = 0
    for book in books:
        start, paragraph = _middle_paragraph(book["text"])
        found = attributor.attribute(CHANGED_WORDS.sub("indeed", paragraph)).findings
        tried += 1
        if not found:
            continue
        best = max(found, key=lambda f: f.chars)
        with system.database.begin() as work:
            entity = work.works.get(best.work)
        right_book += entity is not None and entity.source_id == book["source_id"]
        inside = [start - 200 <= m.source_span.start <= start + len(paragraph) + 200 for m in best.matches]
        right_place += bool(inside) and sum(inside) > len(inside) / 2
    system.close()
    return {"paragraphs": tried, "right_book": right_book / tried, "right_place": right_place / tried}


def _middle_paragraph(text: str) -> tuple[int, str]:
    for found in re.finditer(r"\n\n(.{300,900}?)\n\n", text[len(text) // 2 :], re.DOTALL):
        if "\n\n" not in found.group(1):
            return len(text) // 2 + found.start(1), found.group(1)
    return len(text) // 2, text[len(text) // 2 :][:600]


if __name__ == "__main__":
    main()
