"""Generations put together from their rows: one query a table for a whole page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.counts import standing_of
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session, batches
from provenance.attribution.decision import Match, MatchKind
from provenance.attribution.shares import Attribution, GenerationShares
from provenance.kernel.money import MicroUnits, Money
from provenance.kernel.span import Span
from provenance.royalties.accrual import Accrual, GenerationAccrual, Outcome, WorkUse
from provenance.services.records import DecidedBy, GenerationRecord
from provenance.workers.generation import Generation, Part
from provenance.workers.worker import Worker, WorkerKind

Children = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Rows of some generations, by generation, each list in the order in which it was written."""

    parts: Children
    attributions: Children
    matches: Children
    uses: Children
    accruals: Children
    counts: Children


def _generations(session: Session, rows: Sequence[Row]) -> list[GenerationRecord]:
    ids = [row.id for row in rows]
    part, attribution, match = tables.part, tables.attribution, tables.match
    use, accrual = tables.work_use, tables.accrual
    children = _Rows(
        parts=_by_generation(session, part, ids, part.c.number),
        attributions=_by_generation(session, attribution, ids, attribution.c.number),
        matches=_by_generation(session, match, ids, match.c.attribution, match.c.number),
        uses=_by_generation(session, use, ids, use.c.number),
        accruals=_by_generation(session, accrual, ids, accrual.c.work_use, accrual.c.number),
        counts=_by_generation(session, tables.use_count, ids, tables.use_count.c.work_use),
    )
    return [_record(row, children) for row in rows]


def _by_generation(session: Session, table: sa.Table, ids: Sequence[str], *order: sa.ColumnElement[int]) -> Children:
    found: dict[str, list[Row]] = defaultdict(list)
    for batch in batches(ids):
        for row in session.rows(sa.select(table).where(table.c.generation.in_(batch)).order_by(*order)):
            found[row.generation].append(row)
    return found


def _record(row: Row, children: _Rows) -> GenerationRecord:
    price = Money(row.currency, MicroUnits(row.price_micros))
    return GenerationRecord(
        generation=Generation(
            service=row.service,
            external_id=row.external_id,
            price=price,
            parts=tuple(_part(p) for p in children.parts[row.id]),
            territory=row.territory,
            purpose=row.purpose,
            prompt=row.prompt,
            made_at=row.made_at,
        ),
        decided_by=DecidedBy(encoder=row.encoder, snapshot=row.snapshot, calibration=row.calibration),
        shares=GenerationShares(attributions=_attributions(row, children), unattributed_ppb=row.unattributed_ppb),
        accrual=GenerationAccrual(
            price=price,
            pool_basis_points=row.pool_basis_points,
            uses=_uses(row, children),
            unattributed=Money(row.currency, MicroUnits(row.unattributed_micros)),
        ),
        transaction=row.transaction_id,
    )


def _part(row: Row) -> Part:
    worker = Worker(
        id=row.worker,
        kind=WorkerKind(row.kind),
        model=row.model,
        model_version=row.model_version,
        region=row.region,
    )
    return Part(worker=worker, text=row.text)


def _attributions(generation: Row, children: _Rows) -> tuple[Attribution, ...]:
    matches: dict[int, list[Row]] = defaultdict(list)
    for match in children.matches.get(generation.id, ()):
        matches[match.attribution].append(match)
    return tuple(
        Attribution(
            work=row.work,
            share_ppb=row.share_ppb,
            confidence_ppm=row.confidence_ppm,
            matches=tuple((m.part, _match(row.work, m)) for m in matches[row.number]),
        )
        for row in children.attributions.get(generation.id, ())
    )


def _match(work: str, row: Row) -> Match:
    return Match(
        part_span=Span(row.part_start, row.part_end),
        work=work,
        revision=row.revision,
        source_span=Span(row.source_start, row.source_end),
        kind=MatchKind(row.kind),
        probability_ppm=row.probability_ppm,
        dense_ppm=row.dense_ppm,
        lexical_ppm=row.lexical_ppm,
        run_words=row.run_words,
    )


def _uses(generation: Row, children: _Rows) -> tuple[WorkUse, ...]:
    accruals: dict[int, list[Accrual]] = defaultdict(list)
    for row in children.accruals.get(generation.id, ()):
        money = Money(row.currency, MicroUnits(row.micros))
        accruals[row.work_use].append(
            Accrual(work=row.work, party=row.party, basis_points=row.basis_points, money=money)
        )
    counted = {(c.work_use, c.counts): standing_of(c) for c in children.counts.get(generation.id, ())}
    return tuple(
        WorkUse(
            work=row.work,
            share_ppb=row.share_ppb,
            outcome=Outcome(row.outcome),
            licence_id=row.licence,
            claims_id=row.claims,
            price_part=Money(generation.currency, MicroUnits(row.price_part_micros)),
            royalty=_money(row.royalty_currency, row.royalty_micros),
            held=_money(row.held_currency, row.held_micros),
            accruals=tuple(accruals[row.number]),
            threshold_ppm=row.threshold_ppm,
            standing=counted.get((row.number, "uses")),
            split=counted.get((row.number, "splits")),
        )
        for row in children.uses.get(generation.id, ())
    )


def _money(currency: str | None, micros: int | None) -> Money | None:
    return None if currency is None or micros is None else Money(currency, MicroUnits(micros))


GENERATIONS = FactRows(table=tables.generation, select=sa.select(tables.generation), rebuild=_generations)
