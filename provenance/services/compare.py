"""Compare every text that is new in a snapshot with the earlier ones in it, and record what they share.

One revision, one database transaction, with a mark that it was compared: a run that is killed loses the one at hand,
and the next goes on. A revision is compared with those that were registered before it, so that each pair is looked at
once. What that costs grows with what is new and with what it shares; the index answers for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provenance.attribution.lexical import Rarity
from provenance.attribution.overlaps import METHOD, ComparedText, compared_text, held, is_overlap, shared_passages
from provenance.attribution.passages import Candidates
from provenance.fingerprints.segment import segment
from provenance.fingerprints.words import fold_words
from provenance.fingerprints.words_bulk import fold_book
from provenance.services.ports import Clock, Database, Snapshots, SourceIndex, UnitOfWork
from provenance.services.proposals import Proposal, propose
from provenance.services.records import IndexedRevision, Recorded
from provenance.sources.overlap import PASSAGES_MAX, FoundBy, Overlap, SharedPassage, Side, covered_chars, covered_ppm
from provenance.sources.work import Revision

DUE_AT_A_TIME = 100
SEGMENTS_AT_A_TIME = 4_096
REVISIONS_READ_MAX = 20
OVERLAPS_TOLD_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What one run found: how many texts it compared, and how many overlaps it recorded, with the first of them.

    ``sharing`` counts the texts that share something with earlier ones, ``near_duplicates`` the overlaps that are.
    """

    compared: int = 0
    sharing: int = 0
    found: int = 0
    near_duplicates: int = 0
    overlaps: tuple[Overlap, ...] = ()


NOTHING_COMPARED = Comparison()


def compare_new(database: Database, index: SourceIndex, rarity: Rarity, clock: Clock, *, until: int) -> Comparison:
    """Compare the revisions up to number ``until`` that nobody compared yet; all of them are in the snapshot."""
    compared, sharing, found, near_duplicates = 0, 0, 0, 0
    told: list[Overlap] = []
    for name in _due(database, index.published.encoder, until):
        with database.begin() as work:
            revision = work.works.indexed_revision(name, index.published.encoder)
            assert revision is not None, "what is due has its vectors"
            overlaps = _compare(work, revision, index, rarity)
        with database.begin(write=True) as work:
            at = clock()
            for overlap in overlaps:
                work.overlaps.add(overlap, at)
            work.overlaps.mark_compared(name, index.published.digest, at)
            work.commit()
        compared += 1
        sharing += bool(overlaps)
        found += len(overlaps)
        near_duplicates += sum(o.near_duplicate for o in overlaps)
        told += overlaps[: OVERLAPS_TOLD_MAX - len(told)]
    return Comparison(
        compared=compared, sharing=sharing, found=found, near_duplicates=near_duplicates, overlaps=tuple(told)
    )


def compare_published(
    database: Database, snapshots: Snapshots, encoder: str, rarity: Rarity, clock: Clock
) -> Comparison:
    """Compare what nobody compared yet of all that the current snapshot holds; one process at a time does."""
    with database.begin() as work:
        current = work.snapshots.current(encoder)
    if current is None:
        return NOTHING_COMPARED
    snapshot, state = current
    return compare_new(database, snapshots.open(snapshot.digest, encoder), rarity, clock, until=state.revisions)


def _due(database: Database, encoder: str, until: int) -> Iterator[str]:
    while True:
        with database.begin() as work:
            due = work.overlaps.due(encoder, until=until, limit=DUE_AT_A_TIME)
        yield from due
        if len(due) < DUE_AT_A_TIME:
            return


def _compare(work: UnitOfWork, new: IndexedRevision, index: SourceIndex, rarity: Rarity) -> list[Overlap]:
    mine = compared_text(new.text, segment(new.text), new.vectors)
    proposals = propose(new.work, new.revision, mine, index, rarity)
    recorded: dict[str, Recorded[Revision]] = {}
    for name in sorted({new.work, *(p.work for p in proposals)}):
        recorded |= {r.fact.id: r for r in work.works.revisions(name)}
    found = []
    for proposal in proposals:
        if recorded[proposal.revision].seq > recorded[new.revision].seq:
            continue  # the later of two is compared with the earlier one
        passages = _passages(mine, proposal, index, rarity)
        if is_overlap(passages):
            sides = (recorded[new.revision], recorded[proposal.revision])
            found.append(_overlap(work, mine, passages, sides, index))
    return found


def _passages(mine: ComparedText, proposal: Proposal, index: SourceIndex, rarity: Rarity) -> list[SharedPassage]:
    """What the text shares with one other revision, of which a bounded number of segments is in memory at a time."""
    passages: set[SharedPassage] = set()
    for start in range(0, len(proposal.ordinals), SEGMENTS_AT_A_TIME):
        some = proposal.ordinals[start : start + SEGMENTS_AT_A_TIME]
        theirs = _of_revision(index.candidates(set(some)), proposal.revision)
        inside = (proposal.place_ordinals >= some[0]) & (proposal.place_ordinals <= some[-1])
        places = proposal.places[inside].tolist()
        passages |= {*shared_passages(mine, places, proposal.segments, theirs, rarity)}
    return sorted(passages, key=lambda p: (p.later_span, p.earlier_span))


def _of_revision(candidates: Candidates, revision: str) -> Candidates:
    rows = [n for n, s in enumerate(candidates.segments) if s.revision == revision]
    segments = [candidates.segments[n] for n in rows]
    return Candidates(segments=segments, vectors=candidates.vectors[rows], content=candidates.content)


def _overlap(
    work: UnitOfWork,
    mine: ComparedText,
    passages: Sequence[SharedPassage],
    sides: tuple[Recorded[Revision], Recorded[Revision]],
    index: SourceIndex,
) -> Overlap:
    text = mine.text
    shared = [fold_words(p.later_span.of(text)).folded for p in passages]
    held_from = [_held_from(work, side, shared) for side in sides]
    chars = [covered_chars([p.later_span for p in passages]), covered_chars([p.earlier_span for p in passages])]
    made = [
        Side(
            work=side.fact.work,
            revision=side.fact.id,
            held_from=since.fact.id,
            shared_chars=n,
            covered_ppm=covered_ppm(n, side.fact.chars),
        )
        for side, since, n in zip(sides, held_from, chars, strict=True)
    ]
    longest = sorted(passages, key=lambda p: (-len(p.later_span), p.later_span, p.earlier_span))[:PASSAGES_MAX]
    first = min(held_from, key=lambda since: since.seq)
    published = index.published
    return Overlap(
        later=made[0],
        earlier=made[1],
        first=first.fact.work,
        passages=tuple(sorted(longest, key=lambda p: (p.later_span, p.earlier_span))),
        passages_found=len(passages),
        found_by=FoundBy(method=METHOD, encoder=published.encoder, snapshot=published.digest),
    )


def _held_from(work: UnitOfWork, revision: Recorded[Revision], shared: Sequence[Sequence[str]]) -> Recorded[Revision]:
    """The oldest revision of the work that had most of the shared words: a new edition doesn't lose a work its place.

    Nor does an old edition that had a few of them win it one.
    """
    earlier = [r for r in work.works.revisions(revision.fact.work) if r.fact.number < revision.fact.number]
    for old in earlier[:REVISIONS_READ_MAX]:
        if held(shared, fold_book(work.works.text(old.fact.id) or "").folded):
            return old
    return revision
