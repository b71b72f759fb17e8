"""Idempotency as Stripe documents it for v1 (docs.stripe.com/api/idempotent_requests).

A key belongs to an account. The first answer that an endpoint gives, once it has begun, is kept with its status, a 500
no less than a 200, and replayed to the byte. The same key with other parameters is refused; while the first request is
still being worked on, it is in use. Nothing is kept of a request whose parameters made no sense, or that never reached
its endpoint. Keys are forgotten after a day; from then on the same key is a new request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from provenance.stripe_double.core.records import SavedAnswer
from provenance.stripe_double.core.refused import ErrorType, Refused
from provenance.stripe_double.core.request import Response
from provenance.stripe_double.core.world import World

KEY_CHARS_MAX = 255
REPLAYED_HEADER = "Idempotent-Replayed"
ORIGINAL_HEADER = "Original-Request"


def recall(
    world: World, account: str, key: str, *, method: str, path: str, params: Mapping[str, object]
) -> Response | None:
    """The answer that was given to this request before, or None where it is new.

    Raises:
        Refused: the key was used for another request, or is in use.
    """
    if len(key) > KEY_CHARS_MAX:
        raise Refused(f"Idempotency keys can't be longer than {KEY_CHARS_MAX} characters.", kind=ErrorType.IDEMPOTENCY)
    saved = world.saved.get((account, key))
    if saved is None:
        return None
    if saved.status and saved.at + world.options.key_seconds <= world.now:
        del world.saved[account, key]
        return None
    if (saved.method, saved.path, saved.params) != (method, path, params):
        raise Refused(
            "Keys for idempotent requests can only be used with the same parameters they were first used with."
            f" Try using a key other than '{key[:80]}' if you meant to execute a different request.",
            kind=ErrorType.IDEMPOTENCY,
        )
    if not saved.status:
        raise in_use(key)
    headers = {
        "Content-Type": "application/json",
        "Request-Id": saved.request,
        REPLAYED_HEADER: "true",
        ORIGINAL_HEADER: saved.request,
    }
    return Response(status=saved.status, body=saved.body, headers=headers)


def in_use(key: str) -> Refused:
    """Another request with this key is being worked on."""
    return Refused(
        f"There is currently another in-progress request using this Idempotent Key ('{key[:80]}')."
        " Please try again later.",
        status=409,
        kind=ErrorType.IDEMPOTENCY,
        code="idempotency_key_in_use",
        headers=(("Stripe-Should-Retry", "true"),),
    )


def begin(
    world: World, account: str, key: str, request: str, *, method: str, path: str, params: Mapping[str, object]
) -> None:
    """Note that the endpoint has begun; keys whose time is over are forgotten meanwhile."""
    _forget(world)
    world.saved[account, key] = SavedAnswer(method=method, path=path, params=params, at=world.now, request=request)


def save(world: World, account: str, key: str, *, status: int, body: str) -> None:
    """Keep the answer."""
    world.saved[account, key] = replace(world.saved[account, key], status=status, body=body)


def _forget(world: World) -> None:
    """Drop what is too old; the oldest stand first."""
    for name, saved in list(islice(world.saved.items(), 2)):
        if saved.status and saved.at + world.options.key_seconds <= world.now:
            del world.saved[name]
