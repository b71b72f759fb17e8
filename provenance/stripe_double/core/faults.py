"""Faults on demand: a script of what is to go wrong, consumed in order as requests and events match it.

Before anything is looked at (nothing is saved under the key): ``timeout_before``, ``rate_limited`` (429),
``lock_timeout`` (429), ``conflict`` (409), ``unavailable`` (503). In the endpoint (the answer is saved):
``error_before`` (500, no effect), ``error_after`` (500, with the effect), ``timeout_after`` (the effect, no answer),
``slow`` (no answer; the effect comes ``seconds`` later, and the key is in use until then), ``insufficient_funds``,
``account_closed`` (the destination is closed a moment before). Of a payout: ``payout_fails``, and
``payout_fails_late`` (``seconds`` after it said that it was paid), both with ``failure_code``. Of an event's delivery:
``event_dropped``, ``event_late`` (by ``seconds``), ``event_duplicated`` (``copies`` more), ``event_reordered`` (it
comes after the next one).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase


class FaultKind(StrEnum):
    """What goes wrong."""

    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    SLOW = "slow"
    CONFLICT = "conflict"
    LOCK_TIMEOUT = "lock_timeout"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    ACCOUNT_CLOSED = "account_closed"
    PAYOUT_FAILS = "payout_fails"
    PAYOUT_FAILS_LATE = "payout_fails_late"
    EVENT_DROPPED = "event_dropped"
    EVENT_LATE = "event_late"
    EVENT_DUPLICATED = "event_duplicated"
    EVENT_REORDERED = "event_reordered"


OF_PAYOUTS = frozenset({FaultKind.PAYOUT_FAILS, FaultKind.PAYOUT_FAILS_LATE})
OF_EVENTS = frozenset(kind for kind in FaultKind if kind.startswith("event_"))
OF_WRITES = frozenset(
    {
        FaultKind.TIMEOUT_AFTER,
        FaultKind.SLOW,
        FaultKind.ERROR_BEFORE,
        FaultKind.ERROR_AFTER,
        FaultKind.INSUFFICIENT_FUNDS,
        FaultKind.ACCOUNT_CLOSED,
    }
)
OF_REQUESTS = frozenset(FaultKind) - OF_PAYOUTS - OF_EVENTS
BEFORE_THE_KEY = OF_REQUESTS - OF_WRITES


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One line of the script: what, for what, after how many that match (``skip``), and how often (``times``).

    ``method`` and ``path`` (a pattern such as ``/v1/transfers*``) choose requests; ``path`` also chooses events, by
    their type; ``account`` is the one that acts, that is paid out, or in which an event happened.
    """

    kind: FaultKind
    method: str = "*"
    path: str = "*"
    account: str = "*"
    skip: int = 0
    times: int = 1
    seconds: int = 0
    copies: int = 1
    failure_code: str = "account_closed"

    def __post_init__(self) -> None:
        assert min(self.skip, self.seconds) >= 0, "none, or some"
        assert min(self.times, self.copies) >= 1, "at least one"


def take(
    script: list[Fault], kinds: frozenset[FaultKind], *, method: str = "", path: str = "", account: str = ""
) -> Fault | None:
    """The first fault of these ``kinds`` that matches, or None; what it has used up is taken off the ``script``.

    A line that still skips counts down, and lets the next line be looked at.
    """
    for index, fault in enumerate(script):
        if fault.kind not in kinds or not _matches(fault, method, path, account):
            continue
        if fault.skip:
            script[index] = replace(fault, skip=fault.skip - 1)
            continue
        if fault.times == 1:
            del script[index]
        else:
            script[index] = replace(fault, times=fault.times - 1)
        return fault
    return None


def _matches(fault: Fault, method: str, path: str, account: str) -> bool:
    if fault.kind in OF_WRITES and method != "POST":
        return False
    return fault.method in ("*", method) and fnmatchcase(path, fault.path) and fnmatchcase(account, fault.account)
