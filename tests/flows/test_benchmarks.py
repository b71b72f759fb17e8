"""What the benchmarks are made of: libraries of a size, outputs of a length, one table of all figures."""

import gzip
import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from benchmarks import reconciliation
from benchmarks.__main__ import flat
from benchmarks.latency_library import OUTPUT_CHARS, books, outputs
from provenance.fingerprints.segment import segment

SENTENCES = [f"On day {n} the keeper of light {n % 7} wrote down how high the water stood.\n\n" for n in range(60)]


def _lines(path: Path, lines: list[dict[str, Any]]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    texts = [
        "".join(SENTENCES[n:] + SENTENCES[:n]) + ("The end is far away from here. " * 12 + "\n\n") * 30
        for n in range(3)
    ]
    return _lines(
        tmp_path / "books.jsonl.gz",
        [{"source_id": f"book-{n}", "title": f"Book {n}", "author": "A", "text": text} for n, text in enumerate(texts)],
    )


def test_books_are_taken_until_there_are_enough_segments(corpus: Path) -> None:
    first = next(books(corpus, 1))
    enough = len(segment(first["text"]))
    assert [b["source_id"] for b in books(corpus, enough)] == ["book-0"]
    assert [b["source_id"] for b in books(corpus, enough + 1)] == ["book-0", "book-1"]


def test_past_the_last_book_come_copies_that_are_other_texts_of_the_same_length(corpus: Path) -> None:
    found = list(islice(books(corpus, 10**9), 7))
    assert [b["source_id"] for b in found[2:5]] == ["book-2", "book-0-copy-1", "book-1-copy-1"]
    assert len({b["text"] for b in found}) == 7
    original, copy = found[0]["text"], found[3]["text"]
    assert sorted(original.split()) == sorted(copy.split())
    assert list(books(corpus, 10**9))[3] == found[3]  # the same again


def test_outputs_are_as_many_and_about_as_long_as_is_asked(corpus: Path, tmp_path: Path) -> None:
    dev = _lines(tmp_path / "outputs.jsonl.gz", [{"text": f"Output {n}. " * 40} for n in range(20)])
    found = outputs(corpus, dev, 10)
    assert len(found) == 10
    assert all(OUTPUT_CHARS * 0.9 < len(text) <= OUTPUT_CHARS for text in found)
    assert all(("Output" in text) == (n % 2 == 0) for n, text in enumerate(found))
    assert outputs(corpus, dev, 0) == []


def test_figures_are_named_by_what_leads_to_them() -> None:
    figures = {"ours": {"share_tv": 0.03}, "seconds": 2, "rows": [{"segments": 1}]}
    assert list(flat(figures)) == [("ours share_tv", 0.03), ("seconds", 2)]
    assert list(flat("skipped: there is no data")) == [("", "skipped: there is no data")]


def test_the_reconciliation_finds_all_that_is_planted_and_says_so_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    reconciliation.main(["--json", "--limit", "3000"])
    figures = json.loads(capsys.readouterr().out)
    assert (figures["breaks_planted"], figures["kinds_planted"]) == (30, 25)
    assert (figures["ours"]["found"], figures["ours"]["false"]) == (30, 0)
    assert figures["sql_outer_join"]["found"] < 30
