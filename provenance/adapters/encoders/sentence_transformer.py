"""Any model that sentence-transformers loads, on whatever device torch has: the reference, and the way to other models.

Needs the extra ``torch``. Each segment is encoded alone, so both halves of its vector are the same. Another model needs
a calibration of its own: provenance train.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from provenance.fingerprints.segment import SEGMENTING
from provenance.fingerprints.vector import EncoderIdentity, Vectors, unit
from provenance.kernel.errors import ModelMissing
from provenance.kernel.span import Span

# Segments of one text that go through the network together; part of what makes the last bits of a vector.
BATCH_SEGMENTS = 32
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_TOKENIZER = ("tokenizer.json", "vocab.txt", "sentencepiece*.model")


class SentenceTransformerEncoder:
    """Implements the port `Encoder`. Safe to call from several threads as far as torch is.

    Raises:
        ModelMissing: the library isn't installed, or ``folder`` holds no model that it can load.
    """

    def __init__(self, folder: Path, *, device: str = "cpu") -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ModelMissing(
                "sentence-transformers is not installed.",
                mend="Install it with the project's extra: python -m pip install 'provenance-ledger[torch]'.",
            ) from error
        try:
            self._weights, self._tokenizer = _digest(folder, _WEIGHTS), _digest(folder, _TOKENIZER)
            self._model = SentenceTransformer(str(folder), device=device)
        except (OSError, ValueError) as error:
            raise ModelMissing(
                f"{folder} holds no model of sentence-transformers: {error}.", mend="Name the folder of a saved model."
            ) from error
        self._name, self._device = folder.name, device
        self._size = len(self._model.encode("x"))

    @property
    def identity(self) -> EncoderIdentity:
        """The files of the model, its device, and how they are used."""
        return EncoderIdentity(
            model=self._name,
            weights_sha256=self._weights,
            tokenizer_sha256=self._tokenizer,
            precision=f"torch-{self._device}-{self._model.dtype},stored-f16",
            pooling=f"alone-{BATCH_SEGMENTS}-twice",
            segmenting=SEGMENTING,
            dimensions=2 * self._size,
        )

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        """One unit vector for each span of ``text``: shape (len(spans), 2 x the model's dimensions)."""
        if not spans:
            return np.zeros((0, 2 * self._size), np.float32)
        found = self._model.encode(
            [span.of(text) for span in spans], batch_size=BATCH_SEGMENTS, convert_to_numpy=True, show_progress_bar=False
        )
        halves = np.tile(unit(np.asarray(found, np.float32)), (1, 2))
        return unit(halves).astype(np.float16).astype(np.float32)

    def encode_many(self, texts: Sequence[tuple[str, Sequence[Span]]]) -> list[Vectors]:
        """`encode` for each of several texts; one after the other, so that none changes another's bits."""
        return [self.encode(text, spans) for text, spans in texts]


def _digest(folder: Path, patterns: Sequence[str]) -> str:
    """SHA-256 over the names and digests of the files that match, anywhere below the folder."""
    files = sorted({file for pattern in patterns for file in folder.rglob(pattern)})
    if not files:
        raise OSError(f"no {' or '.join(patterns)} in it")
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            whole.update(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()
