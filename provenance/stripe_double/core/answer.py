"""One request answered: who asks, faults that are due, the key, the parameters, the endpoint; in that order.

Whatever refuses a request before its endpoint begins leaves nothing behind. An endpoint that has begun checks all
before its first change, so that a request is carried out as a whole or not at all.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from provenance.stripe_double.core import account_state, idempotency
from provenance.stripe_double.core.admission import admit
from provenance.stripe_double.core.call import Call, Route
from provenance.stripe_double.core.dispatch import find
from provenance.stripe_double.core.expand import check_paths, expand
from provenance.stripe_double.core.faults import BEFORE_THE_KEY, OF_WRITES, Fault, FaultKind
from provenance.stripe_double.core.form import Params, parse_form
from provenance.stripe_double.core.parameters import Reader, expand_paths
from provenance.stripe_double.core.records import Waiting
from provenance.stripe_double.core.refused import ErrorType, Refused
from provenance.stripe_double.core.request import Answer, Lost, Request, Response
from provenance.stripe_double.core.shapes import API_VERSION
from provenance.stripe_double.core.world import World

EXECUTE = "request_execute"
_encode = json.JSONEncoder(separators=(",", ":")).encode


def answer(world: World, request: Request) -> Answer:
    """The answer to a request at the world's own time, which `handle.advance` moves."""
    request_id = world.new_id("req")
    try:
        account = admit(world, request.headers)
        route, ids = find(request.method, request.path)
        params = parse_form(request.body if request.method == "POST" else request.query)
        if fault := world.strike(BEFORE_THE_KEY, method=request.method, path=request.path, account=account):
            return _turned_away(fault, request_id)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        call = Call(
            world=world, account=account, request=request_id, key=key or None,
            ids=tuple(map(unquote, ids)), url=request.path,
        )  # fmt: skip
        return _keyed(call, route, request, params)
    except Refused as refused:
        return _refusal(refused, request_id)


def _keyed(call: Call, route: Route, request: Request, params: Params) -> Answer:
    """The request in its key's safe keeping."""
    world = call.world
    same = {"method": request.method, "path": request.path, "params": params}
    if call.key:
        replayed = idempotency.recall(world, call.account, call.key, **same)  # type: ignore[arg-type]  # three names
        if replayed is not None:
            return replayed
    command, paths = route.read(Reader(params)), expand_paths(params)
    check_paths(route.method, route.path, paths)
    fault = world.strike(OF_WRITES, method=request.method, path=request.path, account=call.account)
    if call.key:
        idempotency.begin(world, call.account, call.key, call.request, **same)  # type: ignore[arg-type]  # as above
    if fault and fault.kind is FaultKind.SLOW:
        _put_off(call, request, params, fault.seconds)
        return Lost(reason=fault.kind)
    response = _carry_out(call, route, command, paths, fault)
    if call.key:
        idempotency.save(world, call.account, call.key, status=response.status, body=response.body)
    return Lost(reason=fault.kind) if fault and fault.kind is FaultKind.TIMEOUT_AFTER else response


def _carry_out(call: Call, route: Route, command: Any, paths: tuple[str, ...], fault: Fault | None) -> Response:
    """The endpoint's answer, be it a refusal, with the fault that is due."""
    kind = fault.kind if fault else None
    try:
        if kind is FaultKind.ERROR_BEFORE:
            raise _broken()
        if kind is FaultKind.INSUFFICIENT_FUNDS:
            raise Refused("You have insufficient available funds in your Stripe account.", code="balance_insufficient")
        if kind is FaultKind.ACCOUNT_CLOSED:
            _close_destination(call, command)
        found = expand(call.world, route.execute(call, command), paths)
        if kind is FaultKind.ERROR_AFTER:
            raise _broken()
        return Response(status=200, body=_encode(found), headers=_headers(call.request, call.key))
    except Refused as refused:
        return _refusal(refused, call.request)


def _close_destination(call: Call, command: Any) -> None:
    """The account that is about to be paid is closed: a transfer's destination, or the one that acts."""
    world = call.world
    account = world.account_of(getattr(command, "destination", None) or call.account) or world.account_of(call.account)
    if account is not None and account.id != world.platform:
        account_state.close(world, account.id)


def _put_off(call: Call, request: Request, params: Params, seconds: int) -> None:
    """Take the request in, and let its effect come later."""
    world = call.world
    world.waiting[call.request] = Waiting(
        id=call.request,
        method=request.method,
        path=request.path,
        params=params,
        account=call.account,
        key=call.key,
    )
    heapq.heappush(world.due, (world.now + seconds, world.new_order(), EXECUTE, call.request))


def execute_waiting(world: World, request_id: str) -> None:
    """Carry out what was put off, as if it had been asked for now; its answer is kept under its key."""
    waiting = world.waiting.pop(request_id)
    route, ids = find(waiting.method, waiting.path)
    call = Call(
        world=world, account=waiting.account, request=request_id, key=waiting.key,
        ids=tuple(map(unquote, ids)), url=waiting.path,
    )  # fmt: skip
    command = route.read(Reader(dict(waiting.params)))
    response = _carry_out(call, route, command, (), None)
    if waiting.key:
        idempotency.save(world, waiting.account, waiting.key, status=response.status, body=response.body)


def _turned_away(fault: Fault, request_id: str) -> Answer:
    """What is said by what stands before the endpoints."""
    retry = (("Stripe-Should-Retry", "true"),)
    match fault.kind:
        case FaultKind.TIMEOUT_BEFORE:
            return Lost(reason=fault.kind)
        case FaultKind.CONFLICT:
            refused = Refused(
                "This object cannot be accessed right now because another request is currently accessing it.",
                status=409, code="lock_timeout", headers=retry,
            )  # fmt: skip
        case FaultKind.LOCK_TIMEOUT:
            refused = Refused(
                "This object cannot be accessed right now because another API request or Stripe process is currently"
                " accessing it.",
                status=429, code="lock_timeout", headers=retry,
            )  # fmt: skip
        case FaultKind.RATE_LIMITED:
            refused = Refused("Too many requests. Please try again later.", status=429, code="rate_limit")
        case _:
            refused = Refused("The service is unavailable.", status=503, kind=ErrorType.API)
    return _refusal(refused, request_id)


def _broken() -> Refused:
    return Refused(
        "An error occurred in this double, as its script asks for.",
        status=500, kind=ErrorType.API, headers=(("Stripe-Should-Retry", "false"),),
    )  # fmt: skip


def _refusal(refused: Refused, request_id: str) -> Response:
    body = refused.body()
    body["error"]["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
    return Response(
        status=refused.status, body=_encode(body), headers={**_headers(request_id, None), **dict(refused.headers)}
    )


def _headers(request_id: str, key: str | None) -> Mapping[str, str]:
    headers = {"Content-Type": "application/json", "Request-Id": request_id, "Stripe-Version": API_VERSION}
    return headers | {"Idempotency-Key": key} if key else headers
