"""Rights in works: who owns them, and what a use costs. Stating them again adds to their history; nothing is edited."""

from __future__ import annotations

from fastapi import APIRouter

from provenance.api.auth import RegistrantKey, WorkReaderKey
from provenance.api.deps import InstalledSystem
from provenance.api.schemas.fields import Id
from provenance.api.schemas.rights import (
    ClaimsForm,
    ClaimsHistory,
    ClaimsView,
    LicenceForm,
    LicenceHistory,
    LicencesForm,
    LicenceView,
)
from provenance.api.views import claims_view, licence_view
from provenance.api.visible import check_may_state_rights, visible_work
from provenance.services.register import state_claims, state_licence, state_licences
from provenance.services.views import View

router = APIRouter(prefix="/v1/works/{work_id}", tags=["rights"])


@router.put("/claims", response_model=ClaimsView)
def put_claims(work_id: Id, form: ClaimsForm, system: InstalledSystem, key: RegistrantKey) -> View:
    """State who owns the work. The same again changes nothing. Scope: operator, or the creator that registered it."""
    at = system.clock()
    with system.database.begin() as work:
        check_may_state_rights(work, work_id, key)
    stated = state_claims(system.database, work_id, form.stated(at.date()), at=at)
    with system.database.begin() as work:
        return next(claims_view(r) for r in work.rights.claims_of(work_id) if r.fact.id == stated.id)


@router.get("/claims", response_model=ClaimsHistory)
def get_claims(work_id: Id, system: InstalledSystem, key: WorkReaderKey) -> View:
    """All claims ever stated. Scope: operator, auditor, or creator for its own works."""
    with system.database.begin() as work:
        visible_work(work, work_id, key)
        return {"items": [claims_view(r) for r in work.rights.claims_of(work_id)]}


@router.put("/licence", response_model=LicenceView, response_model_exclude_unset=True)
def put_licence(work_id: Id, form: LicenceForm, system: InstalledSystem, key: RegistrantKey) -> View:
    """State the work's licence, as its next revision. The same again changes nothing.

    Scope: operator, or the creator that registered it.
    """
    at = system.clock()
    with system.database.begin() as work:
        check_may_state_rights(work, work_id, key)
    stated = state_licence(system.database, work_id, form.stated(at.date()), at=at)
    with system.database.begin() as work:
        return next(licence_view(r) for r in work.rights.licences_of(work_id) if r.fact.id == stated.id)


@router.put("/licences", response_model=LicenceHistory, response_model_exclude_unset=True)
def put_licences(work_id: Id, form: LicencesForm, system: InstalledSystem, key: RegistrantKey) -> View:
    """State several licences at once, all or none: those of one reach must not hold on the same day.

    Answers all revisions of the work. Scope: operator, or the creator that registered it.
    """
    at = system.clock()
    with system.database.begin() as work:
        check_may_state_rights(work, work_id, key)
    state_licences(system.database, work_id, form.stated(at.date()), at=at)
    with system.database.begin() as work:
        return {"items": [licence_view(r) for r in work.rights.licences_of(work_id)]}


@router.get("/licence", response_model=LicenceHistory, response_model_exclude_unset=True)
def get_licences(work_id: Id, system: InstalledSystem, key: WorkReaderKey) -> View:
    """All licence revisions. Scope: operator, auditor, or creator for its own works."""
    with system.database.begin() as work:
        visible_work(work, work_id, key)
        return {"items": [licence_view(r) for r in work.rights.licences_of(work_id)]}
