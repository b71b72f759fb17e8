"""How a provider pays: in one leg or several, each a call that changes something there, under a key that is made once.

A leg that was done can be undone, by a call of its own under a key of its own. A key names the payout, the leg and the
ordinal of the attempt, never the try: a call whose answer was lost is made again under the same key. The ordinal goes
up only where it is known that the attempt before it had no effect.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.canonical import Json

LEGS_MAX = 4
ORDINAL_MAX = 1_000

_NAME = re.compile(r"[a-z][a-z_]{0,30}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One leg. ``moves_cash`` where it takes the money from what we hold; others move it further on."""

    name: str
    moves_cash: bool

    def __post_init__(self) -> None:
        assert _NAME.fullmatch(self.name), f"{self.name!r} names no leg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt at a leg, or at undoing it. It is recorded before the provider is asked for the first time.

    ``undoes`` is the provider's name of what it undoes; None where it goes forward.
    """

    payout: str
    leg: str
    ordinal: int
    at: datetime
    undoes: str | None = None

    def __post_init__(self) -> None:
        assert 1 <= self.ordinal <= ORDINAL_MAX, "attempts count from 1"

    @property
    def key(self) -> str:
        """What makes a call of it the same call: also its id."""
        return f"{self.payout}:{'undo-' if self.undoes else ''}{self.leg}:{self.ordinal}"

    @property
    def forward(self) -> bool:
        """Whether it pays, and doesn't undo."""
        return self.undoes is None


def attempt_form(attempt: Attempt) -> dict[str, Json]:
    """All of it, as its leaf commits to it; its time is when it was recorded."""
    return {
        "id": attempt.key,
        "payout": attempt.payout,
        "leg": attempt.leg,
        "ordinal": attempt.ordinal,
        "undoes": attempt.undoes,
    }


def legs_text(legs: tuple[Leg, ...]) -> str:
    """Legs in a line: ``transfer*,payout``; a star stands at those that move cash."""
    return ",".join(f"{leg.name}{'*' if leg.moves_cash else ''}" for leg in legs)


def legs_from(text: str) -> tuple[Leg, ...]:
    """What `legs_text` wrote."""
    return tuple(Leg(name=part.removesuffix("*"), moves_cash=part.endswith("*")) for part in text.split(","))
