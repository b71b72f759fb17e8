"""A leaf of the log: one fact, by the digest of its canonical form. Holds no content and nothing personal."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.kernel.canonical import Json, canonical_bytes, digest

KINDS = frozenset(
    {
        "party",
        "key",
        "key_revocation",
        "work",
        "revision",
        "claims",
        "licence",
        "withdrawal",
        "snapshot",
        "overlap",
        "generation",
        "transaction",
        "review",
        "payout_terms",
        "tax_profile",
        "statement",
        "period_close",
        "fx_rate",
        "dispute",
        "dispute_step",
        "dispute_hold",
        "dispute_settlement",
        "payee_account",
        "payee_account_state",
        "payout",
        "payout_approval",
        "payout_attempt",
        "payout_event",
        "payout_refusal",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """``fact`` names the fact within its kind; ``fact_sha256`` is the digest of its canonical form (RFC 8785)."""

    kind: str
    fact: str
    fact_sha256: str

    def __post_init__(self) -> None:
        assert self.kind in KINDS, self.kind

    @property
    def data(self) -> bytes:
        """The bytes that the Merkle tree hashes."""
        return canonical_bytes({"kind": self.kind, "fact": self.fact, "sha256": self.fact_sha256})


def leaf_of(kind: str, fact: str, form: Json) -> Leaf:
    """The leaf of a fact whose canonical form is ``form``."""
    return Leaf(kind=kind, fact=fact, fact_sha256=digest(form))
