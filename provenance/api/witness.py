"""A witness over HTTP (C2SP tlog-witness): one endpoint, ``POST /add-checkpoint``, bodies and answers as text."""

from __future__ import annotations

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from provenance.kernel import errors as tree
from provenance.services.witness import Cosigner
from provenance.transparency.witnessing import REQUEST_BYTES_MAX

SIZE_MEDIA_TYPE = "text/x.tlog.size"

# What C2SP's tlog-witness says of each refusal.
_STATUSES: tuple[tuple[type[tree.ProvenanceError], int], ...] = (
    (tree.NotFound, 404),
    (tree.UnknownSigner, 403),
    (tree.ForgedSignature, 403),
    (tree.StaleCheckpoint, 409),
    (tree.ForkedLog, 409),
    (tree.InvalidProof, 422),
    (tree.InvalidCheckpoint, 400),
    (tree.TooLarge, 413),
)


def witness_app(cosigner: Cosigner) -> Starlette:
    """The app of one witness."""

    async def add_checkpoint(request: Request) -> Response:
        try:
            body = await _body(request)
            line = await to_thread.run_sync(cosigner.add_checkpoint, body)
        except tree.ProvenanceError as error:
            return _refused(error)
        return PlainTextResponse(line.line)

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])


async def _body(request: Request) -> bytes:
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > REQUEST_BYTES_MAX:
            raise tree.TooLarge(f"A request has at most {REQUEST_BYTES_MAX} bytes.", mend="Send one checkpoint.")
    return bytes(found)


def _refused(error: tree.ProvenanceError) -> Response:
    if isinstance(error, tree.StaleCheckpoint):
        return Response(f"{error.data['size']}\n", 409, headers={"content-type": SIZE_MEDIA_TYPE})
    status = next((found for kind, found in _STATUSES if isinstance(error, kind)), 503)
    # What is wrong with this machine is for its operator to know.
    detail = str(error) if status < 500 else "The witness can't answer now."
    return PlainTextResponse(f"{error.code}: {detail}\n", status)
