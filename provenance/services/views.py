"""Records as plain JSON objects for programs: what the API answers and what ``--json`` prints, in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from provenance.attribution.decision import Match
from provenance.attribution.explain import explain_attribution, explain_unattributed
from provenance.attribution.shares import Attribution
from provenance.kernel.errors import NotFound
from provenance.kernel.money import format_micros
from provenance.kernel.parts import WHOLE_PPM
from provenance.ledger.balance import TrialBalance
from provenance.royalties.accrual import Outcome, WorkUse
from provenance.royalties.review import Review
from provenance.royalties.standing import NOTHING_BEFORE
from provenance.royalties.terms import explain
from provenance.services.amounts import money_view, share_view, threshold_view
from provenance.services.facts import utc
from provenance.services.ports import Database, UnitOfWork
from provenance.services.records import EarningsLine, GenerationRecord, Recorded, UseLine
from provenance.services.report import CreatorReport, MatchedSpans, UseDetail
from provenance.services.review_views import resolution_view
from provenance.services.withdraw import withdrawal_view
from provenance.sources.licence import FreeWithCredit, Licence
from provenance.sources.terms_text import terms_mapping
from provenance.sources.withdrawal import Withdrawal
from provenance.sources.work import Work
from provenance.workers.worker import Worker

View = dict[str, Any]

FLAGS = {
    Outcome.BLOCKED: "The rights holder does not allow this use. Nothing is paid for it; don't publish the output.",
    Outcome.UNLICENSED: "The work has no licence for this use. Its part of the royalty pool is held.",
    Outcome.UNCLAIMED: "Nobody has claimed the work yet. Its royalty is held.",
    Outcome.REVIEW: "Not sure enough for the risk that the licence states. The royalty is held for review.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    works: Mapping[str, Work]
    licences: Mapping[str, Licence]
    reviews: Mapping[str, Recorded[Review]]


def load_generation(database: Database, generation: str, *, service: str | None = None) -> View:
    """A generation by our id, as `generation_view` shows it.

    Raises:
        NotFound: there is none, or it is another service's and ``service`` is given.
    """
    with database.begin() as work:
        recorded = work.generations.get(generation)
        if recorded is None or service not in (None, recorded.fact.generation.service):
            raise NotFound(f"There is no generation {generation!r}.", mend="Use the id that POST answered.")
        return generation_view(work, recorded)


def generation_view(work: UnitOfWork, recorded: Recorded[GenerationRecord]) -> View:
    """A generation with its decision and money, works by title, licences by terms; texts are left out."""
    record, named = recorded.fact, _named(work, recorded.fact)
    generation = record.generation
    texts = [p.text for p in generation.parts]
    by_work = {a.work: a for a in record.shares.attributions}
    return {
        "id": generation.id,
        "external_id": generation.external_id,
        "service": generation.service,
        "recorded_at": utc(recorded.recorded_at),
        "price": money_view(generation.price),
        "territory": generation.territory,
        "purpose": generation.purpose,
        "made_at": utc(generation.made_at) if generation.made_at else None,
        "prompt_chars": len(generation.prompt) if generation.prompt else None,
        "parts": [{"worker": worker_view(p.worker), "chars": len(p.text)} for p in generation.parts],
        "attributions": [_attribution_view(by_work[u.work], u, named, texts) for u in record.accrual.uses],
        "unattributed": {
            "share": share_view(record.shares.unattributed_ppb),
            "share_ppb": record.shares.unattributed_ppb,
            "explanation": explain_unattributed(record.shares.unattributed_ppb),
            "pooled": money_view(record.accrual.unattributed),
        },
        "flags": [
            {"work": u.work, "outcome": u.outcome.value, "message": FLAGS[u.outcome]}
            for u in record.accrual.uses
            if u.outcome in FLAGS and u.work not in named.reviews
        ],
        "decided_by": {
            "encoder": record.decided_by.encoder,
            "snapshot": record.decided_by.snapshot,
            "calibration": record.decided_by.calibration,
        },
        "transaction": record.transaction,
    }


def _named(work: UnitOfWork, record: GenerationRecord) -> _Named:
    works = {a.work for a in record.shares.attributions}
    licences = work.rights.licences({u.licence_id for u in record.accrual.uses if u.licence_id})
    held = any(u.outcome is Outcome.REVIEW for u in record.accrual.uses)
    reviews = {r.fact.work: r for r in work.reviews.of(record.generation.id)} if held else {}
    return _Named(works=work.works.many(works), licences=licences, reviews=reviews)


def _attribution_view(attribution: Attribution, use: WorkUse, named: _Named, texts: Sequence[str]) -> View:
    explained = explain_attribution(attribution, texts)
    work = named.works[attribution.work]
    licence = named.licences.get(use.licence_id) if use.licence_id else None
    return {
        "work": work_view(work),
        "share": share_view(attribution.share_ppb),
        "share_ppb": attribution.share_ppb,
        "confidence": attribution.confidence_ppm / WHOLE_PPM,
        "explanation": explained.share,
        **_use_fields(use, licence, named.reviews.get(use.work)),
        "accruals": [{"party": a.party, "basis_points": a.basis_points, **money_view(a.money)} for a in use.accruals],
        "matches": [
            {"part": number, **match_view(match), "explanation": explanation}
            for (number, match), explanation in zip(attribution.matches, explained.matches, strict=True)
        ],
    }


def _use_fields(use: WorkUse, licence: Licence | None, review: Recorded[Review] | None) -> View:
    return {
        "outcome": use.outcome.value,
        "licence": use.licence_id,
        "terms": terms_mapping(licence.terms) if licence else None,
        "credit": licence.terms.credit if licence and isinstance(licence.terms, FreeWithCredit) else None,
        "price_part": money_view(use.price_part),
        "royalty": money_view(use.royalty) if use.royalty else None,
        "royalty_explanation": _royalty_explained(use, licence),
        "held": money_view(use.held) if use.held else None,
        "risk_basis_points_max": licence.risk_basis_points_max if licence else None,
        "threshold": threshold_view(use.threshold_ppm),
        "review": resolution_view(review) if review else None,
    }


def _royalty_explained(use: WorkUse, licence: Licence | None) -> str | None:
    """Rule, inputs, tier, minimum and cap in a sentence; None where the licence owes nothing for the use."""
    if licence is None or use.outcome not in (Outcome.PAID, Outcome.REVIEW, Outcome.UNCLAIMED):
        return None
    explained = explain(licence.terms, use.price_part, use.standing or NOTHING_BEFORE)
    return explained.sentence() if explained else None


def match_view(match: Match) -> View:
    """A match with its spans and scores (0 to 1)."""
    return {
        "part_span": [match.part_span.start, match.part_span.end],
        "revision": match.revision,
        "source_span": [match.source_span.start, match.source_span.end],
        "kind": match.kind.value,
        "scores": {
            "probability": match.probability_ppm / WHOLE_PPM,
            "dense": match.dense_ppm / WHOLE_PPM,
            "lexical": match.lexical_ppm / WHOLE_PPM,
            "run_words": match.run_words,
        },
    }


def work_view(work: Work) -> View:
    """A work without its text."""
    return {
        "id": work.id,
        "registrant": work.registrant,
        "source_id": work.source_id,
        "title": work.title,
        "author": work.author,
    }


def standing_view(work: Work, withdrawal: Recorded[Withdrawal] | None) -> View:
    """A work without its text, and whether it was withdrawn."""
    return {**work_view(work), "withdrawal": withdrawal_view(withdrawal) if withdrawal else None}


def worker_view(worker: Worker) -> View:
    """Who made a part."""
    return {
        "id": worker.id,
        "kind": worker.kind.value,
        "model": worker.model,
        "model_version": worker.model_version,
        "region": worker.region,
    }


def report_view(report: CreatorReport) -> View:
    """A creator's report."""
    return {
        "party": {"id": report.party.id, "name": report.party.name},
        "since": utc(report.period.since),
        "until": utc(report.period.until),
        "totals": _lines(report.totals),
        "by_work": _marked(report.by_work, report.withdrawn),
        "by_month": _lines(report.by_month),
        "held_for_review": _marked(report.held_for_review, report.withdrawn),
        "uses": [use_line_view(u) for u in report.uses.items],
        "more_uses": report.uses.next_after is not None,
    }


def _lines(lines: Sequence[EarningsLine]) -> list[View]:
    return [
        {
            "key": line.key,
            "title": line.title,
            "amount": format_micros(line.micros),
            "currency": line.currency,
            "uses": line.uses,
        }
        for line in lines
    ]


def _marked(lines: Sequence[EarningsLine], withdrawn: Set[str]) -> list[View]:
    return [{**view, "withdrawn": line.key in withdrawn} for line, view in zip(lines, _lines(lines), strict=True)]


def use_line_view(line: Recorded[UseLine]) -> View:
    """One accrual of a party."""
    use = line.fact
    return {
        "generation": use.generation,
        "recorded_at": utc(line.recorded_at),
        "work": use.work,
        "title": use.title,
        "share": share_view(use.share_ppb),
        "confidence": use.confidence_ppm / WHOLE_PPM,
        "licence": use.licence,
        "basis_points": use.basis_points,
        "amount": format_micros(use.micros),
        "currency": use.currency,
    }


def use_detail_view(detail: UseDetail, party: str) -> View:
    """What one generation did with one work, for ``party``: its own accruals alone, and the words on both sides."""
    return {
        "work": standing_view(detail.work, detail.withdrawal),
        "share": share_view(detail.use.share_ppb),
        "confidence": detail.confidence_ppm / WHOLE_PPM,
        "explanation": detail.explanation,
        **_use_fields(detail.use, detail.licence, detail.review),
        "earned": [
            {"basis_points": a.basis_points, **money_view(a.money)} for a in detail.accruals if a.party == party
        ],
        "matches": [_spans_view(m) for m in detail.matches],
    }


def _spans_view(spans: MatchedSpans) -> View:
    return {
        "part": spans.part,
        "worker": worker_view(spans.worker),
        **match_view(spans.match),
        "explanation": spans.explanation,
        "part_excerpt": spans.part_excerpt,
        "source_excerpt": spans.source_excerpt,
    }


def trial_balance_view(balance: TrialBalance) -> View:
    """The trial balance, with debits less credits by currency."""
    return {
        "balanced": balance.balanced,
        "differences": {c: format_micros(d) for c, d in balance.differences.items()},
        "accounts": [
            {
                "account": n.account.id,
                "currency": n.account.currency,
                "debit": format_micros(n.debit_micros),
                "credit": format_micros(n.credit_micros),
            }
            for n in balance.lines
        ],
    }
