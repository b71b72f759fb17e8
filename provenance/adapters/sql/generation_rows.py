"""A generation as rows: the parts of the fact that `generations_read` puts together again."""

from __future__ import annotations

from datetime import datetime

from provenance.kernel.money import Money
from provenance.royalties.accrual import WorkUse
from provenance.services.records import GenerationRecord

Rows = list[dict[str, object]]


def generation_row(
    record: GenerationRecord, idempotency_key: str | None, *, seq: int, at: datetime
) -> dict[str, object]:
    """The seal. One currency holds for the price and all that is split from it."""
    generation, accrual = record.generation, record.accrual
    assert accrual.price == generation.price, "what is accrued is the price"
    assert accrual.unattributed.currency == generation.price.currency, "a part of the price has its currency"
    return {
        "seq": seq,
        "id": generation.id,
        "service": generation.service,
        "external_id": generation.external_id,
        "idempotency_key": idempotency_key,
        "currency": generation.price.currency,
        "price_micros": generation.price.micros,
        "territory": generation.territory,
        "purpose": generation.purpose,
        "encoder": record.decided_by.encoder,
        "snapshot": record.decided_by.snapshot,
        "calibration": record.decided_by.calibration,
        "unattributed_ppb": record.shares.unattributed_ppb,
        "pool_basis_points": accrual.pool_basis_points,
        "unattributed_micros": accrual.unattributed.micros,
        "transaction_id": record.transaction,
        "recorded_at": at,
        "prompt": generation.prompt,
        "made_at": generation.made_at,
    }


def part_rows(record: GenerationRecord) -> Rows:
    """One row a part."""
    generation = record.generation.id
    return [
        {
            "generation": generation,
            "number": number,
            "worker": part.worker.id,
            "kind": part.worker.kind.value,
            "model": part.worker.model,
            "model_version": part.worker.model_version,
            "region": part.worker.region,
            "text": part.text,
        }
        for number, part in enumerate(record.generation.parts)
    ]


def attribution_rows(record: GenerationRecord) -> Rows:
    """One row an attribution, without its matches."""
    generation = record.generation.id
    return [
        {
            "generation": generation,
            "number": number,
            "work": attribution.work,
            "share_ppb": attribution.share_ppb,
            "confidence_ppm": attribution.confidence_ppm,
        }
        for number, attribution in enumerate(record.shares.attributions)
    ]


def match_rows(record: GenerationRecord) -> Rows:
    """One row a match; its work is its attribution's."""
    rows: Rows = []
    generation = record.generation.id
    for attributed, attribution in enumerate(record.shares.attributions):
        for number, (part, match) in enumerate(attribution.matches):
            assert match.work == attribution.work, "a match is evidence for the work that it stands under"
            rows.append(
                {
                    "generation": generation,
                    "attribution": attributed,
                    "number": number,
                    "part": part,
                    "part_start": match.part_span.start,
                    "part_end": match.part_span.end,
                    "revision": match.revision,
                    "source_start": match.source_span.start,
                    "source_end": match.source_span.end,
                    "kind": match.kind.value,
                    "probability_ppm": match.probability_ppm,
                    "dense_ppm": match.dense_ppm,
                    "lexical_ppm": match.lexical_ppm,
                    "run_words": match.run_words,
                }
            )
    return rows


def use_rows(record: GenerationRecord) -> Rows:
    """One row a use, without its accruals."""
    return [_use_row(record, number, use) for number, use in enumerate(record.accrual.uses)]


def accrual_rows(record: GenerationRecord, *, first_seq: int) -> Rows:
    """One row an accrual, numbered from ``first_seq``."""
    rows: Rows = []
    generation = record.generation.id
    for used, use in enumerate(record.accrual.uses):
        for number, accrual in enumerate(use.accruals):
            assert accrual.work == use.work, "an accrual is for the work that was used"
            rows.append(
                {
                    "seq": first_seq + len(rows),
                    "generation": generation,
                    "work_use": used,
                    "number": number,
                    "work": accrual.work,
                    "party": accrual.party,
                    "basis_points": accrual.basis_points,
                    "currency": accrual.money.currency,
                    "micros": accrual.money.micros,
                }
            )
    return rows


def _use_row(record: GenerationRecord, number: int, use: WorkUse) -> dict[str, object]:
    assert use.price_part.currency == record.generation.price.currency, "a part of the price has its currency"
    royalty_currency, royalty_micros = _columns(use.royalty)
    held_currency, held_micros = _columns(use.held)
    return {
        "generation": record.generation.id,
        "number": number,
        "work": use.work,
        "share_ppb": use.share_ppb,
        "outcome": use.outcome.value,
        "licence": use.licence_id,
        "claims": use.claims_id,
        "price_part_micros": use.price_part.micros,
        "royalty_currency": royalty_currency,
        "royalty_micros": royalty_micros,
        "held_currency": held_currency,
        "held_micros": held_micros,
        "threshold_ppm": use.threshold_ppm,
    }


def _columns(money: Money | None) -> tuple[str | None, int | None]:
    return (money.currency, money.micros) if money else (None, None)
