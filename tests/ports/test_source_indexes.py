"""Both indexes, the snapshot on disk and the one in memory, answer the same of the same revisions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from provenance.attribution.passages import REGION_SEGMENTS, Candidates
from provenance.attribution.same_passage import PAGES_SEGMENTS
from provenance.fingerprints.crowded import FURTHER_MAX
from provenance.fingerprints.exact import PLACES_MAX
from provenance.fingerprints.sampling import sampled_kgrams
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity, Vectors
from provenance.fingerprints.words import fold_words
from provenance.kernel.span import Span
from provenance.services.memory_index import MemoryIndex, indexed_text, joined
from provenance.services.ports import SourceIndex
from provenance.services.records import IndexedRevision

from .snapshot_values import length, snapshot_folder

DIMENSIONS = 8


class DrawnVectors:
    """Implements the port `Encoder` with vectors that are drawn from the text, exact in any order of summing."""

    identity = EncoderIdentity(
        model="drawn",
        weights_sha256="aa",
        tokenizer_sha256="bb",
        precision="f16",
        pooling="none",
        segmenting="sentences-1",
        dimensions=DIMENSIONS,
    )

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        seeds = [sum(map(ord, s.of(text))) for s in spans]
        drawn = [np.random.default_rng(seed).integers(-4, 5, DIMENSIONS) / 8 for seed in seeds]
        return np.array(drawn, np.float32).reshape(len(spans), DIMENSIONS)


ENCODER = DrawnVectors()


def sentences(number: int, count: int) -> str:
    return " ".join(f"Sentence {i} of the text {number} says söme thing that is its own." for i in range(count))


TEXTS = {
    "long": sentences(1, 2 * REGION_SEGMENTS + 9),
    "short": "Too short.",
    "unspaced": "漢字" * 12 + "。" + "仮名🙂" * 12 + "。\n\n" + sentences(2, 5),
    "copy": sentences(1, 4),
    "dots": "...",
    "again": "\n\n".join(["It says the very same words again."] * (PLACES_MAX + 10)),
}


def in_memory(texts: dict[str, str]) -> SourceIndex:
    return MemoryIndex(
        [indexed_text(work, text, ENCODER, length) for work, text in texts.items()], ENCODER.identity.name
    )


def on_disk(texts: dict[str, str], folder: Path) -> SourceIndex:
    snapshots = snapshot_folder(folder)
    revisions = (
        IndexedRevision(work=work, revision=work, text=text, vectors=ENCODER.encode(text, segment(text)))
        for work, text in texts.items()
    )
    return snapshots.open(snapshots.build(revisions, ENCODER.identity).digest, ENCODER.identity.name)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> SourceIndex:
    return on_disk(TEXTS, tmp_path_factory.mktemp("snapshots"))


@pytest.fixture(params=["memory", "disk"])
def index(request: pytest.FixtureRequest) -> SourceIndex:
    return in_memory(TEXTS) if request.param == "memory" else request.getfixturevalue("disk")


SPANS = {work: segment(text) for work, text in TEXTS.items()}
FIRST = dict(zip(TEXTS, np.cumsum([0, *map(len, SPANS.values())]).tolist(), strict=False))
TOTAL = sum(map(len, SPANS.values()))
STORED = np.concatenate([ENCODER.encode(text, SPANS[work]) for work, text in TEXTS.items()])
QUERIES = np.concatenate([STORED[::7], np.random.default_rng(9).integers(-4, 5, (20, DIMENSIONS)) / 8]).astype(
    np.float32
)


def test_both_say_what_they_hold(index: SourceIndex) -> None:
    published = index.published
    assert (published.works, published.segments, published.encoder) == (len(TEXTS), TOTAL, ENCODER.identity.name)


@pytest.mark.parametrize("k", [1, 5, 16, TOTAL, TOTAL + 3])
def test_the_nearest_come_by_cosine_and_equals_by_ordinal(k: int, index: SourceIndex) -> None:
    cosine = QUERIES.astype(np.float64) @ STORED.astype(np.float64).T
    order = np.lexsort((np.tile(np.arange(TOTAL), (len(QUERIES), 1)), -cosine), axis=1)[:, :k]
    found = index.nearest(QUERIES, k)
    assert found.shape == (len(QUERIES), k)
    np.testing.assert_array_equal(found[:, : order.shape[1]], order)
    assert (found[:, TOTAL:] == -1).all()


def test_of_many_equally_near_the_first_are_named(index: SourceIndex) -> None:
    # More segments are alike than are asked for: which of them come must not depend on how they were searched.
    first = FIRST["again"]
    query = STORED[first : first + 1]
    assert (STORED[first : first + PLACES_MAX] == query).all()
    assert index.nearest(query, 16).tolist() == [list(range(first, first + 16))]


def test_no_query_has_no_answer(index: SourceIndex) -> None:
    assert index.nearest(QUERIES[:0], 4).shape == (0, 4)


def test_every_sampled_kgram_is_found_where_it_starts(index: SourceIndex, disk: SourceIndex) -> None:
    hashes = np.concatenate([sampled_kgrams(fold_words(text).folded)[1] for text in TEXTS.values()])
    found = [list(ordinals) for ordinals in index.sharing(hashes)]
    assert found == [list(ordinals) for ordinals in disk.sharing(hashes)]
    assert all(found)
    assert PLACES_MAX < max(map(len, found)) <= PLACES_MAX + FURTHER_MAX
    assert any({FIRST["long"], FIRST["copy"]} <= {*ordinals} and len(ordinals) < 9 for ordinals in found)
    _, strangers = sampled_kgrams("not one of these words stands in any of the works".split())
    assert [list(f) for f in index.sharing(strangers)] == [[]] * len(strangers)


def test_revisions_are_told_by_segment(index: SourceIndex) -> None:
    ordinals = {first: work for work, first in FIRST.items()}
    assert index.revisions(ordinals.keys()) == ordinals


@pytest.mark.parametrize(
    "ordinals", [{0}, {30}, {FIRST["short"]}, {FIRST["dots"], FIRST["again"] + 40}, set(range(TOTAL)), set()], ids=str
)
def test_candidates_are_the_same_to_the_bit(ordinals: set[int], index: SourceIndex, disk: SourceIndex) -> None:
    found, expected = index.candidates(ordinals), disk.candidates(ordinals)
    assert list(found.segments) == list(expected.segments)
    assert ordinals <= {s.ordinal for s in found.segments}
    np.testing.assert_array_equal(found.vectors, expected.vectors)
    for reach in (0, 1, REGION_SEGMENTS):
        words, others = (c.content.around(c.columns.ordinals, reach) for c in (found, expected))
        for part in ("ordinals", "texts", "bounds", "words"):
            np.testing.assert_array_equal(getattr(words, part), getattr(others, part))


def test_words_around_are_those_that_a_table_of_all_finds(index: SourceIndex) -> None:
    every = index.candidates(set(range(TOTAL))).content.around(np.arange(TOTAL), 0)
    for ordinals in ([0], [3, 4, 40], [FIRST["short"], FIRST["dots"] + 1], []):
        for reach in (0, 1, PAGES_SEGMENTS, REGION_SEGMENTS):
            some = np.array(ordinals, np.int64)
            found, expected = index.candidates({*ordinals}).content.around(some, reach), every.around(some, reach)
            for part in ("ordinals", "texts", "bounds", "words"):
                np.testing.assert_array_equal(getattr(found, part), getattr(expected, part))


def around(candidates: Candidates) -> list[int]:
    """The segments whose words are looked at."""
    ordinals = candidates.content.around(candidates.columns.ordinals, REGION_SEGMENTS).ordinals
    return [int(ordinal) for ordinal in ordinals]


def test_direct_neighbours_come_along_and_words_of_the_region_and_nothing_of_another_work(index: SourceIndex) -> None:
    first, size = FIRST["unspaced"], len(SPANS["unspaced"])
    found = index.candidates({first})
    assert [s.ordinal for s in found.segments] == [first, first + 1]
    assert around(found) == list(range(first, first + size))
    assert all(s.text == s.span.of(TEXTS[s.work]) for s in found.segments)
    middle = REGION_SEGMENTS + 4
    assert around(index.candidates({middle})) == list(range(middle - 1 - REGION_SEGMENTS, middle + 2 + REGION_SEGMENTS))


def test_words_are_kept_as_they_were_folded(index: SourceIndex) -> None:
    content = index.candidates({FIRST["short"]}).content
    assert sorted(content.around(np.array([FIRST["short"]]), 0).mass().tolist()) == [3.0, 5.0], "too and short"


def test_texts_that_are_joined_answer_as_one_longer_work() -> None:
    some = ["short", "unspaced", "copy"]
    parts = [indexed_text(work, TEXTS[work], ENCODER, length) for work in some]
    whole = "\n\n".join(TEXTS[work] for work in some)
    one, other = joined("all", parts), indexed_text("all", whole, ENCODER, length)
    assert one.text == other.text == whole
    assert list(one.spans) == list(other.spans)
    np.testing.assert_array_equal(one.vectors, other.vectors)
    assert [c.tolist() for c in one.content] == [c.tolist() for c in other.content]
    # Runs of words from one text into the next are nobody's: all others are found at the same places.
    assert set(zip(one.hashes.tolist(), one.places.tolist(), strict=True)) < set(
        zip(other.hashes.tolist(), other.places.tolist(), strict=True)
    )
