"""Generations: a service sends each output, and learns which works it derives from and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from pydantic import TypeAdapter

from provenance.api.auth import GenerationReaderKey, ServiceKey, reads_all
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem, RunningInstallation
from provenance.api.schemas.fields import Id, ListOf
from provenance.api.schemas.generations import GenerationForm, GenerationView
from provenance.services.generations import submit
from provenance.services.views import View, generation_view, load_generation

IDEMPOTENCY_KEY_CHARS_MAX = 200
_VIEW = TypeAdapter(GenerationView)

router = APIRouter(prefix="/v1/generations", tags=["generations"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=IDEMPOTENCY_KEY_CHARS_MAX,
        pattern=r"^[\x20-\x7e]+$",
        description="Optional: the `id` in the body is a business key already, and a repetition of it is harmless.",
    ),
]


@router.post(
    "",
    status_code=201,
    response_model=GenerationView,
    responses={
        200: {
            "model": GenerationView,
            "description": "Recorded before, with the same content: the first answer again.",
            "headers": {"Idempotent-Replayed": {"schema": {"type": "string", "enum": ["true"]}}},
        }
    },
)
def submit_generation(
    form: GenerationForm,
    installation: RunningInstallation,
    key: ServiceKey,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Attribute an output and book what it earns, once, however often it is sent.

    The same id, or the same `Idempotency-Key`, with another content is a conflict, for ever. Scope: service, for its
    own party.
    """
    system = installation.system
    submitted = submit(
        form.generation(key.party),
        system.database,
        system.attributor,
        system.clock,
        pool_basis_points=system.settings.royalty_pool_basis_points,
        idempotency_key=idempotency_key,
        recorder=installation.recorder,
    )
    with system.database.begin() as work:
        view = generation_view(work, submitted.recorded)
    headers = {"Location": f"/v1/generations/{submitted.recorded.fact.generation.id}"}
    if submitted.replayed:
        return _answer(view, 200, headers | {"Idempotent-Replayed": "true"})
    return _answer(view, 201, headers)


def _answer(view: View, status: int, headers: Mapping[str, str]) -> Response:
    """The view, checked against its schema, as bytes: in this thread, where FastAPI would take another one for it."""
    body = _VIEW.dump_json(_VIEW.validate_python(view), by_alias=True, exclude_unset=True)
    return Response(body, status, headers, media_type="application/json")


@router.get("", response_model=ListOf[GenerationView], response_model_exclude_unset=True)
def list_generations(
    system: InstalledSystem, key: GenerationReaderKey, page: Annotated[Paging, Depends(paging("generations"))]
) -> View:
    """Generations. Scope: operator or auditor, all; service, its own."""
    with system.database.begin() as work:
        service = None if reads_all(key) else key.party
        found = work.generations.page(after=page.after, limit=page.limit, service=service)
        items = [generation_view(work, recorded) for recorded in found.items]
    return {"items": items, "next_cursor": page.cursor(found.next_after)}


@router.get("/{generation}", response_model=GenerationView, response_model_exclude_unset=True)
def get_generation(generation: Id, system: InstalledSystem, key: GenerationReaderKey) -> View:
    """One generation, by our id. Scope: operator, auditor, or the service that sent it."""
    return load_generation(system.database, generation, service=None if reads_all(key) else key.party)
