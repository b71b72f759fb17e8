"""The ISCC text code of a revision (ISO 24138): a public similarity-preserving fingerprint of its whole text."""

from __future__ import annotations

import iscc_lib

ISCC_BITS = 256


def text_code(text: str) -> str:
    """ISCC Content-Code Text of ``text``, for example ``"ISCC:EAD..."``."""
    return str(iscc_lib.gen_text_code_v0(text, bits=ISCC_BITS).iscc)
