"""What happened, as a party is told of it: one event a fact, in one form. Tells ids and amounts, and no text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from provenance.kernel.canonical import Json, canonical_bytes
from provenance.kernel.ids import check_party_id, derived_id

BODY_BYTES_MAX = 20_000  # Standard Webhooks asks for small payloads


class EventType(StrEnum):
    """The kinds of events that there are."""

    GENERATION_RECORDED = "generation.recorded"
    STATEMENT_ISSUED = "statement.issued"
    PAYOUT_PAID = "payout.paid"
    PAYOUT_FAILED = "payout.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that ``party`` is told: ``subject`` is the id of the fact that it is about.

    ``occasion`` tells several events of one kind and subject apart, such as a second return of a payout.
    """

    type: EventType
    party: str
    subject: str
    at: datetime
    data: Mapping[str, Json]
    occasion: str = ""

    def __post_init__(self) -> None:
        check_party_id(self.party)
        assert len(self.body) <= BODY_BYTES_MAX, "an event is small"

    @property
    def id(self) -> str:
        """It follows from what happened: the same fact is told under the same id, however often."""
        facts = {"type": self.type.value, "party": self.party, "subject": self.subject, "occasion": self.occasion}
        return derived_id("event", facts)

    @property
    def body(self) -> bytes:
        """What is sent: ``type``, ``timestamp`` and ``data``, in their canonical form."""
        at = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return canonical_bytes({"type": self.type.value, "timestamp": at, "data": dict(self.data)})
