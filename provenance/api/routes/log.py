"""The sealed log for auditors: checkpoint, tiles, consistency, facts with their proofs.

`/v1/log` is a prefix as C2SP's tlog-tiles defines it, behind a key: `/checkpoint` and `/tile/...` are below it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from provenance.api.auth import ReaderKey
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.period import TIME_CHARS_MAX
from provenance.api.schemas.log import ConsistencyView, LogView, ProvenPage, ProvenView
from provenance.kernel.errors import LogAltered, NotFound
from provenance.services.log_stores import LogQuery
from provenance.services.views import View
from provenance.statements.period import parse_time
from provenance.transparency.note import encoded
from provenance.transparency.proof import SIZE_MAX

NAME_CHARS_MAX = 200
_TILE = re.compile(r"([0-7]|entries)/(x[0-9]{3}/){0,5}[0-9]{3}(\.p/[1-9][0-9]{0,2})?", re.ASCII)

router = APIRouter(prefix="/v1/log", tags=["audit"])

_Name = Annotated[str | None, Query(min_length=1, max_length=NAME_CHARS_MAX)]
_Time = Annotated[
    str | None, Query(min_length=1, max_length=TIME_CHARS_MAX, description="A day or a moment, UTC unless it says so.")
]
_Size = Annotated[int, Query(ge=0, le=SIZE_MAX)]
_TEXT = "text/plain; charset=utf-8"
_FileResponses: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


async def _query(
    *,
    kind: _Name = None,
    party: _Name = None,
    work: _Name = None,
    worker: _Name = None,
    since: _Time = None,
    until: _Time = None,
) -> LogQuery:
    return LogQuery(
        kind=kind,
        party=party,
        work=work,
        worker=worker,
        since=parse_time(since, field="since") if since is not None else None,
        until=parse_time(until, field="until") if until is not None else None,
    )


@router.get("", response_model=LogView)
def get_log(system: InstalledSystem, _: ReaderKey) -> View:
    """The newest checkpoint, the public key, and how much waits to be sealed. Scope: auditor or operator."""
    published = system.log.prover.checkpoint()
    with system.database.begin() as work:
        waiting = work.log.size() - published.checkpoint.size
    key = system.log.verifier().text
    return {**published.view, "key": key, "waiting": max(waiting, 0)}


@router.get("/checkpoint", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def get_checkpoint(
    system: InstalledSystem,
    _: ReaderKey,
    *,
    witnessed: Annotated[bool, Query(description="The newest that witnesses have cosigned.")] = False,
) -> Response:
    """The newest checkpoint as a C2SP signed note: keep it. Scope: auditor or operator."""
    note = system.log.prover.checkpoint(system.log.checkpoint_path(witnessed=witnessed)).note
    return Response(note, media_type=_TEXT, headers={"Cache-Control": "no-cache"})


@router.get("/tile/{path:path}", response_class=Response, responses=_FileResponses)
def get_tile(system: InstalledSystem, _: ReaderKey, path: Annotated[str, Path(max_length=NAME_CHARS_MAX)]) -> Response:
    """A tile of hashes or a bundle of leaves, as C2SP's tlog-tiles lays them out. Scope: auditor or operator."""
    try:
        if not _TILE.fullmatch(path):
            raise NotFound("There is no such tile.", mend="See C2SP's tlog-tiles for the paths.")
        data = system.log.folder.read(f"tile/{path}")
    except LogAltered as error:
        raise NotFound("There is no such tile.", mend="Ask for the full one, or for a newer checkpoint.") from error
    return Response(data, media_type="application/octet-stream", headers={"Cache-Control": "immutable"})


@router.get("/consistency", response_model=ConsistencyView)
def get_consistency(
    system: InstalledSystem, _: ReaderKey, old: _Size, size: Annotated[int | None, Query(ge=0, le=SIZE_MAX)] = None
) -> View:
    """The proof that the log only added to its first `old` leaves. Scope: auditor or operator."""
    published = system.log.prover.checkpoint()
    until = published.checkpoint.size if size is None else size
    proof = [encoded(found) for found in system.log.prover.consistency(old, until)]
    return {"old": old, "size": until, "proof": proof, "note": published.note.decode()}


@router.get("/facts", response_model=ProvenPage)
def get_facts(
    system: InstalledSystem,
    _: ReaderKey,
    query: Annotated[LogQuery, Depends(_query)],
    page: Annotated[Paging, Depends(paging("facts"))],
) -> View:
    """Facts about a party, a work, a worker, of a kind or a time, each with its proof. Scope: auditor or operator."""
    published = system.log.prover.checkpoint()
    found = system.log.prover.search(query, published, after=page.after, limit=page.limit)
    return {"items": [proven.view for proven in found.items], "next_cursor": page.cursor(found.next_after)}


@router.get("/facts/{kind}/{fact}", response_model=ProvenView)
def get_fact(
    system: InstalledSystem,
    _: ReaderKey,
    kind: Annotated[str, Path(max_length=NAME_CHARS_MAX)],
    fact: Annotated[str, Path(max_length=NAME_CHARS_MAX)],
) -> View:
    """A fact with the proof that it is in the log. Scope: auditor or operator."""
    return system.log.prover.inclusion([(kind, fact)], system.log.prover.checkpoint())[0].view
