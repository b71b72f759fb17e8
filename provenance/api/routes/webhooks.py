"""Reports of payment providers: signed, taken in, answered with 202; what they name is looked at afterwards."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, BackgroundTasks, Request
from starlette.concurrency import run_in_threadpool

from provenance.api.deps import Installation, RunningInstallation
from provenance.api.schemas.payouts import TakenInView
from provenance.kernel.errors import InvalidReport, NotFound, ProvenanceError
from provenance.payouts.reported import Reported
from provenance.services.payout_reports import process, take_in
from provenance.services.views import View

ROUNDS_MAX = 100

_log = structlog.get_logger("provenance.api.webhooks")

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


@router.post("/stripe", status_code=202, response_model=TakenInView)
async def take_stripe_event(request: Request, installation: RunningInstallation, background: BackgroundTasks) -> View:
    """Take in an event of Stripe's, signed with the secret of one of the installation's endpoints; twice is once.

    Nothing in it is believed: the object that it names is fetched again, after this has been answered.
    """
    body, header = await request.body(), request.headers.get("stripe-signature")
    new = await run_in_threadpool(_take_in, installation, body, header)
    background.add_task(_process, installation)
    return {"taken_in": new}


def _take_in(installation: Installation, body: bytes, header: str | None) -> bool:
    system = installation.system
    verify = system.payments.verify
    if verify is None:
        raise NotFound("Webhooks aren't set up.", mend="Set PROVENANCE_STRIPE_WEBHOOK_SECRETS.")
    try:
        reported: Reported = verify(body, header, system.clock())
    except ProvenanceError as error:
        _log.warning("report_refused", code=error.code, unreadable=isinstance(error, InvalidReport))
        raise
    return take_in(system.database, reported, at=system.clock())


def _process(installation: Installation) -> None:
    """Make something of what waits. One thread of the process does; what fails is made up for by the next."""
    if not installation.inbox_slot.acquire(blocking=False):
        return
    system = installation.system
    try:
        payments = system.payments
        for _ in range(ROUNDS_MAX):
            done = [*process(system.database, payments.providers, payments.onboarding, system.clock)]
            if not any(report.made for report in done):
                return
    except ProvenanceError as error:
        _log.warning("reports_wait", code=error.code)
    finally:
        installation.inbox_slot.release()
