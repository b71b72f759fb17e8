"""Whatever was added, revised, withdrawn and merged: a snapshot answers as one that is built at once of what stands."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.adapters.faiss_index.builder import Background
from provenance.adapters.faiss_index.folder import SnapshotFolder
from provenance.attribution.passages import REGION_SEGMENTS
from provenance.fingerprints.crowded import FURTHER_MAX
from provenance.fingerprints.exact import PLACES_MAX, kgram_hashes
from provenance.fingerprints.segment import segment
from provenance.fingerprints.vector import EncoderIdentity, Vectors
from provenance.fingerprints.words import fold_words
from provenance.kernel.span import Span
from provenance.services.ports import SourceIndex
from provenance.services.records import IndexedRevision

DIMENSIONS = 4
ENCODER = EncoderIdentity(
    model="tiny",
    weights_sha256="aa",
    tokenizer_sha256="bb",
    precision="f16",
    pooling="mean",
    segmenting="sentences-1",
    dimensions=DIMENSIONS,
)
REFRAIN = "Nine goats went aboard the noon ferry at Hessary and nobody had bought them any ticket."
Place = tuple[str, Span]


def text(seed: int, sentences: int) -> str:
    """Sentences of which some are in many texts, at many places."""
    return " ".join(
        REFRAIN if (seed + i) % 3 == 0 else f"Line {i} of {seed} has its own words." for i in range(sentences)
    )


@pytest.fixture(autouse=True, scope="module")
def _quick_disk() -> Iterator[None]:
    """Nothing here outlives the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@dataclass
class History:
    """A library as it comes to be, in a folder; merges are claimed and spliced apart, with whatever lies between."""

    folder: Path
    standing: dict[str, IndexedRevision] = field(default_factory=dict)
    revisions: dict[str, IndexedRevision] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.snapshots = SnapshotFolder(self.folder / "grown", Background(rarity=len, identity="length-1"))
        self.digest = self.snapshots.build(iter(()), ENCODER).digest

    def publish(self, new: Mapping[str, int], gone: set[str]) -> None:
        """Register or revise works, each of so many sentences, and withdraw others."""
        made = []
        for name, sentences in new.items():
            number = len(self.revisions)
            words = text(number, sentences)
            drawn = np.random.default_rng(number % 5).integers(-3, 4, (len(segment(words)), DIMENSIONS)) / 4
            revision = IndexedRevision(work=name, revision=f"r{number}", text=words, vectors=drawn.astype(np.float32))
            self.revisions[revision.revision] = revision
            self.standing.pop(name, None)  # the order is that in which texts were fixed
            self.standing[name] = revision
            made.append(revision)
        for name in gone - new.keys():
            self.standing.pop(name, None)
        self.digest = self.snapshots.add(self.digest, iter(made), gone - new.keys(), ENCODER).digest

    def merge(self, meanwhile: Sequence[tuple[Mapping[str, int], set[str]]]) -> bool:
        merge = self.snapshots.next_merge(self.digest, ENCODER)
        for new, gone in meanwhile[:1]:
            self.publish(new, gone)  # after it was claimed
        if merge is None:
            return False
        with merge:
            merge.build(self.revisions.get)
            for new, gone in meanwhile[1:]:
                self.publish(new, gone)
            spliced = merge.splice(self.digest)
        if spliced is None:
            assert meanwhile, "what was claimed can only have died meanwhile"
            return False
        self.digest = spliced.digest
        return True

    def grown(self) -> SourceIndex:
        return self.snapshots.open(self.digest, ENCODER.name)

    def fresh(self) -> SourceIndex:
        snapshots = SnapshotFolder(self.folder / "fresh", Background(rarity=len, identity="length-1"))
        return snapshots.open(snapshots.build(iter(self.standing.values()), ENCODER).digest, ENCODER.name)


class Told:
    """What an index says, by revision and span in place of ordinals."""

    def __init__(self, index: SourceIndex) -> None:
        self.index = index
        # Ordinals run past the number of segments that stand; there are few here.
        whole = index.candidates(set(range(600)))
        self.places: dict[int, Place] = {s.ordinal: (s.revision, s.span) for s in whole.segments}
        self.at = {place: ordinal for ordinal, place in self.places.items()}
        self.all = whole

    def nearest(self, queries: Vectors, k: int) -> list[list[Place | None]]:
        return [[self.places[o] if o >= 0 else None for o in row] for row in self.index.nearest(queries, k).tolist()]

    def sharing(self, words: str) -> list[list[Place]]:
        shared = self.index.sharing(kgram_hashes(fold_words(words).folded))
        assert all(list(some) == sorted(set(some)) and len(some) <= PLACES_MAX + FURTHER_MAX for some in shared)
        return [[self.places[o] for o in some] for some in shared]

    def candidates(self, places: Sequence[Place]) -> object:
        found = self.index.candidates({self.at[p] for p in places})
        content = found.content.around(found.columns.ordinals, REGION_SEGMENTS)
        words = [content.words[a:b].tolist() for a, b in zip(content.bounds[:-1], content.bounds[1:], strict=True)]
        texts = [self.index.revisions({o})[o] for o in content.ordinals.tolist()]
        assert len(set(zip(texts, content.texts.tolist(), strict=True))) == len(set(texts)), "a number a text"
        return (
            [(s.work, s.revision, s.span, s.text) for s in found.segments],
            found.vectors.tolist(),
            [self.places[o] for o in content.ordinals.tolist()],
            texts,
            words,
        )


def check_equal(history: History) -> None:
    grown, fresh = Told(history.grown()), Told(history.fresh())
    assert list(grown.places.values()) == list(fresh.places.values()), "the same segments in the same order"
    published = grown.index.published
    size = (len(history.standing), sum(len(r.vectors) for r in history.standing.values()))
    assert (
        (published.works, published.segments) == (fresh.index.published.works, fresh.index.published.segments) == size
    )
    queries = np.random.default_rng(1).integers(-3, 4, (6, DIMENSIONS)).astype(np.float32) / 4
    for k in (1, 16, 40):
        assert grown.nearest(queries, k) == fresh.nearest(queries, k)
    assert grown.sharing(REFRAIN + " Line 1 of 2 has its own words.") == fresh.sharing(
        REFRAIN + " Line 1 of 2 has its own words."
    )
    every = list(grown.at)
    for some in (every, every[::3], every[:1], []):
        assert grown.candidates(some) == fresh.candidates(some)
    of = grown.index.revisions(set(grown.places))
    assert of == {ordinal: revision for ordinal, (revision, _) in grown.places.items()}


NAMES = st.sampled_from("abcdefgh")
CHANGES = st.tuples(st.dictionaries(NAMES, st.integers(0, 9), max_size=3), st.sets(NAMES, max_size=3))
STEPS = st.lists(st.one_of(CHANGES, st.lists(CHANGES, max_size=2)), max_size=8)


@given(STEPS)
@example([({"a": 90}, set()), ({"b": 90}, set()), ({"a": 1}, {"b"}), ({"c": 99}, set())])
@example(
    [({"a": 9}, set()), ({"b": 9}, set()), ({"c": 9}, set()), ({"d": 9}, set()), [({"a": 2}, {"b"}), ({"c": 1}, set())]]
)
@example([({"a": 9}, set()), ({}, {"a"}), ({"b": 0}, set()), ({"a": 3, "b": 4}, set())])
def test_a_grown_snapshot_answers_as_one_that_is_built_at_once(
    steps: Sequence[tuple[Mapping[str, int], set[str]] | list[tuple[Mapping[str, int], set[str]]]],
) -> None:
    with TemporaryDirectory(prefix="provenance-") as folder:
        history = History(Path(folder))
        for step in steps:
            if isinstance(step, list):
                history.merge(step)
            else:
                history.publish(*step)
        check_equal(history)
        while history.merge([]):
            pass
        check_equal(history)
