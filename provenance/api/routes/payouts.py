"""Payouts for operators: preview, run, approve, cancel, let go on, move on; and for all who may see one: explain it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from provenance.api.auth import OperatorKey, ReaderKey, WorkReaderKey, reads_all
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.schemas.fields import Id, ListOf, PartyId, one_line
from provenance.api.schemas.payouts import (
    AdvancedView,
    ExplainedPayoutView,
    PayoutLineView,
    PayoutView,
    PlannedView,
    ReasonForm,
    RunForm,
)
from provenance.kernel.errors import NotFound
from provenance.payouts.event import State
from provenance.services.payout_advance import advance
from provenance.services.payout_decisions import approve, cancel, retry, write_off
from provenance.services.payout_explain import explain, mend_of
from provenance.services.payout_plan import preview, run
from provenance.services.payout_views import (
    advanced_view,
    explained_view,
    payout_line_view,
    planned_view,
    standing_view,
)
from provenance.services.views import View

router = APIRouter(prefix="/v1/payouts", tags=["payouts"])

AskedParty = Annotated[PartyId | None, Query(description="Of this party alone.")]


@router.get("", response_model=ListOf[PayoutLineView])
def list_payouts(
    system: InstalledSystem,
    _: ReaderKey,
    page: Annotated[Paging, Depends(paging("payouts"))],
    party: AskedParty = None,
    state: Annotated[State | None, Query(description="In this state alone.")] = None,
) -> View:
    """Payouts in the order in which they were planned. Scope: operator, auditor."""
    with system.database.begin() as work:
        found = work.payouts.page(after=page.after, limit=page.limit, party=party, state=state)
    items = [payout_line_view(r.fact) for r in found.items]
    return {"items": items, "next_cursor": page.cursor(found.next_after)}


@router.post("", status_code=201, response_model=PlannedView)
def run_payouts(form: RunForm, system: InstalledSystem, key: OperatorKey) -> View:
    """Plan payouts of all that is payable by closed statements, approved by the key's party; nothing is sent yet.

    What needs a second person waits for it; the rest is taken off what is owed at once. Again plans nothing twice.
    Scope: operator.
    """
    payments = system.payments
    found = run(system.database, payments.way, payments.limits, by=key.party, at=system.clock(), party=form.party)
    return planned_view(found)


@router.get("/preview", response_model=PlannedView)
def preview_payouts(system: InstalledSystem, key: ReaderKey, party: AskedParty = None) -> View:
    """What a run would plan now, and who isn't paid and why. Records nothing. Scope: operator, auditor."""
    payments = system.payments
    return planned_view(preview(system.database, payments.way, payments.limits, by=key.party, party=party))


@router.get("/{payout}", response_model=ExplainedPayoutView)
def get_payout(payout: Id, system: InstalledSystem, key: WorkReaderKey) -> View:
    """A payout with all that happened to it, the lines that it settles, and what it waits for.

    Scope: operator, auditor, or creator for its own.
    """
    found = explain(system.database, system.payments.providers, payout, system.clock)
    if not reads_all(key) and found.standing.payout.party != key.party:
        raise NotFound(f"There is no payout {payout!r}.", mend="List your own.", payout=payout)
    return explained_view(found)


@router.post("/{payout}/approval", response_model=PayoutView)
def approve_payout(payout: Id, system: InstalledSystem, key: OperatorKey) -> View:
    """Approve a payout, as the key's party; the same again changes nothing. Scope: operator."""
    return standing_view(approve(system.database, payout, by=key.party, at=system.clock()))


@router.post("/{payout}/cancellation", response_model=PayoutView)
def cancel_payout(payout: Id, form: ReasonForm, system: InstalledSystem, key: OperatorKey) -> View:
    """Cancel a payout of which nothing is out, or begin to take back what is. Its history stays. Scope: operator."""
    found = cancel(system.database, payout, by=key.party, reason=one_line(form.reason), at=system.clock())
    return standing_view(found)


@router.post("/{payout}/write-off", response_model=PayoutView)
def write_off_payout(payout: Id, form: ReasonForm, system: InstalledSystem, key: OperatorKey) -> View:
    """Give up what a failed payout has out and the provider has refused to give back; the party is owed again.

    It takes another person than who planned it. Scope: operator.
    """
    found = write_off(system.database, payout, by=key.party, reason=one_line(form.reason), at=system.clock())
    return standing_view(found)


@router.post("/{payout}/retry", response_model=AdvancedView)
def retry_payout(payout: Id, form: ReasonForm, system: InstalledSystem, key: OperatorKey) -> View:
    """Let a payout go on now, and look at everything with the provider anew. Nothing is sent a second time.

    Scope: operator.
    """
    retry(system.database, payout, by=key.party, reason=one_line(form.reason), at=system.clock())
    found = advance(system.database, system.payments.providers, payout, system.clock, look_again=True)
    return advanced_view(found, mend_of(found.next))


@router.post("/{payout}/advance", response_model=AdvancedView)
def advance_payout(payout: Id, system: InstalledSystem, _: OperatorKey) -> View:
    """Move a payout on as far as it goes now. Scope: operator."""
    found = advance(system.database, system.payments.providers, payout, system.clock)
    return advanced_view(found, mend_of(found.next))
