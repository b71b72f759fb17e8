"""Creators: what their works earned, from which outputs, down to the words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from provenance.api.auth import WorkReaderKey, check_own_party
from provenance.api.cursors import LIMIT_DEFAULT, Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.period import AskedPeriod
from provenance.api.schemas.creators import GenerationUsesView, ReportView, UseLineView
from provenance.api.schemas.fields import Id, ListOf, PartyId
from provenance.kernel.errors import NotFound
from provenance.services.report import creator_report, use_details
from provenance.services.views import View, report_view, use_detail_view, use_line_view

router = APIRouter(prefix="/v1/parties/{party}", tags=["creators"])


@router.get("/report", response_model=ReportView)
def get_report(party: PartyId, period: AskedPeriod, system: InstalledSystem, key: WorkReaderKey) -> View:
    """Earnings by work and by month, with the first uses. Scope: creator for itself, operator, auditor."""
    check_own_party(key, party)
    report = creator_report(system.database, party, period, uses_max=LIMIT_DEFAULT)
    return report_view(report)


@router.get("/uses", response_model=ListOf[UseLineView])
def list_uses(
    party: PartyId,
    period: AskedPeriod,
    system: InstalledSystem,
    key: WorkReaderKey,
    page: Annotated[Paging, Depends(paging("uses"))],
    work: Annotated[Id | None, Query(description="Of this work alone.")] = None,
) -> View:
    """Every single use that earned the party something. Scope: creator for itself, operator, auditor."""
    check_own_party(key, party)
    with system.database.begin() as unit:
        if unit.parties.get(party) is None:
            raise NotFound(f"There is no party {party!r}.", mend="List the parties to see their ids.", party=party)
        found = unit.earnings.uses(party, period.since, period.until, work=work, after=page.after, limit=page.limit)
    return {"items": [use_line_view(u) for u in found.items], "next_cursor": page.cursor(found.next_after)}


@router.get("/uses/{generation}", response_model=GenerationUsesView, response_model_exclude_unset=True)
def get_use(party: PartyId, generation: Id, system: InstalledSystem, key: WorkReaderKey) -> View:
    """What one generation did with the party's works: spans, with the words on both sides.

    Scope: creator for itself, operator, auditor.
    """
    check_own_party(key, party)
    details = use_details(system.database, party, generation)
    return {"generation": generation, "party": party, "uses": [use_detail_view(d, party) for d in details]}
