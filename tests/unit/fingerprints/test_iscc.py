"""The ISCC text code, against the vectors that ISO 24138's reference implementation is tested with."""

from __future__ import annotations

from provenance.fingerprints.iscc import ISCC_BITS, text_code


def test_hello_world_has_the_code_of_the_reference_implementation() -> None:
    # iscc-core, iscc_core/conformance/data.json, gen_text_code_v0 "hello_world_256_bits".
    assert text_code("Hello World") == "ISCC:EADSKDNZNYGUUF5AMFEJLZ5P66CP5YKCOA3X7F36RWE4CIRCBTUWXYY"
    assert ISCC_BITS == 256


def test_an_empty_text_has_a_code_too() -> None:
    assert text_code("") == "ISCC:EADSL4F2WZY7KBXBYUZPREWZ26IXUJJOPJJAQMXVSY5IZVHJU7RRFNI"


def test_white_space_and_case_make_no_difference_but_words_do() -> None:
    text = "It was the best of times, it was the worst of times, it was the age of wisdom."
    assert text_code(text.replace(" ", "\n ").upper()) == text_code(text)
    assert text_code(text + " It was the age of foolishness.") != text_code(text)
