"""The canonical form of each kind of fact: what its leaf commits to, and what an export holds.

A form names contents by their digests, never holds them: a text can be erased and its leaf still verifies.
"""

from __future__ import annotations

from datetime import datetime

from provenance.attribution.shares import Attribution
from provenance.kernel.canonical import Json, sha256_hex
from provenance.kernel.fx import Rate
from provenance.ledger.transaction import Transaction
from provenance.royalties.accrual import WorkUse
from provenance.royalties.dispute import Dispute, Step
from provenance.royalties.dispute_money import DisputeHold, Settlement
from provenance.royalties.review import Review
from provenance.royalties.standing import Standing
from provenance.services.dispute_facts import describe_dispute, money_form, utc
from provenance.services.records import GenerationRecord, PublishedSnapshot, WorkClaims, WorkLicence
from provenance.sources.licence import Licence
from provenance.sources.overlap import Overlap, Side
from provenance.sources.party import ApiKey, Party
from provenance.sources.terms_text import terms_mapping
from provenance.sources.withdrawal import Withdrawal
from provenance.sources.work import Revision, Work
from provenance.sources.worker_class import ANY_WORKER
from provenance.statements.close import PeriodClose, period_close_form
from provenance.statements.form import statement_form
from provenance.statements.payee import PayoutTerms, TaxProfile, payout_terms_form, tax_profile_form
from provenance.statements.statement import Statement
from provenance.statements.subscription import Subscription, subscription_form
from provenance.transparency.leaf import Leaf, leaf_of
from provenance.workers.generation import Part

__all__ = ["Fact", "describe", "leaf", "money_form", "passages_form", "standing_form", "stated_form", "use_form", "utc"]

Fact = (
    Party
    | ApiKey
    | Work
    | Revision
    | WorkClaims
    | WorkLicence
    | Withdrawal
    | PublishedSnapshot
    | Overlap
    | GenerationRecord
    | Transaction
    | Review
    | PayoutTerms
    | TaxProfile
    | Statement
    | PeriodClose
    | Subscription
    | Rate
    | Dispute
    | Step
    | DisputeHold
    | Settlement
)


def leaf(fact: Fact, recorded_at: datetime) -> Leaf:
    """The leaf of any fact."""
    kind, name, form = describe(fact, recorded_at)
    return leaf_of(kind, name, form)


def describe(fact: Fact, recorded_at: datetime) -> tuple[str, str, dict[str, Json]]:
    """A fact's kind, its name within the kind, and its canonical form."""
    kind, name, form = _describe(fact)
    return kind, name, {"kind": kind, "recorded_at": utc(recorded_at), **form}


def _describe(fact: Fact) -> tuple[str, str, dict[str, Json]]:  # noqa: C901  one case a kind
    match fact:
        case Party():
            return "party", fact.id, {"id": fact.id, "name_sha256": sha256_hex(fact.name.encode())}
        case ApiKey():
            return _key(fact)
        case Work():
            return "work", fact.id, _work(fact)
        case Revision():
            return "revision", fact.id, _revision(fact)
        case WorkClaims():
            parts: dict[str, Json] = {p: fact.claims.basis_points[p] for p in sorted(fact.claims.basis_points)}
            valid_from = fact.claims.valid_from.isoformat()
            form: dict[str, Json] = {"id": fact.id, "work": fact.work, "valid_from": valid_from, "basis_points": parts}
            return "claims", fact.id, form
        case WorkLicence():
            return "licence", fact.id, _licence(fact)
        case Withdrawal():
            return "withdrawal", fact.id, _withdrawal(fact)
        case PublishedSnapshot():
            form = {"digest": fact.digest, "encoder": fact.encoder, "works": fact.works, "segments": fact.segments}
            return "snapshot", fact.digest, form
        case Overlap():
            return "overlap", fact.id, _overlap(fact)
        case GenerationRecord():
            return "generation", fact.generation.id, _generation(fact)
        case Rate():
            return "fx_rate", fact.id, {"id": fact.id, **fact.form}
        case Transaction() | Review():
            return _describe_money(fact)
        case PayoutTerms() | TaxProfile() | Statement() | PeriodClose() | Subscription():
            return _describe_statements(fact)
        case Dispute() | Step() | DisputeHold() | Settlement():
            return describe_dispute(fact)


def _describe_money(fact: Transaction | Review) -> tuple[str, str, dict[str, Json]]:
    if isinstance(fact, Review):
        return "review", fact.id, _review(fact)
    return "transaction", fact.id, _transaction(fact)


def _describe_statements(
    fact: PayoutTerms | TaxProfile | Statement | PeriodClose | Subscription,
) -> tuple[str, str, dict[str, Json]]:
    match fact:
        case PayoutTerms():
            return "payout_terms", fact.id, {"id": fact.id, **payout_terms_form(fact)}
        case TaxProfile():
            return "tax_profile", fact.id, {"id": fact.id, **tax_profile_form(fact)}
        case Statement():
            return "statement", fact.id, statement_form(fact)
        case PeriodClose():
            return "period_close", fact.period.name, {"id": fact.period.name, **period_close_form(fact)}
        case Subscription():
            return "subscription", fact.id, subscription_form(fact)


def _key(key: ApiKey) -> tuple[str, str, dict[str, Json]]:
    if key.revoked_at is not None:
        return "key_revocation", key.id, {"id": key.id, "revoked_at": utc(key.revoked_at)}
    scopes = sorted(s.value for s in key.scopes)
    return "key", key.id, {"id": key.id, "party": key.party, "secret_sha256": key.secret_sha256, "scopes": scopes}


def _work(work: Work) -> dict[str, Json]:
    return {
        "id": work.id,
        "registrant": work.registrant,
        "source_id": work.source_id,
        "title_sha256": sha256_hex(work.title.encode()),
        "author_sha256": sha256_hex(work.author.encode()),
    }


def _revision(revision: Revision) -> dict[str, Json]:
    return {
        "id": revision.id,
        "work": revision.work,
        "number": revision.number,
        "text_sha256": revision.text_sha256,
        "iscc": revision.iscc,
        "chars": revision.chars,
    }


def _licence(revision: WorkLicence) -> dict[str, Json]:
    licence = revision.licence
    return {
        "id": revision.id,
        "work": revision.work,
        "number": revision.number,
        "terms": terms_mapping(licence.terms),
        "valid_from": licence.valid_from.isoformat(),
        "valid_until": licence.valid_until.isoformat() if licence.valid_until else None,
        "territory": licence.territory,
        "purpose": licence.purpose,
        **stated_form(licence),
    }


def _withdrawal(withdrawal: Withdrawal) -> dict[str, Json]:
    return {
        "id": withdrawal.id,
        "work": withdrawal.work,
        "withdrawn_by": withdrawal.withdrawn_by,
        "reason_sha256": sha256_hex(withdrawal.reason.encode()),
    }


def stated_form(licence: Licence) -> dict[str, Json]:
    """The risk, the workers, the opt-out and the favour that it states.

    What isn't stated has no member, and so the licence has the leaf that it had before there was any of it.
    """
    found: dict[str, Json] = {}
    if licence.risk_basis_points_max is not None:
        found["risk_basis_points_max"] = licence.risk_basis_points_max
    if licence.workers != ANY_WORKER:
        found["workers"] = {"kind": licence.workers.kind, "hosting": licence.workers.hosting}
    if licence.opt_out_from is not None:
        found["opt_out_from"] = licence.opt_out_from.isoformat()
    if licence.most_favoured:
        found["most_favoured"] = True
    return found


def _overlap(overlap: Overlap) -> dict[str, Json]:
    by = overlap.found_by
    return {
        "id": overlap.id,
        "later": _side(overlap.later),
        "earlier": _side(overlap.earlier),
        "first": overlap.first,
        "passages": passages_form(overlap),
        "passages_found": overlap.passages_found,
        "found_by": {"method": by.method, "encoder": by.encoder, "snapshot": by.snapshot},
    }


def passages_form(overlap: Overlap) -> list[Json]:
    """The passages as they stand in a form, and in a database."""
    return [
        {
            "kind": p.kind.value,
            "later_span": [p.later_span.start, p.later_span.end],
            "earlier_span": [p.earlier_span.start, p.earlier_span.end],
            "words": p.words,
        }
        for p in overlap.passages
    ]


def _side(side: Side) -> dict[str, Json]:
    return {
        "work": side.work,
        "revision": side.revision,
        "held_from": side.held_from,
        "shared_chars": side.shared_chars,
        "covered_ppm": side.covered_ppm,
    }


def _generation(record: GenerationRecord) -> dict[str, Json]:
    generation = record.generation
    return {
        "id": generation.id,
        "service": generation.service,
        "external_id": generation.external_id,
        "payload_digest": generation.payload_digest,
        "price": money_form(generation.price),
        "territory": generation.territory,
        "purpose": generation.purpose,
        "parts": [_part(p) for p in generation.parts],
        "decided_by": {
            "encoder": record.decided_by.encoder,
            "snapshot": record.decided_by.snapshot,
            "calibration": record.decided_by.calibration,
        },
        "attributions": [_attribution(a) for a in record.shares.attributions],
        "unattributed_ppb": record.shares.unattributed_ppb,
        "uses": [use_form(u) for u in record.accrual.uses],
        "pool_basis_points": record.accrual.pool_basis_points,
        "unattributed": money_form(record.accrual.unattributed),
        "transaction": record.transaction,
        **generation.circumstances,
    }


def _part(part: Part) -> dict[str, Json]:
    worker = part.worker
    return {
        "worker": worker.id,
        "kind": worker.kind.value,
        "model": worker.model,
        "model_version": worker.model_version,
        "region": worker.region,
        "text_sha256": sha256_hex(part.text.encode()),
    }


def _attribution(attribution: Attribution) -> dict[str, Json]:
    return {
        "work": attribution.work,
        "share_ppb": attribution.share_ppb,
        "confidence_ppm": attribution.confidence_ppm,
        "matches": [
            {
                "part": number,
                "part_span": [match.part_span.start, match.part_span.end],
                "revision": match.revision,
                "source_span": [match.source_span.start, match.source_span.end],
                "kind": match.kind.value,
                "probability_ppm": match.probability_ppm,
                "dense_ppm": match.dense_ppm,
                "lexical_ppm": match.lexical_ppm,
                "run_words": match.run_words,
            }
            for number, match in attribution.matches
        ],
    }


def use_form(use: WorkUse) -> dict[str, Json]:
    """What came of one work's share, with its money; with the threshold and what came before, where they were asked."""
    return {
        "work": use.work,
        "share_ppb": use.share_ppb,
        "outcome": use.outcome.value,
        "licence": use.licence_id,
        "claims": use.claims_id,
        "price_part": money_form(use.price_part),
        "royalty": money_form(use.royalty) if use.royalty else None,
        "held": money_form(use.held) if use.held else None,
        "accruals": [
            {"party": a.party, "basis_points": a.basis_points, "money": money_form(a.money)} for a in use.accruals
        ],
        **({} if use.threshold_ppm is None else {"threshold_ppm": use.threshold_ppm}),
        **({} if use.standing is None else {"standing": standing_form(use.standing)}),
        **({} if use.split is None else {"split": standing_form(use.split)}),
    }


def standing_form(standing: Standing) -> dict[str, Json]:
    """What came before: in which line, since which day, how many uses, and the micro-units that they came to."""
    return {
        "line": standing.count.line,
        "period_from": standing.count.period_from.isoformat(),
        "uses_before": standing.uses_before,
        "earned_before": str(standing.earned_before),
    }


def _transaction(transaction: Transaction) -> dict[str, Json]:
    return {
        "id": transaction.id,
        "business_key": transaction.business_key,
        "cause": transaction.cause,
        "effective_at": utc(transaction.effective_at),
        "corrects": transaction.corrects,
        "entries": [{"account": e.account.id, "micros": str(e.micros)} for e in transaction.entries],
    }


def _review(review: Review) -> dict[str, Json]:
    return {
        "id": review.id,
        "generation": review.generation,
        "work": review.work,
        "resolution": review.resolution.value,
        "decided_by": review.decided_by,
        "reason_sha256": sha256_hex(review.reason.encode()),
        "held": money_form(review.held),
        "released": [
            {"party": a.party, "basis_points": a.basis_points, "money": money_form(a.money)} for a in review.released
        ],
        "transaction": review.transaction,
    }
