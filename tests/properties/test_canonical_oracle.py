"""Canonical bytes are those of an independent implementation of RFC 8785, whatever the value."""

from typing import Any

import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.kernel.canonical import canonical_bytes

TEXTS = st.text(max_size=20) | st.text(st.sampled_from('\x00\x08\x1f\x7f"\\\\/\u2028\ufb33\U0001f600é'), max_size=8)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
@example({"\ufb33": 0, "\U0001f600": 1, "a": [(), {"b": "\x0f\x7f"}]})
def test_every_value_has_the_bytes_of_the_oracle(value: Any) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)
