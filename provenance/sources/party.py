"""Parties: whoever registers, earns, sends outputs, operates or audits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provenance.kernel.errors import InvalidInput
from provenance.kernel.ids import check_external_id, check_party_id


class Scope(StrEnum):
    """What an API key may do. A key holds one or more."""

    SERVICE = "service"
    CREATOR = "creator"
    AUDITOR = "auditor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A legal or natural person under one stable id.

    Raises:
        InvalidInput: the id isn't a slug, or the name holds invisible characters.
    """

    id: str
    name: str

    def __post_init__(self) -> None:
        check_party_id(self.id)
        check_external_id(self.name, what="party's name")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is stored: the digest of its secret, never the secret."""

    id: str
    party: str
    secret_sha256: str
    scopes: frozenset[Scope]
    created_at: datetime
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.scopes:
            raise InvalidInput("A key without a scope opens nothing.", mend="Give it at least one scope.")
