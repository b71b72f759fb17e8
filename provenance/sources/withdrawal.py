"""Withdrawals: a registrant takes a work back, for good.

From then on it is no source of anything. What was recorded before stands: a withdrawal undoes no decision and no money.
"""

from __future__ import annotations

from dataclasses import dataclass

from provenance.kernel.ids import LABEL_CHARS_MAX, check_label, derived_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """One work, taken back by the party ``withdrawn_by``; the reason may be empty.

    Raises:
        InvalidInput: the reason isn't a line of at most `LABEL_CHARS_MAX` plain characters.
    """

    work: str
    withdrawn_by: str
    reason: str = ""

    def __post_init__(self) -> None:
        check_label(self.reason, what="reason", chars_max=LABEL_CHARS_MAX)

    @property
    def id(self) -> str:
        """It follows from the work: a work is withdrawn once."""
        return withdrawal_id(self.work)


def withdrawal_id(work: str) -> str:
    """The id of the withdrawal of a work."""
    return derived_id("withdrawal", {"work": work})
