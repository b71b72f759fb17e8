"""What is owed at the end of a period beyond what uses earned: the top-up to a licence's minimum guarantee.

Values in, values out: reads no storage and no clock, posts nothing. Whoever closes a period calls `guarantee_for`,
then `top_up`, and posts the parts of the parties as an adjustment of that period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provenance.kernel.errors import InvalidInput
from provenance.kernel.money import MicroUnits, Money
from provenance.kernel.parts import split_exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """What a guarantee adds to a period, and how it came about.

    ``guaranteed`` is the guarantee of the period, ``earned`` what counts against it, ``owed`` the shortfall (zero where
    uses earned enough). ``parties`` splits ``owed`` by basis points, in the order of their ids; together exactly that.
    """

    guaranteed: Money
    earned: Money
    owed: Money
    parties: Mapping[str, MicroUnits]

    def __post_init__(self) -> None:
        assert sum(self.parties.values()) == self.owed.micros, "the parties get what is owed, no more and no less"


def guarantee_for(guaranteed: Money, *, days_in_force: int, days_in_period: int) -> Money:
    """The part of a period's guarantee that stands for the days on which the licence was in force.

    Rounded to the nearest micro-unit, a half upwards.

    Raises:
        InvalidInput: more days in force than the period has, or a period of no days.
    """
    if not 0 <= days_in_force <= days_in_period or not days_in_period:
        raise InvalidInput(
            f"{days_in_force} days in force are no part of a period of {days_in_period}.", field="days_in_force"
        )
    part, _ = split_exactly(guaranteed.micros, [days_in_force, days_in_period - days_in_force])
    return Money(guaranteed.currency, MicroUnits(part))


def top_up(guaranteed: Money, earned_micros: int, basis_points: Mapping[str, int]) -> TopUp:
    """What is owed on top of ``earned_micros``, all of it in the guarantee's currency.

    Earnings below zero, after corrections, count as they are: the guarantee covers them too. ``basis_points`` are the
    claims at the end of the period.
    """
    owed = max(0, guaranteed.micros - earned_micros)
    parties = sorted(basis_points)
    parts = split_exactly(owed, [basis_points[p] for p in parties])
    return TopUp(
        guaranteed=guaranteed,
        earned=Money(guaranteed.currency, MicroUnits(earned_micros)),
        owed=Money(guaranteed.currency, MicroUnits(owed)),
        parties={party: MicroUnits(part) for party, part in zip(parties, parts, strict=True)},
    )
