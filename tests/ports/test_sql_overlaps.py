"""Overlaps: recorded once, listed from either side, and which revisions are still to be compared."""

from dataclasses import replace
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import Conflict, NotFound
from provenance.kernel.span import Span


@pytest.fixture
def sources(database: SqlDatabase, story: Any) -> Any:
    """Everything but overlaps of its own: the story's one is between ``fee`` and ``share``."""
    with database.begin(write=True) as work:
        story.record_rights(work).record_overlap(work)
        work.commit()
    return story


def _page(database: SqlDatabase, **where: Any) -> list[Any]:
    with database.begin() as work:
        return [r.fact for r in work.overlaps.page(limit=10, **where).items]


def _record(database: SqlDatabase, overlap: Any, at: Any) -> None:
    with database.begin(write=True) as work:
        work.overlaps.add(overlap, at)
        work.commit()


def test_an_overlap_comes_back_as_it_went_in(database: SqlDatabase, sources: Any) -> None:
    assert _page(database) == [sources.overlap()]


def test_the_same_again_does_nothing_and_another_one_of_the_same_texts_is_a_conflict(
    database: SqlDatabase, sources: Any
) -> None:
    with database.begin(write=True) as work:
        before = work.log.size()
        work.overlaps.add(sources.overlap(), sources.at)
        assert work.log.size() == before
        with pytest.raises(Conflict):
            work.overlaps.add(sources.overlap(words=10), sources.at)
        with pytest.raises(Conflict):
            work.overlaps.add(sources.overlap("share", "fee"), sources.at)


def test_an_overlap_of_a_text_that_is_not_there_is_refused(database: SqlDatabase, sources: Any) -> None:
    unknown = sources.overlap("free", "share")
    unknown = replace(unknown, earlier=replace(unknown.earlier, held_from="rev_nowhere"))
    with pytest.raises(NotFound):
        _record(database, unknown, sources.at)


def test_overlaps_are_listed_from_either_side_and_in_pages(database: SqlDatabase, sources: Any) -> None:
    more = [sources.overlap("free", "fee"), sources.overlap("blocked", "free")]
    with database.begin(write=True) as work:
        for overlap in more:
            work.overlaps.add(overlap, sources.at)
        work.commit()
    names = {name: work.id for name, work in sources.works.items()}
    assert _page(database, work=names["fee"]) == [sources.overlap(), more[0]]
    assert _page(database, work=names["unlicensed"]) == []
    with database.begin() as work:
        first = work.overlaps.page(limit=2)
        assert first.next_after is not None
        rest = work.overlaps.page(after=first.next_after, limit=2)
    assert [r.fact for r in (*first.items, *rest.items)] == [sources.overlap(), *more]
    assert rest.next_after is None


def test_a_party_sees_what_concerns_works_that_it_registered_or_has_a_claim_on(
    database: SqlDatabase, sources: Any
) -> None:
    """``ann`` has a claim on ``share``, ``bob`` on ``fee`` too; the press registered all, the service none."""
    with database.begin(write=True) as work:
        work.overlaps.add(sources.overlap("free", "fee"), sources.at)
        work.commit()
    found = {party: len(_page(database, party=party)) for party in ("press", "ann", "bob", "bot")}
    assert found == {"press": 2, "ann": 1, "bob": 2, "bot": 0}


def test_what_was_compared_is_not_due_again(database: SqlDatabase, sources: Any) -> None:
    def due(until: int = 10**9, limit: int = 10, encoder: str = sources.encoder) -> list[str]:
        with database.begin() as work:
            return list(work.overlaps.due(encoder, until=until, limit=limit))

    left = [sources.revision(name).id for name in ("fee", "free", "blocked", "unlicensed", "careful")]
    assert due() == left
    assert due(limit=2) == left[:2]
    assert due(encoder="another-0") == []
    with database.begin() as work:
        (first,) = work.works.revisions(sources.works["fee"].id)
        assert due(until=first.seq) == left[:1]
        assert due(until=first.seq - 1) == []
        newest = work.works.newest_revision()
    assert due(until=newest) == left
    with database.begin(write=True) as work:
        for _ in range(2):
            work.overlaps.mark_compared(left[0], sources.snapshot.digest, sources.at)
        work.commit()
    assert due() == left[1:]


def test_a_text_that_was_replaced_is_not_due(database: SqlDatabase, sources: Any) -> None:
    with database.begin(write=True) as work:
        work.works.add_revision(
            sources.revision("fee", 2), sources.text("fee", 2), sources.encoder, sources.vectors(), sources.at
        )
        work.commit()
    with database.begin() as work:
        due = work.overlaps.due(sources.encoder, until=10**9, limit=10)
    assert sources.revision("fee", 2).id in due
    assert sources.revision("fee").id not in due


def test_an_excerpt_counts_characters_and_ends_with_the_text(database: SqlDatabase, sources: Any) -> None:
    text, revision = sources.text("fee"), sources.revision("fee").id
    with database.begin() as work:
        for span in (Span(0, 3), Span(len(text) - 2, len(text)), Span(len(text) - 1, len(text) + 50), Span(4, 4)):
            assert work.works.excerpt(revision, span) == span.of(text)
        assert work.works.excerpt("rev_nowhere", Span(0, 3)) == ""


def test_one_revision_comes_with_its_vectors(database: SqlDatabase, sources: Any) -> None:
    with database.begin() as work:
        all_of_them = {r.revision: r for r in work.works.indexed(sources.encoder)}
        one = work.works.indexed_revision(sources.revision("fee").id, sources.encoder)
        assert one is not None
        same = all_of_them[one.revision]
        assert (one.work, one.text, one.vectors.tolist()) == (same.work, same.text, same.vectors.tolist())
        assert work.works.indexed_revision(one.revision, "another-0") is None
