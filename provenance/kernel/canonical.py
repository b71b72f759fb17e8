"""One value, one sequence of bytes, one digest (RFC 8785, JSON Canonicalization Scheme; SHA-256).

Digests name facts for ever, so only values with one JSON form are let in: no float, no date object, no set.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Union

import rfc8785

# A string would be a sequence of itself for `|` at run time, hence the older spelling.
Json = Union[None, bool, int, str, Sequence["Json"], Mapping[str, "Json"]]  # noqa: UP007

# RFC 8785, section 3.2.2.3: what an IEEE double holds exactly.
_INTEGER_MAX = 2**53 - 1
_plain_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False).encode


def canonical_bytes(value: Json) -> bytes:
    """The one byte form of ``value``.

    Raises:
        TypeError: it holds a float, half of a surrogate pair, a mapping or sequence other than dict, list and tuple, or
            something that JSON doesn't know. Integers of 2**53 and beyond must travel as strings.
    """
    try:
        if _is_plain(value):
            return _plain_json(value).encode()
        _refuse_floats(value)
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:  # the latter for keys, which it sorts first
        raise TypeError(f"no canonical form: {error}") from error


def digest(value: Json) -> str:
    """SHA-256 of the canonical bytes, in lower-case hexadecimal (64 characters)."""
    return sha256_hex(canonical_bytes(value))


def sha256_hex(data: bytes) -> str:
    """SHA-256 of ``data`` in lower-case hexadecimal (64 characters)."""
    return hashlib.sha256(data).hexdigest()


def _is_plain(value: object) -> bool:
    """Whether the standard library writes it as RFC 8785 does, in a tenth of the time.

    Both escape strings alike; keys are sorted alike as long as they are ASCII.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -_INTEGER_MAX <= value <= _INTEGER_MAX  # type: ignore[operator]  # mypy doesn't follow `kind`
    if kind is dict:
        return all(type(k) is str and k.isascii() and _is_plain(v) for k, v in value.items())  # type: ignore[attr-defined]
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))  # type: ignore[call-overload]
    return False


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a float has no place in a fact; use an integer of a smaller unit")
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            _refuse_floats(item)
