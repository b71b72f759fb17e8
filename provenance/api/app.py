"""The application: endpoints, what stands around each request, and what happens at start and end.

Serve it with `uvicorn --factory provenance.api.app:from_environment`, which is what `provenance serve` does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

import structlog
from anyio import to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Lifespan

from provenance.api.access import RequestLog, configure_logging
from provenance.api.auth import Authentication
from provenance.api.bodies import BodyBounds
from provenance.api.deps import Installation
from provenance.api.errors import handle_error
from provenance.api.openapi import DESCRIPTION, TAGS, openapi_of
from provenance.api.publisher import Publisher
from provenance.api.routes import ROUTERS
from provenance.bootstrap import System
from provenance.kernel.errors import ProvenanceError, SnapshotUnusable

_log = structlog.get_logger("provenance.api")


def from_environment() -> FastAPI:
    """The app of the installation that the environment names: what a server's worker process calls."""
    configure_logging()
    return create_app(System())


def create_app(
    system: System, *, publisher: Publisher | None = None, ready: Callable[[], None] | None = None
) -> FastAPI:
    """The app over ``system``, which it closes when it ends; ``ready`` is called once all is loaded.

    Its start raises `SchemaMismatch`, `StorageLocked` or `StorageFailed` where the database isn't fit to be written to,
    and `InvalidInput` where a setting of payments can't be.
    """
    installation = Installation(system=system, publisher=publisher or Publisher(system))
    app = FastAPI(
        title="Provenance",
        version=_version(),
        summary="Which works an output derives from, what they earn, and a record that anyone can check.",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
        lifespan=_lifespan(installation, ready),
    )
    app.state.installation = installation
    for router in ROUTERS:
        app.include_router(router)
    for kind in (ProvenanceError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, handle_error)
    # The last one added is the first to see a request.
    app.add_middleware(BodyBounds)
    app.add_middleware(Authentication, system=system)
    app.add_middleware(RequestLog)
    app.openapi = openapi_of(app)  # type: ignore[method-assign]  # the way that FastAPI documents
    return app


def _lifespan(installation: Installation, ready: Callable[[], None] | None) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            # An older schema may lack the triggers that keep facts from being changed: nothing is served on it.
            await to_thread.run_sync(installation.system.database.check_schema)
            # A setting of payments that can't be is said here, and not to whoever asks first.
            await to_thread.run_sync(lambda: installation.system.payments)
            await to_thread.run_sync(_warm, installation)
            installation.publisher.start()
            if ready is not None:
                ready()
            yield
        finally:
            await to_thread.run_sync(installation.publisher.stop)
            installation.system.close()

    return lifespan


def _warm(installation: Installation) -> None:
    """Load the model and open the index, so that the first request doesn't wait; what is missing, `/readyz` tells."""
    system = installation.system
    try:
        system.attributor()
    except SnapshotUnusable as error:
        _log.info("no_index", code=error.code)
    except ProvenanceError as error:
        _log.warning("not_ready", code=error.code, message=str(error))
        return
    with system.database.begin() as work:
        registered = work.works.page(limit=1)
    if registered.items:
        # Makes up for works that a process registered and didn't live to index; does nothing where there are none.
        installation.publisher.request()


def _operation_id(route: APIRoute) -> str:
    return route.name


def _version() -> str:
    try:
        return version("provenance-ledger")
    except PackageNotFoundError:
        return "0.0.0"
