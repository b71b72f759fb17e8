"""Lists, newest first, in pages by cursor: ``limit``, ``starting_after``, ``ending_before``, ``created``, filters."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from provenance.stripe_double.core.call import Call
from provenance.stripe_double.core.parameters import Created, Reader
from provenance.stripe_double.core.records import Record
from provenance.stripe_double.core.refused import Refused, missing
from provenance.stripe_double.core.shapes import Json, page_of, shape
from provenance.stripe_double.core.world import COUNTER_DIGITS

LIMIT_DEFAULT = 10
LIMIT_MAX = 100
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a list is asked for. ``filters`` are the parameters that the endpoint knows, without those not sent."""

    limit: int = LIMIT_DEFAULT
    starting_after: str | None = None
    ending_before: str | None = None
    created: Created = field(default_factory=Created)
    filters: dict[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()  # types of events


def read_query(*filters: str, created: bool = True) -> Callable[[Reader], Query]:
    """Read a list's parameters, with these ``filters`` besides."""

    def read(reader: Reader) -> Query:
        limit = reader.integer("limit")
        if limit is not None and not 1 <= limit <= LIMIT_MAX:
            raise Refused(
                f"This value must be between 1 and {LIMIT_MAX}.", code="parameter_invalid_integer", param="limit"
            )
        after, before = reader.text("starting_after"), reader.text("ending_before")
        if after and before:
            raise Refused(
                "You may only specify one of these parameters: starting_after, ending_before.",
                code="parameters_exclusive",
                param="starting_after",
            )
        found = {name: value for name in filters if (value := reader.text(name)) is not None}
        times = reader.created() if created else Created()
        reader.end()
        return Query(
            limit=LIMIT_DEFAULT if limit is None else limit,
            starting_after=after,
            ending_before=before,
            created=times,
            filters=found,
        )

    return read


def page(
    call: Call,
    kind: str,
    query: Query,
    *,
    keep: Callable[[Record], bool] = lambda _: True,
    ids: list[str] | tuple[str, ...] | None = None,
) -> Json:
    """A page of an account's records of a ``kind`` (or of these ``ids``, oldest first) that ``keep`` lets through.

    Looks at no more records than it has to: their order is that of their creation.
    """
    world = call.world
    listed = world.lists.get((call.account, kind), []) if ids is None else ids
    first, last = _bounds(call, listed, query)
    if query.ending_before:
        place = _place(call, listed, query.ending_before, "ending_before")
        found = _up_to(query.limit, (world.objects[listed[i]] for i in range(max(place + 1, first), last)), keep)
        more = len(found) > query.limit
        chosen = found[: query.limit][::-1]
    else:
        if query.starting_after:
            last = min(last, _place(call, listed, query.starting_after, "starting_after"))
        found = _up_to(query.limit, (world.objects[listed[i]] for i in range(last - 1, first - 1, -1)), keep)
        more = len(found) > query.limit
        chosen = found[: query.limit]
    return page_of([shape(world, record) for record in chosen], url=call.url, has_more=more)


def _up_to(limit: int, records: Iterable[Record], keep: Callable[[Record], bool]) -> list[Record]:
    """At most one more than ``limit``, which tells that there are more."""
    found = []
    for record in records:
        if keep(record):
            found.append(record)
            if len(found) > limit:
                break
    return found


def _bounds(call: Call, listed: list[str] | tuple[str, ...], query: Query) -> tuple[int, int]:
    """From where to where in the list the times of creation fit."""
    objects = call.world.objects
    first, last = 0, len(listed)
    if query.created.first is not None:
        first = bisect_left(listed, query.created.first, key=lambda id_: objects[id_].created)
    if query.created.last is not None:
        last = bisect_right(listed, query.created.last, key=lambda id_: objects[id_].created)
    return first, last


def _place(call: Call, listed: list[str] | tuple[str, ...], cursor: str, param: str) -> int:
    """Where a cursor stands in the list. Ids sort by their counter, whatever their prefix."""
    record = call.world.objects.get(cursor)
    if record is not None:
        place = bisect_left(listed, cursor[-COUNTER_DIGITS:], key=lambda id_: id_[-COUNTER_DIGITS:])
        if place < len(listed) and listed[place] == cursor:
            return place
    raise missing("object", cursor, param=param, status=400)
