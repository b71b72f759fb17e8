"""A generation from JSON, in the form that the API takes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from provenance.kernel.errors import InvalidInput
from provenance.kernel.money import parse_price
from provenance.sources.licence import ANY_PURPOSE, ANYWHERE
from provenance.workers.generation import GENERATION_CHARS_MAX, Generation, Part, parse_made_at
from provenance.workers.worker import Worker, WorkerKind

FILE_CHARS_MAX = 2 * GENERATION_CHARS_MAX
WORKER_FIELDS = ("id", "kind", "model", "model_version", "region")


def parse_generation(text: str, *, service: str) -> Generation:
    """The generation that a JSON text describes.

    Raises:
        InvalidInput: it isn't JSON, or a field is missing, unknown or of another type.
        InvalidMoney, UnknownCurrency, InvalidText, TooLarge: what its values may be.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"This is not JSON: {error}.", mend="Write one JSON object.") from error
    return generation_of(_object(value, "the generation"), service=service)


def generation_of(value: Mapping[str, Any], *, service: str) -> Generation:
    """The generation that a JSON object describes; raises as `parse_generation`."""
    _known(value, ("id", "price", "parts", "territory", "purpose", "prompt", "made_at"), "the generation")
    price = _object(value.get("price"), '"price"')
    _known(price, ("amount", "currency"), '"price"')
    parts = value.get("parts")
    if not isinstance(parts, list):
        raise InvalidInput('"parts" is a list of {"worker", "text"}.', field="parts")
    return Generation(
        service=service,
        external_id=_text(value, "id", "the generation"),
        price=parse_price(_text(price, "amount", '"price"'), _text(price, "currency", '"price"')),
        parts=tuple(_part(part, number) for number, part in enumerate(parts, start=1)),
        territory=_text({"territory": ANYWHERE, **value}, "territory", "the generation"),
        purpose=_text({"purpose": ANY_PURPOSE, **value}, "purpose", "the generation"),
        prompt=_text(value, "prompt", "the generation") if "prompt" in value else None,
        made_at=parse_made_at(_text(value, "made_at", "the generation")) if "made_at" in value else None,
    )


def _part(value: Any, number: int) -> Part:
    where = f"part {number}"
    part = _object(value, where)
    _known(part, ("worker", "text"), where)
    worker = _object(part.get("worker"), f'"worker" of {where}')
    _known(worker, WORKER_FIELDS, f'"worker" of {where}')
    fields = {name: _text(worker, name, f'"worker" of {where}') for name in WORKER_FIELDS}
    kind = fields.pop("kind")
    if kind not in set(WorkerKind):
        raise InvalidInput(f"{kind[:40]!r} is no kind of worker.", mend=f"Use one of {', '.join(WorkerKind)}.")
    return Part(worker=Worker(kind=WorkerKind(kind), **fields), text=_text(part, "text", where))


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(f"{what} is not a JSON object.", mend="See: provenance submit --help.")
    return value


def _known(value: Mapping[str, Any], names: tuple[str, ...], what: str) -> None:
    if unknown := sorted(set(value) - set(names)):
        raise InvalidInput(f"{what} has an unknown field {unknown[0][:40]!r}.", mend=f"Use {', '.join(names)}.")


def _text(value: Mapping[str, Any], name: str, what: str) -> str:
    found = value.get(name)
    if not isinstance(found, str):
        raise InvalidInput(f"{what} needs {name!r}, a string.", mend="See: provenance submit --help.", field=name)
    return found
