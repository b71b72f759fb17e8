"""A snapshot answers as plain arithmetic over the same vectors and words would, in one shard or in many.

Vectors here are small multiples of 1/16, so that every cosine is exact in 32 bits and ties are real ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.adapters.faiss_index.snapshot import FaissSnapshot
from provenance.fingerprints.exact import KGRAM_WORDS, PLACES_MAX, kgram_hashes
from provenance.fingerprints.sampling import sampled_kgrams
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity, Vectors
from provenance.fingerprints.words import fold_words
from provenance.kernel.span import Span
from provenance.services.records import IndexedRevision

from .snapshot_values import grown

DIMENSIONS = 8
ENCODER = EncoderIdentity(
    model="tiny",
    weights_sha256="aa",
    tokenizer_sha256="bb",
    precision="f16",
    pooling="mean",
    segmenting="sentences-1",
    dimensions=DIMENSIONS,
)


def vectors(seed: int, count: int) -> Vectors:
    return np.random.default_rng(seed).integers(-8, 9, (count, DIMENSIONS)).astype(np.float32) / 16


def revision(number: int, text: str) -> IndexedRevision:
    made = vectors(number, len(segment(text)))
    return IndexedRevision(work=f"work-{number}", revision=f"rev-{number}", text=text, vectors=made)


def sentences(number: int, count: int) -> str:
    return " ".join(f"Sentence {i} of the text {number} says söme thing that is its own." for i in range(count))


LIBRARY = [
    revision(0, sentences(0, 9)),
    revision(1, "Too short."),
    revision(2, "漢字" * 12 + "。" + "仮名🙂" * 12 + "。\n\n" + sentences(2, 5)),
    revision(3, sentences(0, 4)),
    revision(4, "..."),
    revision(5, sentences(5, 12)),
]
TOTAL = sum(len(r.vectors) for r in LIBRARY)
STORED = np.vstack([r.vectors for r in LIBRARY])
QUERIES = vectors(99, 40)


@pytest.fixture(params=[len(LIBRARY), 4, 1], ids=["one shard", "two shards", "a shard a work"])
def snapshot(request: pytest.FixtureRequest, tmp_path: Path) -> FaissSnapshot:
    return grown(tmp_path, LIBRARY, ENCODER, each=request.param)


def opened(root: Path, revisions: Sequence[IndexedRevision]) -> FaissSnapshot:
    return grown(root, revisions, ENCODER, each=len(revisions))


def brute_force(queries: NDArray[np.float32], k: int) -> list[list[int]]:
    scores = queries.astype(np.float64) @ STORED.astype(np.float64).T
    return [sorted(range(TOTAL), key=lambda o, row=row: (-row[o], o))[:k] for row in scores]  # type: ignore[misc]


@pytest.mark.parametrize(("each", "shards"), [(6, 1), (5, 2), (4, 2), (1, 6)])
def test_what_is_added_lies_in_a_shard_of_its_own(each: int, shards: int, tmp_path: Path) -> None:
    grown(tmp_path, LIBRARY, ENCODER, each=each)
    assert len(list(tmp_path.glob("shards/*/vectors*"))) == shards


@pytest.mark.parametrize("k", [1, 4, 16, TOTAL])
def test_the_nearest_are_those_of_brute_force_and_equals_come_by_ordinal(snapshot: FaissSnapshot, k: int) -> None:
    assert snapshot.nearest(QUERIES, k).tolist() == brute_force(QUERIES, k)


def test_equal_vectors_come_by_ordinal_also_where_more_are_equal_than_are_asked_for(tmp_path: Path) -> None:
    # Ordinals 0 to 299 are alike, save that 100 and 200 are nearer and 50 is farther.
    alike = np.zeros((300, DIMENSIONS), np.float32)
    alike[:, 0], alike[[100, 200], 0], alike[50, 0] = 0.5, 1.0, 0.25
    index = opened(tmp_path, [IndexedRevision(work="w", revision="r", text=sentences(1, 300), vectors=alike)])
    query = np.eye(1, DIMENSIONS, dtype=np.float32)
    assert index.nearest(query, 16).tolist() == [[100, 200, *range(14)]]
    assert index.nearest(query, 3).tolist() == [[100, 200, 0]]
    assert index.nearest(query, 299).tolist() == [[100, 200, *(o for o in range(300) if o not in (50, 100, 200))]]
    assert index.nearest(np.vstack([query, -query]), 2).tolist() == [[100, 200], [50, 0]]


def test_where_all_vectors_are_equal_the_first_are_the_nearest(tmp_path: Path) -> None:
    same = np.tile(vectors(1, 1), (200, 1))
    index = opened(tmp_path, [IndexedRevision(work="w", revision="r", text=sentences(1, 200), vectors=same)])
    assert index.nearest(np.vstack([same[0], -same[0]]), 16).tolist() == [list(range(16))] * 2


def test_places_without_a_segment_hold_minus_one(snapshot: FaissSnapshot) -> None:
    found = snapshot.nearest(QUERIES, TOTAL + 3)
    assert found.shape == (len(QUERIES), TOTAL + 3)
    assert found[:, :TOTAL].tolist() == brute_force(QUERIES, TOTAL)
    assert (found[:, TOTAL:] == -1).all()


def test_no_query_has_no_answer(snapshot: FaissSnapshot) -> None:
    assert snapshot.nearest(QUERIES[:0], 4).shape == (0, 4)


def test_a_query_has_one_answer_alone_in_company_and_from_several_threads(snapshot: FaissSnapshot) -> None:
    together = snapshot.nearest(QUERIES, 9).tolist()
    assert [snapshot.nearest(q[None], 9).tolist()[0] for q in QUERIES] == together
    with ThreadPoolExecutor(4) as pool:
        assert all(found.tolist() == together for found in pool.map(lambda _: snapshot.nearest(QUERIES, 9), range(16)))


def test_candidates_come_back_as_they_went_in(snapshot: FaissSnapshot) -> None:
    found = snapshot.candidates(set(range(TOTAL)))
    expected = [(r, span) for r in LIBRARY for span in segment(r.text)]
    assert [(s.ordinal, s.work, s.revision, s.span, s.text) for s in found.segments] == [
        (i, r.work, r.revision, span, span.of(r.text)) for i, (r, span) in enumerate(expected)
    ]
    np.testing.assert_array_equal(found.vectors, STORED)
    assert found.vectors.dtype == np.float32


def test_direct_neighbours_come_along_and_never_from_another_work(snapshot: FaissSnapshot) -> None:
    bounds = np.cumsum([0, *(len(r.vectors) for r in LIBRARY)]).tolist()
    assert bounds == [0, 9, 10, 17, 21, 22, 34]
    for ordinals, expected in [
        ({4}, [3, 4, 5]),
        ({0}, [0, 1]),
        ({8}, [7, 8]),
        ({9}, [9]),
        ({10}, [10, 11]),
        ({33}, [32, 33]),
        ({6, 4, 30}, [3, 4, 5, 6, 7, 29, 30, 31]),
        ({16, 17}, [15, 16, 17, 18]),
    ]:
        found = snapshot.candidates(ordinals)
        assert [s.ordinal for s in found.segments] == expected
        np.testing.assert_array_equal(found.vectors, STORED[expected])


def test_no_ordinals_are_no_candidates(snapshot: FaissSnapshot) -> None:
    found = snapshot.candidates(set())
    assert list(found.segments) == []
    assert found.vectors.shape == (0, DIMENSIONS)


def starts_by_hash(revisions: Sequence[IndexedRevision]) -> dict[int, set[int]]:
    """Ordinals of the segments where the sampled k-grams of each hash start, found by looking at every word."""
    found: dict[int, set[int]] = defaultdict(set)
    first = 0
    for r in revisions:
        words, spans = fold_words(r.text), segment(r.text)
        for place, value in zip(*(a.tolist() for a in sampled_kgrams(words.folded)), strict=True):
            start = words.starts[place]
            [inside] = [i for i, span in enumerate(spans) if span.start <= start < span.end]
            found[value].add(first + inside)
        first += len(spans)
    return found


def test_sharing_finds_every_sampled_kgram_where_it_starts(snapshot: FaissSnapshot) -> None:
    expected = starts_by_hash(LIBRARY)
    assert len(expected) > 40
    assert any(len(ordinals) > 1 for ordinals in expected.values())
    hashes = np.array(list(expected), np.uint64)
    assert [list(found) for found in snapshot.sharing(hashes)] == [sorted(found) for found in expected.values()]
    for value, ordinals in list(expected.items())[:20]:
        assert list(snapshot.sharing(np.array([value], np.uint64))[0]) == sorted(ordinals)


def test_a_kgram_that_nobody_has_is_shared_with_nobody(snapshot: FaissSnapshot) -> None:
    strangers = kgram_hashes("not one of these words stands in any of the works".split())
    edges = np.array([0, 2**63, 2**64 - 1], np.uint64)
    assert [list(f) for f in snapshot.sharing(np.concatenate([strangers, edges]))] == [[]] * (len(strangers) + 3)
    assert list(snapshot.sharing(np.empty(0, np.uint64))) == []


def test_a_kgram_may_begin_in_one_segment_and_end_in_the_next(tmp_path: Path) -> None:
    text = "The first sentence has eight words in it. The second one has eight words too."
    index = opened(tmp_path, [revision(1, text)])
    _, across = sampled_kgrams("eight words in it the second one has".split())
    assert [list(found) for found in index.sharing(across)] == [[0]]


def test_of_very_many_segments_with_a_kgram_the_first_64_are_named(tmp_path: Path) -> None:
    words = " ".join(f"word{i}" for i in range(KGRAM_WORDS))
    count = PLACES_MAX + 10
    index = opened(tmp_path, [revision(1, "\n\n".join([words] * count))])
    assert index.published.segments == count
    assert [list(f) for f in index.sharing(kgram_hashes(words.split()))] == [list(range(PLACES_MAX))]


def test_spans_are_those_of_the_revision_in_characters(snapshot: FaissSnapshot) -> None:
    kanji, mixed = snapshot.candidates({10, 11}).segments[:2]
    assert (kanji.span, mixed.span) == (Span(0, 25), Span(25, 62))
    assert mixed.text == "仮名🙂" * 12 + "。"
