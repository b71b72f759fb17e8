"""Generations: written once, with all that belongs to them, and sealed by their own row."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.counts import count_rows
from provenance.adapters.sql.generation_rows import (
    accrual_rows,
    attribution_rows,
    generation_row,
    match_rows,
    part_rows,
    use_rows,
)
from provenance.adapters.sql.generations_read import GENERATIONS
from provenance.adapters.sql.reviews import next_earned
from provenance.adapters.sql.session import Session
from provenance.kernel.errors import Conflict
from provenance.services.records import GenerationRecord, Page, Recorded

_TABLE = tables.generation
_SEQ = sa.select(_TABLE.c.seq).where(_TABLE.c.id == sa.bindparam("id"))
_OF_KEY = sa.select(_TABLE.c.id).where(
    _TABLE.c.service == sa.bindparam("service"), _TABLE.c.idempotency_key == sa.bindparam("key")
)


class SqlGenerations:
    """Implements the port `GenerationStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, record: GenerationRecord, idempotency_key: str | None, at: datetime) -> Recorded[GenerationRecord]:
        """Record a generation.

        Raises:
            Conflict: its id, or the service's idempotency key, was used before.
            NotFound: it names a service, work, revision, licence, claims or party that isn't recorded.
        """
        self._check_new(record, idempotency_key)
        first = next_earned(self._session)
        self._session.insert(tables.part, part_rows(record))
        self._session.insert(tables.attribution, attribution_rows(record))
        self._session.insert(tables.match, match_rows(record))
        self._session.insert(tables.work_use, use_rows(record))
        self._session.insert(tables.accrual, accrual_rows(record, first_seq=first))
        self._session.insert(tables.use_count, count_rows(record))
        seq = self._session.record(record, at)
        self._session.insert(tables.generation, [generation_row(record, idempotency_key, seq=seq, at=at)])
        return Recorded(seq=seq, fact=record, recorded_at=at)

    def get(self, generation: str) -> Recorded[GenerationRecord] | None:
        """The generation of this id."""
        return GENERATIONS.named(self._session, id=generation)

    def by_idempotency_key(self, service: str, key: str) -> str | None:
        """The id of the generation that the service sent under this key."""
        found: str | None = self._session.scalar(_OF_KEY, {"service": service, "key": key})
        return found

    def page(self, *, after: int = 0, limit: int, service: str | None = None) -> Page[Recorded[GenerationRecord]]:
        """Generations in the order of recording, of one service or of all."""
        of_service = [] if service is None else [tables.generation.c.service == service]
        return GENERATIONS.page(self._session, *of_service, after=after, limit=limit)

    def _check_new(self, record: GenerationRecord, idempotency_key: str | None) -> None:
        generation = record.generation
        if self._session.scalar(_SEQ, {"id": generation.id}) is not None:
            raise Conflict(
                f"The generation {generation.external_id!r} of {generation.service!r} was recorded before.",
                mend="Send another output under an id of its own.",
                generation=generation.id,
            )
        if idempotency_key is not None:
            used = self.by_idempotency_key(generation.service, idempotency_key)
            if used is not None:
                raise Conflict(
                    "The idempotency key was used for another generation.",
                    mend="Use a new key for a new output.",
                    generation=used,
                )
