"""A snapshot asked as of some moment answers as one that was built without what came later."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from provenance.adapters.faiss_index.snapshot import FaissSnapshot
from provenance.attribution.timely import Registered
from provenance.fingerprints.sampling import sampled_kgrams
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity, Vectors
from provenance.fingerprints.words import fold_words
from provenance.services import as_of
from provenance.services.as_of import IndexAsOf
from provenance.services.ports import SourceIndex
from provenance.services.records import IndexedRevision

from .snapshot_values import snapshot_folder

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
ORIGINAL = "The cow stood in the second pan. Nobody had seen it come down to the shore. It rained all of that day."


def near(count: int, distance: int, *, seed: int = 0) -> Vectors:
    """Vectors whose product with each other is the lower the larger ``distance`` is."""
    made = np.zeros((count, DIMENSIONS), np.float32)
    made[:, 0] = 1 - (distance + np.arange(count)) / 512
    made[:, 1] = np.random.default_rng(seed).integers(0, 8, count) / 4096
    return made


def work(name: str, text: str, distance: int) -> IndexedRevision:
    vectors = near(len(segment(text)), distance, seed=len(name))
    return IndexedRevision(work=name, revision=f"{name}-1", text=text, vectors=vectors)


def built(folder: Path, works: Sequence[IndexedRevision]) -> FaissSnapshot:
    snapshots = snapshot_folder(folder)
    return snapshots.open(snapshots.build(iter(works), ENCODER).digest, ENCODER.name)


def found(index: SourceIndex, k: int) -> list[list[tuple[str, int]]]:
    """What lies nearest to two vectors, by revision and place in it."""
    nearest = index.nearest(near(2, 0), k)
    by_ordinal = {s.ordinal: s for s in index.candidates({int(o) for o in nearest.ravel() if o >= 0}).segments}
    return [[(by_ordinal[o].revision, by_ordinal[o].span.start) for o in row if o >= 0] for row in nearest.tolist()]


def late(*revisions: str) -> Registered:
    return Registered(later=dict.fromkeys(revisions, ()), text={}.__getitem__)


THERE = [work(f"old{n}", f"{ORIGINAL} This is the work number {n} of them.", 100 + 7 * n) for n in range(6)]
LATER = [work(f"new{n}", f"{ORIGINAL} Copy {n} is made of the very same words.", n) for n in range(40)]
MIXED = [*THERE[:2], *LATER[:20], *THERE[2:], *LATER[20:]]
NOT_THERE = [w.revision for w in LATER]


@pytest.mark.parametrize("k", [1, 5, 16, 24, 60])
def test_the_nearest_are_those_of_an_index_without_what_came_later(tmp_path: Path, k: int) -> None:
    plain, mixed = built(tmp_path / "a", THERE), built(tmp_path / "b", MIXED)
    assert found(IndexAsOf(mixed, late(*NOT_THERE)), k) == found(plain, k)
    assert all(name.startswith("new") for row in found(mixed, min(k, 16)) for name, _ in row), "they would crowd it out"


def test_runs_of_words_and_candidates_are_of_what_was_there(tmp_path: Path) -> None:
    index = IndexAsOf(built(tmp_path, MIXED), late(*NOT_THERE))
    _, hashes = sampled_kgrams(fold_words(ORIGINAL).folded)
    sharing = [set(index.revisions(set(ordinals)).values()) for ordinals in index.sharing(hashes)]
    assert sharing
    assert all(revisions == {w.revision for w in THERE} for revisions in sharing)
    everything = index.candidates(set(range(index.published.segments)))
    assert {s.revision for s in everything.segments} == {w.revision for w in THERE}
    assert len(everything.segments) == len(everything.vectors) == sum(len(w.vectors) for w in THERE)


def test_where_nothing_came_later_nothing_changes(tmp_path: Path) -> None:
    index = built(tmp_path, MIXED)
    unchanged = IndexAsOf(index, late())
    np.testing.assert_array_equal(unchanged.nearest(near(2, 0), 9), index.nearest(near(2, 0), 9))
    assert unchanged.published == index.published


def test_where_all_came_later_nothing_is_found(tmp_path: Path) -> None:
    index = IndexAsOf(built(tmp_path, LATER), late(*NOT_THERE))
    assert (index.nearest(near(2, 0), 5) == -1).all()
    assert index.sharing(sampled_kgrams(fold_words(ORIGINAL).folded)[1])[0] == []
    assert not index.candidates({0, 1, 2}).segments
    assert index.nearest(near(0, 0), 5).shape == (0, 5)


def test_of_a_work_that_was_revised_since_the_passages_that_stood_before_are_found(tmp_path: Path) -> None:
    text = "Nobody had seen it come down to the shore. A new sentence that was added later on by its author."
    revised = IndexedRevision(work="old", revision="old-2", text=text, vectors=near(2, 3))
    index = built(tmp_path, [THERE[0], revised])
    then = Registered(later={"old-2": ["old-1"]}, text={"old-1": ORIGINAL}.__getitem__)
    as_then = IndexAsOf(index, then)
    added = len(THERE[0].vectors) + 1
    assert found(as_then, 1) == [[("old-2", 0)], [("old-2", 0)]]
    assert {int(o) for o in as_then.nearest(near(2, 0), 9).ravel()} == set(range(added)) | {-1}
    assert added not in {s.ordinal for s in as_then.candidates({added - 1, added}).segments}


def test_the_search_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_of, "NEAREST_SEARCHED_MAX", 32)
    asked: list[int] = []
    index = built(tmp_path, MIXED)
    nearest = index.nearest
    monkeypatch.setattr(index, "nearest", lambda vectors, k: (asked.append(k), nearest(vectors, k))[1])
    assert (IndexAsOf(index, late(*NOT_THERE)).nearest(near(2, 0), 5) == -1).all()
    assert asked == [5, 20, 32]
