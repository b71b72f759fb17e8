"""Overlaps: which works share passages, told to the owners of both."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from provenance.api.auth import WorkReaderKey, reads_all
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.schemas.fields import Id, ListOf
from provenance.api.schemas.overlaps import OverlapView
from provenance.api.visible import visible_work
from provenance.services.overlap_views import overlap_views
from provenance.services.views import View

router = APIRouter(prefix="/v1", tags=["works"])


@router.get("/works/{work_id}/overlaps", response_model=ListOf[OverlapView])
def list_overlaps_of_work(
    work_id: Id, system: InstalledSystem, key: WorkReaderKey, page: Annotated[Paging, Depends(paging("overlaps"))]
) -> View:
    """What a work shares with others, on either side. Scope: operator, auditor, or creator for its own."""
    with system.database.begin() as work:
        visible_work(work, work_id, key)
        found = work.overlaps.page(after=page.after, limit=page.limit, work=work_id)
        views = overlap_views(work, found.items, of_work=work_id)
    return {"items": views, "next_cursor": page.cursor(found.next_after)}


@router.get("/overlaps", response_model=ListOf[OverlapView])
def list_overlaps(
    system: InstalledSystem, key: WorkReaderKey, page: Annotated[Paging, Depends(paging("overlaps"))]
) -> View:
    """What works share. Scope: operator or auditor, all; creator, what concerns its own works, from their side."""
    party = None if reads_all(key) else key.party
    with system.database.begin() as work:
        found = work.overlaps.page(after=page.after, limit=page.limit, party=party)
        views = overlap_views(work, found.items, party=party)
    return {"items": views, "next_cursor": page.cursor(found.next_after)}
