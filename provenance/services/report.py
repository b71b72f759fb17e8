"""A creator's report: what it earned by work and by month, what is held for review, and each use down to the spans.

Shows nothing of others.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from provenance.attribution.decision import Match
from provenance.attribution.explain import explain_attribution
from provenance.kernel.errors import NotFound
from provenance.royalties.accrual import Accrual, WorkUse
from provenance.royalties.review import Review
from provenance.services.ports import Database, UnitOfWork
from provenance.services.records import EarningsLine, GenerationRecord, Page, Recorded, UseLine
from provenance.sources.licence import Licence
from provenance.sources.party import Party
from provenance.sources.withdrawal import Withdrawal
from provenance.sources.work import Work
from provenance.statements.period import Period
from provenance.workers.worker import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorReport:
    """Earnings of ``party`` in ``period``; each list of them adds up to ``totals``.

    ``held_for_review`` is what is held, at present, of uses of the period: by work, before claims split it.
    ``withdrawn`` names those works of both lists that were withdrawn: what they earned before is still theirs.
    """

    party: Party
    period: Period
    totals: Sequence[EarningsLine]
    by_work: Sequence[EarningsLine]
    by_month: Sequence[EarningsLine]
    held_for_review: Sequence[EarningsLine]
    withdrawn: Set[str]
    uses: Page[Recorded[UseLine]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedSpans:
    """One match with the words on both sides, the worker that made the part, and what the match rests on."""

    match: Match
    explanation: str
    part: int
    worker: Worker
    part_excerpt: str
    source_excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseDetail:
    """What one generation did with one work of the creator, and what its share rests on."""

    work: Work
    use: WorkUse
    confidence_ppm: int
    explanation: str
    licence: Licence | None
    matches: Sequence[MatchedSpans]
    review: Recorded[Review] | None = None
    withdrawal: Recorded[Withdrawal] | None = None

    @property
    def accruals(self) -> Sequence[Accrual]:
        """What the use earned all of its claimants, at once or by a later release."""
        return (*self.use.accruals, *(self.review.fact.released if self.review else ()))


def creator_report(database: Database, party: str, period: Period, *, uses_max: int) -> CreatorReport:
    """Raises `NotFound` where the party doesn't exist."""
    with database.begin() as work:
        found = work.parties.get(party)
        if found is None:
            raise NotFound(f"There is no party {party!r}.", mend="List the parties to see their ids.", party=party)
        by_work = work.earnings.by_work(party, period.since, period.until)
        held = work.earnings.held_for_review(party, period.since, period.until)
        return CreatorReport(
            party=found,
            period=period,
            totals=work.earnings.total(party, period.since, period.until),
            by_work=by_work,
            by_month=work.earnings.by_month(party, period.since, period.until),
            held_for_review=held,
            withdrawn=frozenset(work.works.withdrawn({line.key for line in (*by_work, *held)})),
            uses=work.earnings.uses(party, period.since, period.until, work=None, limit=uses_max),
        )


def use_details(database: Database, party: str, generation: str) -> Sequence[UseDetail]:
    """What a generation did with the party's own works, with spans and excerpts.

    Raises:
        NotFound: no such generation, or it used no work of this party: the two can't be told apart from outside.
    """
    with database.begin() as work:
        recorded = work.generations.get(generation)
        uses = recorded.fact.accrual.uses if recorded else ()
        mine = [u for u in uses if _concerns(work, u, party)]
        if recorded is None or not mine:
            raise NotFound(f"No generation {generation!r} used a work of yours.", generation=generation)
        return [_detail(work, recorded.fact, use) for use in mine]


def _concerns(work: UnitOfWork, use: WorkUse, party: str) -> bool:
    """Whether the party registered the work, or had a claim on it at that use; one that sold its claim sees no more."""
    entity = work.works.get(use.work)
    claims = {c.fact.id: c.fact.claims for c in work.rights.claims_of(use.work)}
    claimants = claims[use.claims_id].basis_points if use.claims_id in claims else {}
    return party in claimants or (entity is not None and entity.registrant == party)


def _detail(work: UnitOfWork, record: GenerationRecord, use: WorkUse) -> UseDetail:
    attribution = next(a for a in record.shares.attributions if a.work == use.work)
    entity = work.works.get(use.work)
    assert entity is not None, "an attributed work exists"
    licences = {r.fact.id: r.fact.licence for r in work.rights.licences_of(use.work)}
    texts = {r: work.works.text(r) or "" for r in {m.revision for _, m in attribution.matches}}
    explained = explain_attribution(attribution, [p.text for p in record.generation.parts])
    return UseDetail(
        work=entity,
        use=use,
        confidence_ppm=attribution.confidence_ppm,
        explanation=explained.share,
        licence=licences.get(use.licence_id) if use.licence_id else None,
        matches=[
            MatchedSpans(
                match=match,
                explanation=explanation,
                part=number,
                worker=record.generation.parts[number].worker,
                part_excerpt=match.part_span.of(record.generation.parts[number].text),
                source_excerpt=match.source_span.of(texts[match.revision]),
            )
            for (number, match), explanation in zip(attribution.matches, explained.matches, strict=True)
        ],
        review=next((r for r in work.reviews.of(record.generation.id) if r.fact.work == use.work), None),
        withdrawal=work.works.withdrawal_of(use.work),
    )
