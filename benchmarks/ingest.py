"""Reading to attributable, on real books: python -m benchmarks.ingest [--json] [--limit BOOKS] [--home FOLDER to keep].

The rate of the whole program, from its start to a published index, beside the encoder's own on the same texts, and
beside sentence-transformers' on the same sentences (``--peer-python``). The books are taken in rounds, in which each
has its turn, so that a machine that slows down slows all of them down.
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
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from benchmarks.shared import arguments, missing, read_lines, show
from provenance.adapters.encoders.weights import packaged_model
from provenance.bootstrap import System
from provenance.fingerprints.segment import segment

BOOKS = 25
ROUNDS = 2
TOKENISED_CHARS = 100_000
CHANGED_WORDS = re.compile(r"\b(?:the|and|was|very|said)\b")
PEER = Path(__file__).with_name("ingest_peer.py")

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
    books = [b for b, _ in zip(read_lines(corpus), range(args.limit or BOOKS), strict=False)]
    with tempfile.TemporaryDirectory() as scratch:
        home = known.home or Path(scratch) / "home"
        figures = _rates(Path(scratch), home, books, known.peer_python) | _recognised(home, books)
    if args.json:
        print(json.dumps(figures))
    else:
        show(f"{len(books)} books", ["figure"], {k: [v] for k, v in figures.items()})


def _rates(scratch: Path, home: Path, books: Sequence[Book], peer: Path | None) -> dict[str, float | None]:
    seconds: dict[str, float] = defaultdict(float)
    peak_mib = 0.0
    encoder = System().encoder
    for number in range(min(ROUNDS, len(books))):
        some = books[number::ROUNDS]
        took, used_mib = _ingest(scratch / "books.jsonl", home, some)
        peak_mib = max(peak_mib, used_mib)
        seconds["ours"] += took
        for book in some:
            spans = segment(book["text"])
            started = time.perf_counter()
            encoder.encode(book["text"], spans)
            seconds["encoder"] += time.perf_counter() - started
        if peer:
            seconds["peer"] += _peer(peer, some)
    if not peer:
        print("the peer is skipped: name a Python that has sentence-transformers with --peer-python", file=sys.stderr)
    tokens = _tokens(books)
    return {
        "books": len(books),
        "chars": sum(len(b["text"]) for b in books),
        "tokens": tokens,
        "seconds": seconds["ours"],
        "tokens_per_s": tokens / seconds["ours"],
        "encoder_tokens_per_s": tokens / seconds["encoder"],
        "peer_tokens_per_s": tokens / seconds["peer"] if peer else None,
        "ratio_to_encoder": seconds["encoder"] / seconds["ours"],
        "ratio_to_sentence_transformers": seconds["peer"] / seconds["ours"] if peer else None,
        "peak_mib": peak_mib,
    }


def _ingest(source: Path, home: Path, books: Sequence[Book]) -> tuple[float, float]:
    """Seconds of the whole program, from its start to its end, and its peak memory in MiB."""
    source.write_text("".join(json.dumps(b) + "\n" for b in books), encoding="utf-8")
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
    task = json.dumps({"model": str(model), "sentences": sentences})
    answer = subprocess.run([python, PEER], check=True, input=task, stdout=subprocess.PIPE, text=True)
    return float(json.loads(answer.stdout.splitlines()[-1])["seconds"])


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
