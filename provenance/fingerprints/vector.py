"""Unit vectors of segments, and the identity of whatever made them.

Two vectors may be compared only where their identities are equal: it names all that changes a vector.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from provenance.kernel.canonical import digest

Vectors = NDArray[np.float32]  # shape (segments, dimensions), each row of Euclidean length 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderIdentity:
    """All that determines a segment's vector."""

    model: str
    weights_sha256: str
    tokenizer_sha256: str
    precision: str
    pooling: str
    segmenting: str
    dimensions: int

    @property
    def name(self) -> str:
        """A short name for tables and logs; its second half is a digest of every field."""
        return _name(self)


@cache  # asked for several times a request, of the one or two identities that a process ever sees
def _name(identity: EncoderIdentity) -> str:
    return f"{identity.model}-{digest(asdict(identity))[:12]}"


def unit(vectors: NDArray[np.float32]) -> Vectors:
    """Scale each row to length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.float32(1e-12)), np.float32)
