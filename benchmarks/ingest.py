"""Reading to attributable, on real books: python -m benchmarks.ingest [--json] [--limit BOOKS] [--home FOLDER to keep].

The rate of the whole program, from its start to a published index whose texts were compared, between two runs of the
encoder alone on the same texts, and before sentence-transformers on the same sentences (``--peer-python``). All have
the same cores, one after the other. By default as many books as come to `CHARS`: on two cores some four minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from benchmarks.shared import arguments, missing, read_lines, show
from provenance.adapters.encoders.weights import packaged_model
from provenance.bootstrap import System
from provenance.fingerprints.segment import segment

# Small shards have no coarse stage, the building of which is worth its while (and is spread) over far more texts.
CHARS = 1_400_000
TOKENISED_CHARS = 100_000
CHANGED_WORDS = re.compile(r"\b(?:the|and|was|very|said)\b")
PEER = Path(__file__).with_name("ingest_peer.py")
ENCODER = "benchmarks.ingest_encoder"

Book = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> None:
    """Run it."""
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--home", type=Path, help="an empty or new folder for the library; it stays")
    options.add_argument("--peer-python", type=Path, help="a Python that has sentence-transformers")
    known, rest = options.parse_known_args(argv)
    args = arguments(__doc__, rest)
    corpus = args.data / "corpus" / "gutenberg" / "books.jsonl.gz"
    if missing(corpus):
        return
    books = _books(corpus, args.limit)
    with tempfile.TemporaryDirectory() as scratch:
        home = known.home or Path(scratch) / "home"
        figures = _rates(Path(scratch), home, books, known.peer_python) | _recognised(home, books)
    if args.json:
        print(json.dumps(figures))
    else:
        show(f"{len(books)} books", ["figure"], {k: [v] for k, v in figures.items()})


def _books(corpus: Path, limit: int) -> list[Book]:
    """The first ``limit`` books; or as many as come to `CHARS`, the last one cut."""
    if limit:
        return list(islice(read_lines(corpus), limit))
    books: list[Book] = []
    left = CHARS
    for book in read_lines(corpus):
        books.append(book | {"text": book["text"][:left]})
        left -= len(books[-1]["text"])
        if left <= 0:
            break
    return books


def _rates(scratch: Path, home: Path, books: Sequence[Book], peer: Path | None) -> dict[str, float | None]:
    source = scratch / "books.jsonl"
    source.write_text("".join(json.dumps(b) + "\n" for b in books), encoding="utf-8")
    before = _seconds([sys.executable, "-m", ENCODER, str(source)])
    ours, peak_mib = _ingest(source, home)
    encoder = (before + _seconds([sys.executable, "-m", ENCODER, str(source)])) / 2
    theirs = _peer(peer, books) if peer else None
    if theirs is None:
        print("the peer is skipped: name a Python that has sentence-transformers with --peer-python", file=sys.stderr)
    tokens = _tokens(books)
    return {
        "books": len(books),
        "chars": sum(len(b["text"]) for b in books),
        "tokens": tokens,
        "seconds": ours,
        "tokens_per_s": tokens / ours,
        "encoder_tokens_per_s": tokens / encoder,
        "peer_tokens_per_s": tokens / theirs if theirs else None,
        "ratio_to_encoder": encoder / ours,
        "ratio_to_sentence_transformers": theirs / encoder if theirs else None,
        "whole_ratio_to_sentence_transformers": theirs / ours if theirs else None,
        "peak_mib": peak_mib,
    }


def _seconds(command: Sequence[str], task: str | None = None) -> float:
    """What a program says it took: the last line that it prints is JSON with its ``seconds``."""
    answer = subprocess.run(command, check=True, input=task, stdout=subprocess.PIPE, text=True)
    return float(json.loads(answer.stdout.splitlines()[-1])["seconds"])


def _ingest(source: Path, home: Path) -> tuple[float, float]:
    """Seconds of the whole program, from its start to its end, and its peak memory in MiB."""
    environment = os.environ | {"PROVENANCE_HOME": str(home)}
    command = [sys.executable, "-m", "provenance.cli", "ingest", str(source), "--json"]
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return seconds, used.ru_maxrss / 1024


def _peer(python: Path, books: Sequence[Book]) -> float:
    model = packaged_model().weights.parent
    sentences = [span.of(book["text"]) for book in books for span in segment(book["text"])]
    return _seconds([str(python), str(PEER)], json.dumps({"model": str(model), "sentences": sentences}))


def _tokens(books: Sequence[Book]) -> int:
    """How many tokens the texts have, as the encoder's tokenizer counts them."""
    tokenizer = Tokenizer.from_file(str(packaged_model().tokenizer))
    tokenizer.no_truncation()
    pieces = [b["text"][i : i + TOKENISED_CHARS] for b in books for i in range(0, len(b["text"]), TOKENISED_CHARS)]
    return sum(len(tokenizer.encode(piece, add_special_tokens=False).ids) for piece in pieces)


def _recognised(home: Path, books: Sequence[Book]) -> dict[str, float]:
    """Whether a paragraph of each book, some words changed, is given to that book and to the right place."""
    os.environ["PROVENANCE_HOME"] = str(home)
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
