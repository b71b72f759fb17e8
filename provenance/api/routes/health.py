"""Whether the process is alive, and whether it can do its work. No key is needed; nothing is told of what is stored."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Response

from provenance.api.deps import InstalledSystem
from provenance.api.schemas.audit import AliveView, ReadyView
from provenance.kernel.errors import ProvenanceError
from provenance.services.views import View

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=AliveView)
async def get_health() -> View:
    """The process answers."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    response_model=ReadyView,
    responses={503: {"model": ReadyView, "description": "Something is missing; the checks say what."}},
)
def get_readiness(system: InstalledSystem, response: Response) -> View:
    """The database has the right schema, the model is there, and a snapshot is published and can be opened."""
    checks = {
        "database": _check(system.database.check_schema),
        "model": _check(lambda: system.encoder),
        "snapshot": _check(system.attributor),
    }
    if checks["snapshot"]["ok"] and system.index_problem:
        # An older snapshot serves; whoever operates this should know.
        checks["snapshot"] |= {"code": system.index_problem.code, "mend": system.index_problem.mend or None}
    ready = all(check["ok"] for check in checks.values())
    if not ready:
        response.status_code = 503
    return {"ready": ready, "checks": checks}


def _check(need: Callable[[], object]) -> View:
    try:
        need()
    except ProvenanceError as error:
        return {"ok": False, "code": error.code, "mend": error.mend or None}
    return {"ok": True, "code": None, "mend": None}
