"""Unit vectors, and the name of whatever made them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from provenance.fingerprints.vector import EncoderIdentity, unit

IDENTITY = EncoderIdentity(
    model="tiny",
    weights_sha256="aa",
    tokenizer_sha256="bb",
    precision="f32",
    pooling="mean",
    segmenting="sentences-1",
    dimensions=384,
)


def test_rows_are_scaled_to_length_one() -> None:
    scaled = unit(np.array([[3, 4], [0, -2], [0.6, 0.8]], np.float32))
    np.testing.assert_allclose(scaled, [[0.6, 0.8], [0, -1], [0.6, 0.8]], rtol=1e-6)
    assert scaled.dtype == np.float32


def test_a_row_of_zeros_stays_as_it_is() -> None:
    assert unit(np.array([[0, 0], [5, 0]], np.float32)).tolist() == [[0, 0], [1, 0]]


def test_a_very_short_row_is_scaled_too() -> None:
    assert unit(np.array([[3e-12, 4e-12]], np.float32))[0] == pytest.approx([0.6, 0.8], rel=1e-5)


def test_no_rows_stay_no_rows() -> None:
    assert unit(np.empty((0, 7), np.float32)).shape == (0, 7)


def test_the_name_starts_with_the_model_and_ends_with_twelve_digits_of_a_digest() -> None:
    # SHA-256 of the seven fields as canonical JSON, worked out with sha256sum.
    assert IDENTITY.name == "tiny-d474cba8057f"


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"weights_sha256": "ab"},
        {"tokenizer_sha256": "bc"},
        {"precision": "int8"},
        {"pooling": "cls"},
        {"segmenting": "sentences-2"},
        {"dimensions": 385},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_changes_the_second_half_of_the_name(change: dict[str, object]) -> None:
    other = replace(IDENTITY, **change)  # type: ignore[arg-type]  # one field of its own type
    assert other.name.removeprefix(other.model) != IDENTITY.name.removeprefix("tiny")


def test_an_identity_never_changes() -> None:
    with pytest.raises(FrozenInstanceError):
        IDENTITY.model = "other"  # type: ignore[misc]  # that is the point
