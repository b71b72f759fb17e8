"""One value, one sequence of bytes, one digest: RFC 8785, and nothing that has two forms."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from provenance.kernel.canonical import canonical_bytes, digest, sha256_hex


def test_keys_are_sorted_and_no_space_is_written() -> None:
    assert canonical_bytes({"b": [1, -2, None], "a": {"y": True, "x": False}}) == (
        b'{"a":{"x":false,"y":true},"b":[1,-2,null]}'
    )


def test_keys_sort_by_utf_16_code_units_as_in_rfc_8785_section_3_2_3() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = canonical_bytes(dict.fromkeys(keys, 0)).decode()
    assert written == '{"\\r":0,"1":0,"\u0080":0,"\u00f6":0,"\u20ac":0,"\U0001f600":0,"\ufb33":0}'


def test_strings_escape_as_in_rfc_8785_section_3_2_2() -> None:
    assert canonical_bytes('\u20ac$\x0f\nA\'B"\\\\"/') == b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'


@pytest.mark.parametrize(
    ("value", "written"), [([], b"[]"), ({}, b"{}"), ((1, "a"), b'[1,"a"]'), ("", b'""'), (0, b"0"), (None, b"null")]
)
def test_empty_and_plain_values_have_their_json_form(value: Any, written: bytes) -> None:
    assert canonical_bytes(value) == written


@pytest.mark.parametrize(
    "value",
    [0.0, 1.5, float("nan"), [1.0], (1, 2.0), {"a": 1.0}, {"a": [{"b": 0.5}]}, [[{"a": (1.0,)}]], {1.5: "a"}],
    ids=repr,
)
def test_a_float_is_refused_wherever_it_stands(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_bytes(value)


def test_the_refusal_of_a_float_names_the_mend() -> None:
    rate: Any = 0.25
    with pytest.raises(TypeError, match="smaller unit"):
        canonical_bytes({"rate": [rate]})


@pytest.mark.parametrize(
    "value",
    [{1}, b"ab", bytearray(b"ab"), Decimal(1), object(), range(2), MappingProxyType({}), [{"a": {2}}]],
    ids=lambda v: type(v).__name__,
)
def test_what_json_does_not_know_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical_bytes(value)


@pytest.mark.parametrize("value", ["\ud800", ["a\udfff"], {"k": "\ud800"}, {"\ud800": 1}], ids=ascii)
def test_half_of_a_surrogate_pair_is_refused_in_values_and_keys(value: Any) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical_bytes(value)


@pytest.mark.parametrize("value", [{1: "a"}, {None: "a"}, {b"k": "a"}], ids=repr)
def test_a_key_that_is_no_string_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="keys must be strings"):
        canonical_bytes(value)


def test_integers_up_to_2_to_the_53rd_less_one_are_written() -> None:
    assert canonical_bytes([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"


@pytest.mark.parametrize("value", [2**53, -(2**53)])
def test_integers_that_a_json_number_cannot_hold_exactly_are_refused(value: int) -> None:
    with pytest.raises(TypeError, match="safe integer"):
        canonical_bytes(value)


def test_the_cause_of_a_refusal_is_chained() -> None:
    with pytest.raises(TypeError) as refused:
        canonical_bytes({"\ud800": 1})
    assert isinstance(refused.value.__cause__, UnicodeEncodeError)


def test_digest_is_the_sha_256_of_the_canonical_bytes() -> None:
    assert digest({"a": 1}) == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"


def test_sha256_hex_gives_the_vector_of_fips_180() -> None:
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(("one", "other"), [(1, "1"), (1, True), (0, False), (None, "null"), ([], {}), (["a"], "a")])
def test_values_of_different_types_have_different_digests(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)
