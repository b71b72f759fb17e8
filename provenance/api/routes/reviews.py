"""Reviews: what is held because nobody could promise the licence's risk, and what becomes of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from provenance.api.auth import OperatorKey, ReaderKey
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.schemas.fields import Id, ListOf, one_line
from provenance.api.schemas.reviews import HoldView, ResolutionForm, ReviewView
from provenance.services.review_views import hold_view, review_view
from provenance.services.reviews import resolve_hold
from provenance.services.views import View

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])


@router.get("", response_model=ListOf[HoldView])
def list_reviews(system: InstalledSystem, _: ReaderKey, page: Annotated[Paging, Depends(paging("reviews"))]) -> View:
    """Uses that are held for review, oldest first, with their age. Scope: auditor or operator."""
    with system.database.begin() as work:
        found = work.reviews.awaiting(after=page.after, limit=page.limit)
    now = system.clock()
    return {"items": [hold_view(r, now=now) for r in found.items], "next_cursor": page.cursor(found.next_after)}


@router.post(
    "/{generation}/{work_id}",
    status_code=201,
    response_model=ReviewView,
    responses={
        200: {
            "model": ReviewView,
            "description": "Resolved so before, by this party and for this reason: the same again.",
        }
    },
)
def resolve_review(
    generation: Id, work_id: Id, form: ResolutionForm, system: InstalledSystem, key: OperatorKey, response: Response
) -> View:
    """Release a hold to the claimants at the use, or decline it, once and for good. Scope: operator."""
    resolved = resolve_hold(
        system.database,
        generation,
        work_id,
        form.resolution,
        decided_by=key.party,
        reason=one_line(form.reason),
        at=system.clock(),
    )
    if resolved.replayed:
        response.status_code = 200
    return review_view(resolved.recorded)
