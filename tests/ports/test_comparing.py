"""New texts are compared with earlier ones, once, on both databases and a real snapshot; vectors come from a toy."""

import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provenance.adapters.faiss_index.folder import SnapshotFolder
from provenance.adapters.sql import SqlDatabase
from provenance.fingerprints.vector import EncoderIdentity, Vectors, unit
from provenance.fingerprints.words import fold_words
from provenance.kernel.span import Span
from provenance.services import compare
from provenance.services.ingest import ingest
from provenance.services.proposals import EARLIEST_MAX
from provenance.services.publish import Publication, publish
from provenance.sources.document import Document
from provenance.sources.overlap import Overlap, PassageKind
from provenance.sources.party import Party

from .snapshot_values import BACKGROUND
from .sql_story import AT

DIMENSIONS = 64
WORDS_A_WORK = 120
BOILERPLATE = "All tides are given as they were read at the harbour gauge, and no master may hold the office to them."
QUOTE = "nine goats went aboard the noon ferry at Hessary and nobody had bought them any ticket for it " * 2


class BagOfWords:
    """An encoder that counts words: a sentence with one word changed has nearly the same vector."""

    identity = EncoderIdentity(
        model="bag",
        weights_sha256="0" * 64,
        tokenizer_sha256="0" * 64,
        precision="fp32",
        pooling="sum",
        segmenting="sentences-1",
        dimensions=DIMENSIONS,
    )

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        rows = np.zeros((len(spans), DIMENSIONS), np.float32)
        for row, span in zip(rows, spans, strict=True):
            for word in fold_words(span.of(text)).folded:
                row[zlib.crc32(word.encode()) % DIMENSIONS] += 1
        return unit(rows).astype(np.float16).astype(np.float32)


class Library:
    """Registers texts and publishes; a clock that moves on by a second each time."""

    def __init__(self, database: SqlDatabase, folder: Path) -> None:
        self.database, self.snapshots, self.encoder = database, SnapshotFolder(folder, BACKGROUND), BagOfWords()
        self._at = AT

    def clock(self) -> Any:
        self._at += timedelta(seconds=1)
        return self._at

    def register(self, texts: Mapping[str, str]) -> None:
        made = [Document(origin=n, source_id=n, title=n, author="", text=t) for n, t in texts.items()]
        for done in ingest(made, Party(id="press", name="Press"), self.database, self.encoder, self.clock):
            assert done.error is None, done.error

    def publish(self, **options: Any) -> Publication:
        published = publish(self.database, self.snapshots, self.encoder, self.clock, **options)
        name = self.encoder.identity.name
        found = compare.compare_published(self.database, self.snapshots, name, lambda _: 5.0, self.clock)
        return replace(published, comparison=found)

    def add(self, **texts: str) -> list[Overlap]:
        self.register(texts)
        return list(self.publish().comparison.overlaps)

    def name(self, work: str) -> str:
        with self.database.begin() as unit_of_work:
            found = unit_of_work.works.get(work)
        assert found is not None
        return found.source_id

    def text(self, revision: str) -> str:
        with self.database.begin() as unit_of_work:
            return unit_of_work.works.text(revision) or ""

    def pairs(self) -> list[tuple[str, str]]:
        with self.database.begin() as unit_of_work:
            found = unit_of_work.overlaps.page(limit=1_000).items
        return [(self.name(r.fact.later.work), self.name(r.fact.earlier.work)) for r in found]


@pytest.fixture
def library(database: SqlDatabase, tmp_path: Path) -> Library:
    return Library(database, tmp_path / "snapshots")


def prose(seed: int, words: int = WORDS_A_WORK) -> str:
    """Sentences of ten made-up words, that no other seed has."""
    made = [f"w{seed}x{n}" for n in range(words)]
    return ". ".join(" ".join(made[n : n + 10]).capitalize() for n in range(0, words, 10)) + "."


def changed(text: str, every: int) -> str:
    """Every so many words another one, with the capital and the full stop that the word had."""

    def other(number: int, word: str) -> str:
        return f"{'C' if word[0].isupper() else 'c'}hanged{number}{'.' if word.endswith('.') else ''}"

    words = text.split(" ")
    return " ".join(other(n, w) if n % every == every // 2 else w for n, w in enumerate(words))


def test_unrelated_works_share_nothing(library: Library) -> None:
    assert library.add(a=prose(1), b=prose(2), c=prose(3)) == []
    assert library.publish().comparison == compare.NOTHING_COMPARED


def test_a_copy_with_every_twentieth_word_changed_is_a_near_duplicate(library: Library) -> None:
    assert library.add(original=prose(1), other=prose(2)) == []
    (found,) = library.add(copy=changed(prose(1), 20))
    assert (library.name(found.later.work), library.name(found.earlier.work)) == ("copy", "original")
    assert found.near_duplicate
    assert found.kind is PassageKind.EXACT
    assert min(found.later.covered_ppm, found.earlier.covered_ppm) > 700_000
    assert library.name(found.first) == "original"


def test_a_copy_without_eight_equal_words_in_a_row_is_found_by_its_vectors(library: Library) -> None:
    library.add(original=prose(1), other=prose(2))
    (found,) = library.add(copy=changed(prose(1), 8))
    assert found.kind is PassageKind.NEAR
    assert found.near_duplicate


def test_a_quotation_is_found_with_its_words_on_both_sides(library: Library) -> None:
    earlier, later = f"{prose(1)} {QUOTE}. {prose(2)}", f"{prose(3)}\n\n{QUOTE.upper()}\n\n{prose(4)}"
    library.add(original=earlier)
    (found,) = library.add(quoting=later)
    (passage,) = found.passages
    assert passage.earlier_span.of(earlier) == QUOTE.strip()
    assert passage.later_span.of(later) == QUOTE.upper().strip()
    assert passage.words == len(QUOTE.split()) == 36
    assert not found.near_duplicate
    assert found.later.shared_chars == len(QUOTE.strip())


def test_texts_that_come_together_are_compared_once_each_with_those_before(library: Library) -> None:
    library.add(a=prose(1), b=f"{prose(2)} {prose(1)}", c=f"{prose(3)} {prose(1)}")
    assert sorted(library.pairs()) == [("b", "a"), ("c", "a"), ("c", "b")]
    assert library.add(a=prose(1)) == []
    assert library.publish(rebuild=True).comparison.compared == 0


def test_a_run_that_was_killed_goes_on_where_it_was(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.register({"a": prose(1), "b": prose(1) + prose(2), "c": prose(1) + prose(3)})
    compared: list[str] = []
    whole: Callable[..., Any] = compare._compare

    def dying(work: Any, new: Any, *rest: Any) -> Any:
        compared.append(new.revision)
        if len(compared) == 3:
            raise KeyboardInterrupt
        return whole(work, new, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(compare, "_compare", dying)
        with pytest.raises(KeyboardInterrupt):
            library.publish()
    assert library.pairs() == [("b", "a")]
    after = library.publish()
    assert (after.built, after.comparison.compared, after.comparison.found) == (False, 1, 2)
    assert sorted(library.pairs()) == [("b", "a"), ("c", "a"), ("c", "b")]


def test_what_is_registered_while_an_index_is_built_is_compared_with_the_next_one(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.register({"a": prose(1)})
    library.publish()
    library.register({"b": prose(9)})
    add = SnapshotFolder.add

    def and_meanwhile(self: SnapshotFolder, *given: Any) -> Any:
        made = add(self, *given)
        library.register({"late": prose(2), "later": prose(2) + prose(3)})
        return made

    with monkeypatch.context() as patch:
        patch.setattr(SnapshotFolder, "add", and_meanwhile)
        assert library.publish().comparison.compared == 1
    assert library.publish().comparison.compared == 2
    assert library.pairs() == [("later", "late")]


def test_a_new_edition_does_not_lose_a_work_its_place(library: Library) -> None:
    library.add(original=prose(1))
    library.add(copy=prose(1) + prose(2))
    (found,) = library.add(original=f"{prose(1)} Second edition.")
    assert (library.name(found.later.work), library.name(found.earlier.work)) == ("original", "copy")
    assert library.name(found.first) == "original"
    assert library.text(found.later.held_from) == prose(1)


def test_an_old_edition_that_had_a_few_words_wins_it_no_place(library: Library) -> None:
    library.add(thief=f"{prose(2)} {prose(1, 20)}")
    library.add(original=prose(1))
    (found,) = library.add(thief=f"{prose(2)} {prose(1)}")
    assert library.name(found.later.work) == "thief"
    assert library.name(found.first) == "original"
    assert found.later.held_from == found.later.revision


def test_a_passage_of_sixty_works_is_told_of_in_bounds_and_soon(library: Library) -> None:
    works = {f"work-{n:02}": f"{prose(n)}\n\n{BOILERPLATE}" for n in range(60)}
    library.register(works)
    start = time.process_time()
    comparison = library.publish().comparison
    assert time.process_time() - start < 60
    assert comparison.compared == 60
    assert comparison.sharing == 59
    assert comparison.found <= 59 * 2 * EARLIEST_MAX
    assert comparison.near_duplicates == 0
    assert ("work-59", "work-00") in library.pairs()
    (found,) = [o for o in library.add(copy=f"{changed(prose(40), 20)}\n\n{BOILERPLATE}") if o.near_duplicate]
    assert library.name(found.earlier.work) == "work-40"


def test_an_anthology_is_told_of_every_work_in_it(library: Library) -> None:
    library.add(**{f"poem-{n}": prose(n, 40) for n in range(40)})
    found = library.add(anthology="\n\n".join(prose(n, 40) for n in range(40)))
    assert len(found) == 40
    assert all(o.near_duplicate for o in found)
    assert all(o.earlier.covered_ppm > 950_000 for o in found)


@pytest.mark.parametrize("text", ["Short.", "水" * 3_000, "ha " * 20_000, "…!?… — ***, ***; …!?… — ***"])
def test_odd_texts_are_compared_like_others(library: Library, text: str) -> None:
    assert library.add(odd=text, other=prose(1)) == []
    found = library.add(copy=f"{text} And so it ended, twice over.")
    assert len(found) == (len(fold_words(text)) >= 8)
