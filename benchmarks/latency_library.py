"""Libraries of a given number of segments, ingested by the program itself, and outputs to attribute against them."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from benchmarks.shared import read_lines
from provenance.fingerprints.segment import segment

OUTPUT_CHARS = 1_900  # about 450 tokens
PARAGRAPH_CHARS_MIN = 200
CHANGED_WORDS = re.compile(r"\b(?:the|and|was|very|said)\b")
COPIES_MAX = 20
DONE = "library.json"

Book = Mapping[str, Any]


def prepare(home: Path, corpus: Path, segments: int) -> int:
    """A library of at least ``segments`` segments at ``home``, made where it isn't there yet; how many it has."""
    return ingest(home, books(corpus, segments))


def ingest(home: Path, works: Iterable[Book]) -> int:
    """These works in a library at ``home``, made where it isn't there yet; how many segments it has."""
    done = home / DONE
    if not done.exists():
        home.mkdir(parents=True, exist_ok=True)
        source = home / "works.jsonl"
        with source.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(work) + "\n" for work in works)
        ingested = program(home, "ingest", str(source), "--json")
        source.unlink()
        # The last object that it prints: where there is progress to tell, that stands on standard error.
        done.write_text(json.dumps({"segments": json.loads(ingested)["index"]["segments"]}), encoding="utf-8")
    return int(json.loads(done.read_text(encoding="utf-8"))["segments"])


def program(home: Path, *args: str) -> str:
    """What a command of the program prints, in that home."""
    command = [sys.executable, "-m", "provenance.cli", *args]
    environment = os.environ | {"PROVENANCE_HOME": str(home)}
    return subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout


def books(corpus: Path, segments: int) -> Iterator[Book]:
    """Real books until they have so many segments.

    After the last one come all of them again with each sentence's words in another order, and so on: as long, as many,
    and other k-grams and vectors.
    """
    found = 0
    for copy in range(COPIES_MAX):
        for book in read_lines(corpus):
            text, kept = book["text"], book
            if copy:
                name = f"{book['source_id']}-copy-{copy}"
                text = stirred(text, random.Random(name))
                kept = book | {"source_id": name, "title": f"{book['title']} ({copy})", "text": text}
            yield kept
            found += len(segment(text))
            if found >= segments:
                return


def outputs(corpus: Path, dev: Path, count: int) -> list[str]:
    """Outputs of about 450 tokens: one that a model wrote, one of a book's paragraphs with words changed, in turn."""
    written = _of_length((line["text"] for line in read_lines(dev)), count)
    told = _of_length((CHANGED_WORDS.sub("indeed", p) for p in _paragraphs(corpus)), count)
    return [text for pair in islice(zip(cycle(written), cycle(told), strict=False), (count + 1) // 2) for text in pair]


def _of_length(texts: Iterator[str], count: int) -> list[str]:
    """Texts put together until each is long enough, and cut after a word."""
    found: list[str] = []
    collected = ""
    for text in texts:
        collected = f"{collected}\n\n{text}".strip()
        if len(collected) >= OUTPUT_CHARS:
            found.append(collected[:OUTPUT_CHARS].rsplit(" ", 1)[0])
            collected = ""
        if len(found) >= count:
            break
    return found


def _paragraphs(corpus: Path) -> Iterator[str]:
    """Paragraphs from the middle of each book in turn."""
    for book in cycle(islice(read_lines(corpus), 25)):
        text = book["text"]
        start = random.Random(text[:100]).randrange(len(text) // 4, len(text) * 3 // 4)
        paragraphs = (p.strip() for p in text[start:].split("\n\n"))
        yield from islice((p for p in paragraphs if len(p) >= PARAGRAPH_CHARS_MIN), 12)


def stirred(text: str, rng: random.Random) -> str:
    """The text with the words of each sentence in another order."""
    pieces: list[str] = []
    place = 0
    for span in segment(text):
        words = text[span.start : span.end].split()
        rng.shuffle(words)
        pieces += (text[place : span.start], " ".join(words))
        place = span.end
    return "".join((*pieces, text[place:]))


def sentences(text: str) -> Sequence[str]:
    """The segments of a text, for the peer."""
    return [text[s.start : s.end] for s in segment(text)]
