"""Models of sentence-transformers behind the same port; where the library isn't installed, the mend is named."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from provenance.adapters.encoders.sentence_transformer import SentenceTransformerEncoder
from provenance.adapters.encoders.weights import packaged_model
from provenance.fingerprints.segment import segment
from provenance.kernel.errors import ModelMissing

TEXT = "The cat sat on the mat in the early morning light. Nobody on the quay had seen it come, or heard the boat."
INSTALLED = importlib.util.find_spec("sentence_transformers") is not None


@pytest.mark.skipif(INSTALLED, reason="the library is installed")
def test_without_the_library_the_extra_that_brings_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing) as found:
        SentenceTransformerEncoder(tmp_path)
    assert "provenance-ledger[torch]" in found.value.mend


@pytest.mark.skipif(not INSTALLED, reason="sentence-transformers isn't installed")
def test_a_folder_without_a_model_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=str(tmp_path)):
        SentenceTransformerEncoder(tmp_path)


@pytest.mark.skipif(not INSTALLED, reason="sentence-transformers isn't installed")
@pytest.mark.filterwarnings("ignore")
def test_each_segment_is_encoded_alone_and_stands_in_both_halves() -> None:
    encoder = SentenceTransformerEncoder(packaged_model().weights.parent)
    spans = segment(TEXT)
    found = encoder.encode(TEXT, spans)
    assert found.shape == (len(spans), encoder.identity.dimensions) == (2, 768)
    np.testing.assert_array_equal(found[:, :384], found[:, 384:])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)
    for span, vector in zip(spans, found, strict=True):
        [alone] = encoder.encode(span.of(TEXT), [type(span)(0, len(span))])
        assert float(vector @ alone) > 0.999
    assert encoder.encode("", []).shape == (0, 768)
    [again] = encoder.encode_many([(TEXT, spans)])
    np.testing.assert_array_equal(again, found)
