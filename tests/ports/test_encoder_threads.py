"""The same text has the same vectors, bit for bit, however many threads compute them."""

from __future__ import annotations

import pytest

from provenance.adapters.encoders.openvino_encoder import OpenVinoEncoder
from provenance.adapters.encoders.weights import packaged_model
from provenance.fingerprints.segment import segment

TEXT = " ".join(
    f"On day {n} the keeper of lamp {n * 7} wrote that the {w} had come back, and that nobody believed it."
    for n, w in enumerate("herring fog tide storm gulls ice moon wind rain silence seals swell".split())
)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_number_of_threads_changes_no_bit_of_a_vector(threads: int) -> None:
    files, spans = packaged_model(), segment(TEXT)
    found = OpenVinoEncoder(files, threads=threads).encode(TEXT, spans)
    assert found.tobytes() == OpenVinoEncoder(files).encode(TEXT, spans).tobytes()
    assert found.any(axis=1).all()
