"""Subscription money: a service states what it passes on for a period, which the close shares out by usage."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from provenance.api.auth import ReaderKey, ServiceKey
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.schemas.fields import ListOf
from provenance.api.schemas.subscriptions import SubscriptionForm, SubscriptionView
from provenance.services.statement_views import subscription_view
from provenance.services.subscriptions import record_subscription
from provenance.services.views import View

router = APIRouter(prefix="/v1/subscriptions", tags=["statements"])


@router.post("", status_code=201, response_model=SubscriptionView)
def post_subscription(form: SubscriptionForm, system: InstalledSystem, key: ServiceKey) -> View:
    """State what your subscriptions pass on for a period, in one currency, once; the same again changes nothing.

    The close that ends with the period shares it out, by the usage of your outputs that had no price. Another amount
    for the same period is a conflict, and one for a closed period is refused with `period_closed`. Scope: service, for
    its own party.
    """
    return subscription_view(record_subscription(system.database, form.subscription(key.party), at=system.clock()))


@router.get("", response_model=ListOf[SubscriptionView])
def list_subscriptions(
    system: InstalledSystem, _: ReaderKey, page: Annotated[Paging, Depends(paging("subscriptions"))]
) -> View:
    """All subscription money, in the order of recording. Scope: operator or auditor."""
    with system.database.begin() as work:
        found = work.subscriptions.page(after=page.after, limit=page.limit)
    return {"items": [subscription_view(r) for r in found.items], "next_cursor": page.cursor(found.next_after)}
