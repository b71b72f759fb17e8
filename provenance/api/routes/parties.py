"""Parties: whoever registers, earns, sends outputs, operates or audits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from provenance.api.auth import OperatorKey, ReaderKey
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.schemas.fields import ListOf, PartyId
from provenance.api.schemas.parties import PartyForm, PartyView
from provenance.api.views import party_view
from provenance.kernel.errors import NotFound
from provenance.services.register import register_party
from provenance.services.views import View

router = APIRouter(prefix="/v1/parties", tags=["parties"])


@router.post(
    "",
    status_code=201,
    response_model=PartyView,
    responses={200: {"model": PartyView, "description": "Registered before, under the same name."}},
)
def create_party(form: PartyForm, system: InstalledSystem, _: OperatorKey, response: Response) -> View:
    """Register a party. Another name under the same id is a conflict. Scope: operator."""
    party = form.party()
    with system.database.begin() as work:
        known = work.parties.get(party.id)
    register_party(system.database, party, at=system.clock())
    if known is not None:
        response.status_code = 200
    response.headers["Location"] = f"/v1/parties/{party.id}"
    return party_view(party)


@router.get("", response_model=ListOf[PartyView])
def list_parties(system: InstalledSystem, _: ReaderKey, page: Annotated[Paging, Depends(paging("parties"))]) -> View:
    """All parties. Scope: operator or auditor."""
    with system.database.begin() as work:
        found = work.parties.page(after=page.after, limit=page.limit)
    return {"items": [party_view(r.fact) for r in found.items], "next_cursor": page.cursor(found.next_after)}


@router.get("/{party}", response_model=PartyView)
def get_party(party: PartyId, system: InstalledSystem, _: ReaderKey) -> View:
    """One party. Scope: operator or auditor."""
    with system.database.begin() as work:
        found = work.parties.get(party)
    if found is None:
        raise NotFound(f"There is no party {party!r}.", mend="List the parties to see their ids.", party=party)
    return party_view(found)
