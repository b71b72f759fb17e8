"""Digests: equal for equal values however they were put together, different for different values."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.canonical import canonical_bytes, digest

texts = st.text(max_size=8)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


def turned(value: Any) -> Any:
    """The same value with the keys of each object the other way round."""
    if isinstance(value, dict):
        return {key: turned(item) for key, item in reversed(value.items())}
    return [turned(item) for item in value] if isinstance(value, list) else value


def told_apart(value: Any) -> Any:
    """The value with its types spelled out, because Python takes True for 1."""
    if isinstance(value, dict):
        return {"object": {key: told_apart(item) for key, item in value.items()}}
    if isinstance(value, list):
        return [told_apart(item) for item in value]
    return (type(value).__name__, value)


@given(values)
def test_the_order_of_keys_changes_nothing(value: Any) -> None:
    assert canonical_bytes(turned(value)) == canonical_bytes(value)
    assert digest(turned(value)) == digest(value)


@given(values, values)
def test_digests_are_equal_where_values_are_and_nowhere_else(one: Any, other: Any) -> None:
    assert (digest(one) == digest(other)) is (told_apart(one) == told_apart(other))


@given(values, st.data())
def test_a_change_anywhere_changes_the_digest(value: Any, data: st.DataObject) -> None:
    other = changed(value, data.draw)
    assert digest(other) != digest(value)


def changed(value: Any, draw: Callable[[Any], Any]) -> Any:
    """The value with one leaf replaced, one item taken out, or one key renamed."""
    if isinstance(value, list) and value:
        at = draw(st.integers(0, len(value) - 1))
        return value[:at] + ([] if draw(st.booleans()) else [changed(value[at], draw)]) + value[at + 1 :]
    if isinstance(value, dict) and value:
        key = draw(st.sampled_from(sorted(value)))
        rest = {k: v for k, v in value.items() if k != key}
        return rest if draw(st.booleans()) else rest | {key: changed(value[key], draw)}
    return [value, "changed"]


@given(values)
def test_canonical_bytes_are_json_that_reads_back(value: Any) -> None:
    assert told_apart(json.loads(canonical_bytes(value))) == told_apart(value)


@given(values)
def test_a_tuple_stands_for_a_list(value: Any) -> None:
    assert digest((value, value)) == digest([value, value])


@given(values, st.floats(), st.booleans())
def test_a_float_is_refused_in_any_company(value: Any, number: float, named: bool) -> None:
    mixed: Any = {"value": value, "number": [number]} if named else [value, [number]]
    with pytest.raises(TypeError):
        digest(mixed)


@given(st.text(st.characters(categories=["Cs"]), min_size=1, max_size=3), st.booleans())
def test_half_of_a_surrogate_pair_is_refused_as_key_and_value(text: str, as_key: bool) -> None:
    value: Any = {text: 1} if as_key else [text]
    with pytest.raises(TypeError):
        digest(value)
