"""Disputes: raised by a party, answered by the other side, decided by an operator; silence answers by the clock."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from provenance.api.auth import DisputeKey, reads_all
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.schemas.disputes import DisputeForm, DisputeView, StepForm
from provenance.api.schemas.fields import Id, ListOf, one_line
from provenance.bootstrap import System
from provenance.kernel.errors import Forbidden, NotFound
from provenance.royalties.dispute import Action, Dispute
from provenance.services.dispute_detail import detail
from provenance.services.dispute_views import dispute_view
from provenance.services.disputes import Raising, dispute_claims, dispute_use, take_step
from provenance.services.views import View, load_generation
from provenance.sources.party import ApiKey, Scope

router = APIRouter(prefix="/v1/disputes", tags=["disputes"])


@router.get("", response_model=ListOf[DisputeView])
def list_disputes(
    system: InstalledSystem, key: DisputeKey, page: Annotated[Paging, Depends(paging("disputes"))]
) -> View:
    """Disputes in the order in which they were raised: all, or those of the key's party.

    Scope: any.
    """
    party = None if reads_all(key) else key.party
    with system.database.begin() as work:
        found = work.disputes.page(after=page.after, limit=page.limit, party=party)
        items = [dispute_view(detail(work, recorded.fact.id)) for recorded in found.items]
    return {"items": items, "next_cursor": page.cursor(found.next_after)}


@router.post(
    "",
    status_code=201,
    response_model=DisputeView,
    responses={200: {"model": DisputeView, "description": "Raised before, in the same words: the same again."}},
)
def raise_dispute(form: DisputeForm, system: InstalledSystem, key: DisputeKey, response: Response) -> View:
    """Dispute parts of the claims on a work, or that a generation used it.

    The disputed part alone is held: from the first day where it is raised in time, else from now on. Scope: operator or
    creator; service, for uses in its own generations.
    """
    parts = form.disputed()
    _check_may_dispute(system, form, key)
    at = system.clock()
    raising = Raising(
        disputant=key.party,
        in_favour_of=form.in_favour_of,
        reason=one_line(form.reason),
        clocks=system.dispute_clocks,
    )
    if form.generation is not None:
        raised = dispute_use(system.database, form.generation, form.work, raising, at=at)
    else:
        raised = dispute_claims(system.database, form.work, parts, raising, at=at)
    if raised.replayed:
        response.status_code = 200
    with system.database.begin() as work:
        return dispute_view(detail(work, raised.recorded.fact.id))


@router.get("/{dispute}", response_model=DisputeView)
def get_dispute(dispute: Id, system: InstalledSystem, key: DisputeKey) -> View:
    """A dispute with its steps, and where its money is. Scope: auditor or operator, or a party to it."""
    with system.database.begin() as work:
        found = detail(work, dispute)
        _check_concerned(found.recorded.fact, key)
        return dispute_view(found)


@router.post("/{dispute}/steps", status_code=201, response_model=DisputeView)
def take_dispute_step(dispute: Id, form: StepForm, system: InstalledSystem, key: DisputeKey) -> View:
    """Take the next step. The same as the last one again changes nothing.

    Those whose parts are disputed concede, reject and insist; who raised it appeals and withdraws; an operator decides.
    Scope: any, of a party to it.
    """
    with system.database.begin() as work:
        _check_concerned(detail(work, dispute).recorded.fact, key)
    if form.action is Action.DECIDE and Scope.OPERATOR not in key.scopes:
        raise Forbidden("An operator decides.", mend="Ask the operator.")
    after = take_step(
        system.database,
        dispute,
        Action(form.action.value),
        by=key.party,
        reason=one_line(form.reason),
        at=system.clock(),
        returned_basis_points=form.returned_basis_points,
    )
    return dispute_view(after)


def _check_may_dispute(system: System, form: DisputeForm, key: ApiKey) -> None:
    """Silence concedes a dispute: not everybody may raise one.

    Raises:
        Forbidden: the key is neither a creator's nor the operator's, and disputes claims, or only reads.
        NotFound: a service disputes a use in another one's generation.
    """
    if not key.scopes.isdisjoint({Scope.OPERATOR, Scope.CREATOR}):
        return
    if Scope.SERVICE not in key.scopes or form.generation is None:
        raise Forbidden(
            "Creators and operators dispute claims; services dispute uses in what they sent.",
            mend="Use a key of the party that is concerned.",
        )
    load_generation(system.database, form.generation, service=key.party)


def _check_concerned(dispute: Dispute, key: ApiKey) -> None:
    """Raises `NotFound` where the key's party has no part in it: what isn't theirs to see isn't there."""
    if not reads_all(key) and key.party not in (dispute.disputant, dispute.in_favour_of, *dispute.parts):
        raise NotFound(f"There is no dispute {dispute.id!r}.", mend="List them: GET /v1/disputes.", dispute=dispute.id)
