"""What happens to a payout, one event after the other. Its state only ever moves forward.

    planned -> approved -> reserved -> sent -> confirmed -> settled
                                              '--> failed --> returned     also from settled: a bank may send it back
    planned, approved, reserved, sent -> cancelled                         as long as nothing of it is out

An event says what happened and the state after it. What only tells (a call without an answer, a refusal that may pass)
leaves the state where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provenance.kernel.canonical import Json, sha256_hex
from provenance.kernel.ids import LABEL_CHARS_MAX, derived_id

EVENTS_MAX = 10_000
CODE_CHARS_MAX = 100


class State(StrEnum):
    """How far a payout has come."""

    PLANNED = "planned"
    APPROVED = "approved"
    RESERVED = "reserved"  # taken off what is owed to the party, in the books
    SENT = "sent"  # the provider is being asked
    CONFIRMED = "confirmed"  # the provider has taken on all of it
    SETTLED = "settled"  # the party has it
    FAILED = "failed"  # it won't arrive; what is out is being taken back
    RETURNED = "returned"  # all is back, and owed to the party again
    CANCELLED = "cancelled"  # by an operator, before anything was out


RANKS = {
    State.PLANNED: 0,
    State.APPROVED: 1,
    State.RESERVED: 2,
    State.SENT: 3,
    State.CONFIRMED: 4,
    State.SETTLED: 5,
    State.FAILED: 6,
    State.RETURNED: 7,
    State.CANCELLED: 7,
}
# A payout that ended so settles nothing: another one may settle its lines.
ENDED = frozenset({State.RETURNED, State.CANCELLED})


class What(StrEnum):
    """What happened."""

    APPROVED = "approved"  # by as many people as it needs
    RESERVED = "reserved"
    BEGUN = "begun"  # an attempt was recorded; the provider is asked after this
    UNKNOWN = "unknown"  # no clear answer: it is asked again under the same key
    REFUSED = "refused"  # and has had no effect; another attempt may do
    DECLINED = "declined"  # refused for good
    ABSENT = "absent"  # the provider has nothing of an attempt whose answer was lost
    ACCEPTED = "accepted"  # the provider has it, and a name for it
    DONE = "done"
    BOUNCED = "bounced"  # what the provider had accepted came back
    FAILED = "failed"  # given up by an operator, with something out
    WRITTEN_OFF = "written_off"  # by an operator: what is out won't come back
    RETURNED = "returned"
    CANCELLED = "cancelled"
    DIFFERS = "differs"  # what the provider has isn't what was intended: a person has to look
    RETRIED = "retried"  # an operator looked, and lets it go on


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The ``number``-th event of a payout, from 1, and the state after it.

    ``attempt`` is the key of the attempt that it is about, ``provider_id`` the provider's name of the object, ``code``
    says why in a word, ``transaction`` is what was posted with it, ``by`` who said so (None: nobody in particular).
    """

    payout: str
    number: int
    what: What
    state: State
    at: datetime
    attempt: str | None = None
    provider_id: str | None = None
    code: str = ""
    transaction: str | None = None
    by: str | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        assert 1 <= self.number <= EVENTS_MAX, "events count from 1, and are bounded"
        assert len(self.code) <= CODE_CHARS_MAX, "a code is short"
        assert len(self.reason) <= LABEL_CHARS_MAX, "a reason is a line"

    @property
    def id(self) -> str:
        """It follows from the payout and the number."""
        return derived_id("payout_event", {"payout": self.payout, "number": self.number})


def may_follow(before: State, after: State) -> bool:
    """Whether a state may come after another: it stays, or moves forward, and what has ended stays ended."""
    if before in ENDED:
        return False
    if before is State.SETTLED:
        return after in (State.SETTLED, State.FAILED)
    if before is State.FAILED:
        return after in (State.FAILED, State.RETURNED)
    if after is State.CANCELLED:
        return RANKS[before] <= RANKS[State.SENT]
    if after is State.RETURNED:
        return False
    return RANKS[before] <= RANKS[after]


def event_form(event: Event) -> dict[str, Json]:
    """All of it, as its leaf commits to it; its time is when it was recorded."""
    return {
        "id": event.id,
        "payout": event.payout,
        "number": event.number,
        "what": event.what.value,
        "state": event.state.value,
        "attempt": event.attempt,
        "provider_id": event.provider_id,
        "code": event.code,
        "transaction": event.transaction,
        "by": event.by,
        "reason_sha256": sha256_hex(event.reason.encode()),
    }
