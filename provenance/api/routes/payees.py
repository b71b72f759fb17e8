"""Where parties are paid to: their accounts with the payment provider, what is missing, the next payout, all before."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from provenance.api.auth import RegistrantKey, WorkReaderKey, check_own_party
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.schemas.fields import ListOf, PartyId
from provenance.api.schemas.payouts import LinkView, PayeeForm, PayeeView, PayoutLineView, PlannedView
from provenance.kernel.errors import NotFound
from provenance.services.facts import utc
from provenance.services.payees import link, open_account, payee, refresh
from provenance.services.payout_plan import preview
from provenance.services.payout_views import payee_view, payout_line_view, planned_view
from provenance.services.views import View

router = APIRouter(prefix="/v1/parties/{party}", tags=["payouts"])


@router.get("/payouts", response_model=ListOf[PayoutLineView])
def list_payouts_of_party(
    party: PartyId,
    system: InstalledSystem,
    key: WorkReaderKey,
    page: Annotated[Paging, Depends(paging("payouts"))],
) -> View:
    """A party's payouts, oldest first; `GET /v1/payouts/{payout}` explains one down to the lines.

    Scope: creator for itself, operator, auditor.
    """
    check_own_party(key, party)
    with system.database.begin() as work:
        if work.parties.get(party) is None:
            raise NotFound(f"There is no party {party!r}.", mend="List the parties to see their ids.", party=party)
        found = work.payouts.page(after=page.after, limit=page.limit, party=party)
    items = [payout_line_view(r.fact) for r in found.items]
    return {"items": items, "next_cursor": page.cursor(found.next_after)}


@router.get("/payouts/next", response_model=PlannedView)
def get_next_payout(party: PartyId, system: InstalledSystem, key: WorkReaderKey) -> View:
    """What the next run would pay the party by its closed statements, in each currency, or why it would not.

    Scope: creator for itself, operator, auditor.
    """
    check_own_party(key, party)
    payments = system.payments
    return planned_view(preview(system.database, payments.way, payments.limits, by=key.party, party=party))


@router.get("/payee", response_model=PayeeView)
def get_payee(party: PartyId, system: InstalledSystem, key: WorkReaderKey) -> View:
    """How far a party's account is, and what the provider still asks for, as it was last looked at.

    Scope: creator for itself, operator, auditor.
    """
    check_own_party(key, party)
    return payee_view(payee(system.database, party, system.payments.way.provider))


@router.post("/payee", response_model=PayeeView)
def open_payee(party: PartyId, form: PayeeForm, system: InstalledSystem, key: RegistrantKey) -> View:
    """Open an account with the payment provider for a party, unless it has one. Scope: creator for itself, operator."""
    check_own_party(key, party)
    onboarding = system.payments.opens_accounts
    found = open_account(system.database, onboarding, party, country=form.country, email=form.email, clock=system.clock)
    return payee_view(found)


@router.post("/payee/link", response_model=LinkView)
def link_payee(party: PartyId, system: InstalledSystem, key: RegistrantKey) -> View:
    """A page of the provider's where the party says who it is and where its bank is.

    Scope: creator for itself, operator.
    """
    check_own_party(key, party)
    found = link(system.database, system.payments.opens_accounts, party)
    return {"url": found.url, "expires_at": utc(found.expires_at)}


@router.post("/payee/refresh", response_model=PayeeView)
def refresh_payee(party: PartyId, system: InstalledSystem, key: RegistrantKey) -> View:
    """Ask the provider how far the account is, and keep that. Scope: creator for itself, operator."""
    check_own_party(key, party)
    onboarding = system.payments.opens_accounts
    refresh(system.database, onboarding, party, system.clock)
    return payee_view(payee(system.database, party, onboarding.provider))
