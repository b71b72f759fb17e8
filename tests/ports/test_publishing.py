"""Publishing, on both databases: what is new comes in, what was replaced or withdrawn goes, damage is mended."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.works import SqlWorks
from provenance.fingerprints.exact import kgram_hashes
from provenance.fingerprints.segment import segment
from provenance.fingerprints.words import fold_words
from provenance.services.merge import merge_next
from provenance.services.publish import clear, is_current, opened
from provenance.services.records import Page, Recorded
from provenance.sources.withdrawal import Withdrawal

from .sql_story import AT
from .test_comparing import BagOfWords, Library, prose


@pytest.fixture
def library(database: SqlDatabase, tmp_path: Path) -> Library:
    return Library(database, tmp_path / "snapshots")


def encoder(library: Library) -> str:
    return library.encoder.identity.name


def current(library: Library) -> dict[str, Any]:
    with library.database.begin() as work:
        found = work.snapshots.current(encoder(library))
    assert found is not None
    manifest = library.snapshots._root / "manifests" / f"{found[0].digest}.json"
    return {"digest": found[0].digest, **json.loads(manifest.read_text())}


def found(library: Library, text: str) -> set[str]:
    """The names of the works whose words and vectors the current snapshot finds for this text."""
    index = library.snapshots.open(current(library)["digest"], encoder(library))
    by_words = {o for some in index.sharing(kgram_hashes(fold_words(text).folded)) for o in some}
    near = index.nearest(library.encoder.encode(text, segment(text)), 200)
    exact = {s.work for s in index.candidates(by_words).segments}
    assert exact <= {s.work for s in index.candidates({int(o) for o in near.ravel() if o >= 0}).segments}
    return {library.name(work) for work in exact}


def merge(library: Library) -> bool:
    identity = library.encoder.identity
    return merge_next(library.database, library.snapshots, identity, library.clock, nullcontext)


def test_a_publication_builds_what_is_new_and_nothing_else(library: Library) -> None:
    library.register({"a": prose(1), "b": prose(2)})
    assert library.publish().built
    first = current(library)["shards"]
    library.register({"c": prose(3)})
    assert not is_current(library.database, encoder(library))
    assert library.publish().snapshot.works == 3
    assert is_current(library.database, encoder(library))
    assert current(library)["shards"][:1] == first
    assert [s["works"] for s in current(library)["shards"]] == [2, 1]
    assert not library.publish().built
    assert [found(library, prose(n)) for n in (1, 2, 3, 4)] == [{"a"}, {"b"}, {"c"}, set()]


def test_a_text_that_was_replaced_is_not_found_any_more(library: Library) -> None:
    library.add(a=prose(1), b=prose(2))
    library.add(a=prose(5))
    assert [found(library, prose(n)) for n in (1, 2, 5)] == [set(), {"b"}, {"a"}]
    assert (library.publish().snapshot.works, [s["dead"] for s in current(library)["shards"]]) == (2, [[0], []])
    library.add(b=prose(6))
    assert [s["works"] for s in current(library)["shards"]] == [1, 1], "of the first shard nothing stands any more"
    assert [found(library, prose(n)) for n in (2, 5, 6)] == [set(), {"a"}, {"b"}]


def test_a_withdrawn_work_is_not_found_any_more(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.add(a=prose(1), b=prose(2))
    with library.database.begin() as work:
        names = {w.fact.source_id: w.fact.id for w in work.works.page(limit=9).items}
    withdrawn: list[Recorded[Withdrawal]] = []

    def withdrawals(_: SqlWorks, *, after: int = 0, limit: int) -> Page[Recorded[Withdrawal]]:
        items = [w for w in withdrawn if w.seq > after][:limit]
        return Page(items=tuple(items), next_after=None)

    monkeypatch.setattr(SqlWorks, "withdrawals", withdrawals)
    taken_back = Withdrawal(work=names["a"], withdrawn_by="press")
    withdrawn.append(Recorded(seq=10**6, fact=taken_back, recorded_at=AT))
    assert not is_current(library.database, encoder(library))
    assert (library.publish().snapshot.works, is_current(library.database, encoder(library))) == (1, True)
    assert [found(library, prose(n)) for n in (1, 2)] == [set(), {"b"}]
    assert not library.publish().built


def test_merging_changes_no_answer_and_leaves_few_shards(library: Library) -> None:
    for n in range(9):
        library.add(**{f"w{n}": prose(n)})
    assert len(current(library)["shards"]) == 9
    assert merge(library)
    assert not merge(library)
    assert [s["works"] for s in current(library)["shards"]] == [9]
    assert [found(library, prose(n)) for n in range(9)] == [{f"w{n}"} for n in range(9)]
    assert is_current(library.database, encoder(library))


def test_what_a_merge_replaced_is_cleared_away_after_a_time_and_had_again_by_name(library: Library) -> None:
    digests = []
    for n in range(6):
        library.add(**{f"w{n}": prose(n)})
        digests.append(current(library)["digest"])
    library._at += timedelta(hours=2)
    merge(library)
    library.add(last=prose(7))
    clear(library.database, library.snapshots, encoder(library), library.clock)
    kept = {f.parent.name for f in library.snapshots._root.glob("shards/*/text.bin")}
    assert kept == {s["shard"] for s in current(library)["shards"]}
    again = Library(library.database, library.snapshots._root)
    index = opened(library.database, again.snapshots, digests[2], encoder(library))
    assert (index.published.digest, index.published.works) == (digests[2], 3)


@pytest.mark.parametrize("lost", ["text.bin", "shard.json", "manifest"])
def test_a_snapshot_that_was_damaged_is_restored_or_built_again(lost: str, library: Library) -> None:
    library.add(a=prose(1))
    library.add(b=prose(2))
    before, root = current(library), library.snapshots._root
    for file in root.glob("manifests/*" if lost == "manifest" else f"shards/*/{lost}"):
        file.unlink()
    again = Library(library.database, root)
    again._at = library._at
    published = again.publish()
    assert published.built == (lost != "text.bin")
    assert (current(again)["digest"] == before["digest"]) == (lost == "text.bin")
    assert [found(again, prose(n)) for n in (1, 2)] == [{"a"}, {"b"}]


def test_an_index_of_the_time_before_there_were_shards_is_built_again(library: Library) -> None:
    library.add(a=prose(1))
    root = library.snapshots._root
    digest = current(library)["digest"]
    shutil.rmtree(root)
    (root / digest).mkdir(parents=True)
    (root / digest / "manifest.json").write_text('{"format": "snapshot-2"}')
    assert library.publish().built
    assert found(library, prose(1)) == {"a"}
    assert not (root / digest).exists()


def test_texts_of_another_encoder_are_encoded_before_they_are_published(library: Library) -> None:
    library.add(a=prose(1))
    ours, other = library.encoder, BagOfWords()
    other.identity = replace(ours.identity, precision="other")
    library.encoder = other
    library.register({"b": prose(2)})
    library.encoder = ours
    library.register({"c": prose(3)})
    assert library.publish().snapshot.works == 3
    assert [found(library, prose(n)) for n in (1, 2, 3)] == [{"a"}, {"b"}, {"c"}]
