"""Claims and licences of works, and which of them are in force."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeVar

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.revisions import check_next
from provenance.adapters.sql.session import Row, Session, batches
from provenance.kernel.canonical import canonical_bytes
from provenance.kernel.errors import Conflict, NotFound
from provenance.royalties.accrual import Rights
from provenance.royalties.rights import rights_in_force
from provenance.services.records import Recorded, WorkClaims, WorkLicence
from provenance.sources.claim import Claims
from provenance.sources.licence import Licence
from provenance.sources.terms_text import parse_terms, terms_mapping
from provenance.sources.worker_class import ANY_OF_THEM, WorkerClass

T = TypeVar("T", WorkClaims, WorkLicence)


_PARTS = (
    sa.select(tables.claim_part)
    .where(tables.claim_part.c.claims.in_(sa.bindparam("claims", expanding=True)))
    .order_by(tables.claim_part.c.party)
)


class SqlRights:
    """Implements the port `RightsStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def set_claims(self, claims: WorkClaims, at: datetime) -> None:
        """Record claims. The same id again does nothing. `NotFound` where the work or a party doesn't exist."""
        found = CLAIMS.one(self._session, tables.claims.c.id == claims.id)
        if found:
            _check_same(found.fact, claims)
            return
        parts = claims.claims.basis_points
        self._check_exist(tables.work, "work", {claims.work})
        self._check_exist(tables.party, "party", parts.keys())
        self._session.insert(
            tables.claim_part,
            [{"claims": claims.id, "party": party, "basis_points": parts[party]} for party in sorted(parts)],
        )
        seal = {
            "seq": self._session.record(claims, at),
            "id": claims.id,
            "work": claims.work,
            "valid_from": claims.claims.valid_from,
            "recorded_at": at,
        }
        self._session.insert(tables.claims, [seal])

    def set_licence(self, licence: WorkLicence, at: datetime) -> None:
        """Record a licence revision. The same id again does nothing. `NotFound` where the work doesn't exist.

        Raises:
            Conflict: its number isn't the next one of the work.
        """
        found = LICENCES.one(self._session, tables.licence.c.id == licence.id)
        if found:
            _check_same(found.fact, licence)
            return
        self._check_exist(tables.work, "work", {licence.work})
        check_next(self._session, tables.licence, licence.work, licence.number)
        row = {
            "seq": self._session.record(licence, at),
            "id": licence.id,
            "work": licence.work,
            "number": licence.number,
            "terms": canonical_bytes(terms_mapping(licence.licence.terms)).decode(),
            "valid_from": licence.licence.valid_from,
            "valid_until": licence.licence.valid_until,
            "territory": licence.licence.territory,
            "purpose": licence.licence.purpose,
            "risk_basis_points_max": licence.licence.risk_basis_points_max,
            **_reach(licence.licence),
            "recorded_at": at,
        }
        self._session.insert(tables.licence, [row])

    def claims_of(self, work: str) -> Sequence[Recorded[WorkClaims]]:
        """All claims ever recorded for a work, oldest first."""
        return CLAIMS.all(self._session, tables.claims.c.work == work)

    def licences_of(self, work: str) -> Sequence[Recorded[WorkLicence]]:
        """All licence revisions of a work, oldest first."""
        return LICENCES.all(self._session, tables.licence.c.work == work)

    def licences(self, ids: Set[str]) -> Mapping[str, Licence]:
        """The licences of these ids; others are left out."""
        return {r.fact.id: r.fact.licence for r in LICENCES.among(self._session, "id", sorted(ids))}

    def in_force(
        self,
        works: Set[str],
        *,
        on: date,
        territory: str,
        purpose: str,
        workers: Mapping[str, Set[WorkerClass]] = MappingProxyType({}),
    ) -> Mapping[str, Rights]:
        """What `rights_in_force` says of each work; works that have neither licence nor claims then are left out."""
        licences: dict[str, list[tuple[str, Licence]]] = defaultdict(list)
        claims: dict[str, list[tuple[str, Claims]]] = defaultdict(list)
        for stated in LICENCES.among(self._session, "work", sorted(works)):
            licences[stated.fact.work].append((stated.fact.id, stated.fact.licence))
        for held in CLAIMS.among(self._session, "work", sorted(works)):
            claims[held.fact.work].append((held.fact.id, held.fact.claims))
        found = {
            work: rights_in_force(
                licences[work],
                claims[work],
                on=on,
                territory=territory,
                purpose=purpose,
                workers=workers.get(work, frozenset()),
            )
            for work in sorted(works)
        }
        return {work: rights for work, rights in found.items() if rights != Rights()}

    def _check_exist(self, table: sa.Table, what: str, ids: Set[str]) -> None:
        for batch in batches(sorted(ids)):
            known = {row.id for row in self._session.rows(sa.select(table.c.id).where(table.c.id.in_(batch)))}
            if missing := [i for i in batch if i not in known]:
                raise NotFound(f"There is no {what} {missing[0]!r}.", mend="Register it first.", **{what: missing[0]})


def _reach(licence: Licence) -> dict[str, object]:
    """What isn't stated is null."""
    workers = licence.workers
    return {
        "worker_kind": None if workers.kind == ANY_OF_THEM else workers.kind,
        "worker_hosting": None if workers.hosting == ANY_OF_THEM else workers.hosting,
        "opt_out_from": licence.opt_out_from,
        "most_favoured": 1 if licence.most_favoured else None,
    }


def _check_same(found: T, given: T) -> None:
    if found != given:
        raise Conflict(f"Others are recorded under the id {given.id!r}.", work=given.work)


def _claims(session: Session, rows: Sequence[Row]) -> list[WorkClaims]:
    parts: dict[str, dict[str, int]] = defaultdict(dict)
    for batch in batches([row.id for row in rows]):
        for found in session.rows(_PARTS, {"claims": batch}):
            parts[found.claims][found.party] = found.basis_points
    return [
        WorkClaims(id=r.id, work=r.work, claims=Claims(basis_points=parts[r.id], valid_from=r.valid_from)) for r in rows
    ]


def _licences(_: Session, rows: Sequence[Row]) -> list[WorkLicence]:
    return [
        WorkLicence(
            id=row.id,
            work=row.work,
            number=row.number,
            licence=Licence(
                terms=parse_terms(json.loads(row.terms)),
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                territory=row.territory,
                purpose=row.purpose,
                risk_basis_points_max=row.risk_basis_points_max,
                workers=WorkerClass(kind=row.worker_kind or ANY_OF_THEM, hosting=row.worker_hosting or ANY_OF_THEM),
                opt_out_from=row.opt_out_from,
                most_favoured=bool(row.most_favoured),
            ),
        )
        for row in rows
    ]


CLAIMS = FactRows(table=tables.claims, select=sa.select(tables.claims), rebuild=_claims)
LICENCES = FactRows(table=tables.licence, select=sa.select(tables.licence), rebuild=_licences)
