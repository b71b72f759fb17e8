"""Form-encoded parameters with nested names (``metadata[intent]=7``, ``expand[0]=source``) as plain values, bounded."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from provenance.stripe_double.core.refused import Refused

FORM_CHARS_MAX = 262_144
FIELDS_MAX = 1_000
DEPTH_MAX = 6

Params = dict[str, Any]


def parse_form(text: str) -> Params:
    """``text`` as nested dicts of strings; names that count from zero, or ``[]``, make lists.

    Raises:
        Refused: too long, too many fields, too deep, or names that contradict one another.
    """
    if not text:
        return {}
    if len(text) > FORM_CHARS_MAX:
        raise Refused("The request is too large.", status=413)
    pairs = text.split("&")
    if len(pairs) > FIELDS_MAX:
        raise Refused(f"The request has over {FIELDS_MAX} parameters.")
    found: Params = {}
    for pair in pairs:
        if pair:
            name, _, value = pair.partition("=")
            _place(found, unquote_plus(name), unquote_plus(value))
    return {name: _with_lists(value) for name, value in found.items()}


def _place(found: Params, name: str, value: str) -> None:
    path = _path(name)
    here = found
    for part in path[:-1]:
        there = here.setdefault(part, {})
        if not isinstance(there, dict):
            raise _contradictory(name)
        here = there
    last = path[-1]
    if last == "":  # "expand[]=a": the next of a list
        last = str(len(here))
    if isinstance(here.get(last), dict):
        raise _contradictory(name)
    here[last] = value


def _path(name: str) -> list[str]:
    if "[" not in name:
        return [name]
    head, _, rest = name.partition("[")
    if not rest.endswith("]") or not head:
        raise Refused(f"Invalid parameter name: {name[:80]}", code="parameter_unknown", param=name[:80])
    path = [head, *rest[:-1].split("][")]
    if len(path) > DEPTH_MAX or "" in path[:-1]:
        raise Refused(f"Invalid parameter name: {name[:80]}", code="parameter_unknown", param=name[:80])
    return path


def _contradictory(name: str) -> Refused:
    return Refused(f"Invalid parameters: {name[:80]} is both a value and a hash.", param=name[:80])


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(item) for name, item in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
