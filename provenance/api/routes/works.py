"""Works: registered sources, and the index that outputs are held against."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from provenance.api.auth import OperatorKey, RegistrantKey, WorkReaderKey, reads_all
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem, RunningInstallation
from provenance.api.schemas.fields import Id, ListOf, one_line
from provenance.api.schemas.works import (
    RegisteredView,
    SnapshotView,
    StandingView,
    WithdrawalForm,
    WithdrawalView,
    WorkDetailView,
    WorkForm,
)
from provenance.api.views import claims_view, licence_view, publication_view, revision_view
from provenance.api.visible import check_may_state_rights, visible_work
from provenance.bootstrap import System
from provenance.kernel.errors import Conflict, Forbidden, InvalidClaims, NotFound
from provenance.services.ingest import IngestOutcome, ingest
from provenance.services.ports import UnitOfWork
from provenance.services.views import View, standing_view, work_view
from provenance.services.withdraw import withdraw, withdrawal_view
from provenance.sources.document import Document
from provenance.sources.party import ApiKey, Party, Scope
from provenance.sources.work import work_id

router = APIRouter(prefix="/v1", tags=["works"])


@router.post(
    "/works",
    status_code=201,
    response_model=RegisteredView,
    responses={200: {"model": RegisteredView, "description": "The text was registered before, or is a new revision."}},
)
def register_work(form: WorkForm, installation: RunningInstallation, key: RegistrantKey, response: Response) -> View:
    """Register a work with its text, claims and licence; the index takes it in shortly after.

    Scope: operator, for any registrant; creator, for its own party.
    """
    system = installation.system
    registrant, document = form.registrant or key.party, form.document()
    if Scope.OPERATOR not in key.scopes and registrant != key.party:
        raise Forbidden(
            "A creator registers its own works alone.", mend=f"Leave the registrant out: it is {key.party!r}."
        )
    party = _check_registrable(system, registrant, document)
    (registered,) = ingest([document], party, system.database, system.encoder, system.clock)
    if registered.error is not None:
        raise registered.error
    assert registered.work is not None, "what isn't rejected has a work"
    if registered.outcome is not IngestOutcome.UNCHANGED:
        installation.publisher.request()
    if registered.outcome is not IngestOutcome.NEW:
        response.status_code = 200
    response.headers["Location"] = f"/v1/works/{registered.work}"
    with system.database.begin() as work:
        found = work.works.get(registered.work)
    assert found is not None, "it was registered above"
    return {
        "outcome": registered.outcome.value,
        "work": work_view(found),
        "segments": registered.segments,
        "chars": registered.chars,
    }


def _check_registrable(system: System, registrant: str, document: Document) -> Party:
    """The registrant, where all that the document names exists and nothing in it contradicts what is recorded."""
    with system.database.begin() as work:
        party = work.parties.get(registrant)
        if party is None:
            raise NotFound(f"There is no party {registrant!r}.", mend="Register it first.", party=registrant)
        # Files may bring claimants along; over the network nobody but an operator makes a party.
        for claimant in sorted(document.claims):
            if work.parties.get(claimant) is None:
                raise InvalidClaims(f"There is no party {claimant!r}.", mend="Register it first.", party=claimant)
        known = work.works.get(work_id(registrant, document.source_id))
    if known is not None and (known.title, known.author) != (document.title, document.author):
        raise Conflict(
            f"{document.source_id!r} is registered with another title or author.",
            mend="Send the recorded ones, or another source_id.",
            work=known.id,
        )
    return party


@router.get("/works", response_model=ListOf[StandingView])
def list_works(system: InstalledSystem, key: WorkReaderKey, page: Annotated[Paging, Depends(paging("works"))]) -> View:
    """Works. Scope: operator or auditor, all; creator, those that its party registered or ever had a claim on."""
    with system.database.begin() as work:
        found = work.works.page(after=page.after, limit=page.limit, party=None if reads_all(key) else key.party)
        gone = work.works.withdrawn({r.fact.id for r in found.items})
    items = [standing_view(r.fact, gone.get(r.fact.id)) for r in found.items]
    return {"items": items, "next_cursor": page.cursor(found.next_after)}


@router.get("/works/{work_id}", response_model=WorkDetailView, response_model_exclude_unset=True)
def get_work(work_id: Id, system: InstalledSystem, key: WorkReaderKey) -> View:
    """A work with its revisions, claims and licences. Scope: operator, auditor, or creator for its own."""
    with system.database.begin() as work:
        return _detail(work, work_id, key)


def _detail(work: UnitOfWork, name: str, key: ApiKey) -> View:
    return {
        **standing_view(visible_work(work, name, key), work.works.withdrawal_of(name)),
        "revisions": [revision_view(r) for r in work.works.revisions(name)],
        "claims": [claims_view(r) for r in work.rights.claims_of(name)],
        "licences": [licence_view(r) for r in work.rights.licences_of(name)],
    }


@router.post(
    "/works/{work_id}/withdrawal",
    status_code=201,
    response_model=WithdrawalView,
    responses={200: {"model": WithdrawalView, "description": "Withdrawn so before: the same again."}},
)
def withdraw_work(
    work_id: Id, form: WithdrawalForm, installation: RunningInstallation, key: RegistrantKey, response: Response
) -> View:
    """Withdraw a work for good: nothing new is attributed to it, and what it earned before is still paid.

    Claims and licences can still be stated. Scope: operator, or the creator that registered it.
    """
    system = installation.system
    with system.database.begin() as work:
        check_may_state_rights(work, work_id, key)
    done = withdraw(system.database, work_id, by=key.party, reason=one_line(form.reason), at=system.clock())
    if done.replayed:
        response.status_code = 200
    else:
        installation.publisher.request()
    return withdrawal_view(done.recorded)


@router.post("/index", response_model=SnapshotView)
def publish_index(installation: RunningInstallation, _: OperatorKey) -> View:
    """Bring the index up to date now, and answer when it is. Scope: operator."""
    return publication_view(installation.publisher.publish_now())
