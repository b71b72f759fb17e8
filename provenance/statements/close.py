"""A period that is closed, and which facts its statements count. Reads no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.canonical import Json, digest
from provenance.kernel.errors import PeriodClosed, PeriodOrder
from provenance.kernel.ids import check_party_id
from provenance.royalties.pool import PoolPolicy
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.form import statement_form
from provenance.statements.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodClose:
    """That a period was closed, by whom, and the digest of its statements in order of party and currency.

    ``pool_policy`` is what became of the unattributed pool.
    """

    period: AccountingPeriod
    closed_by: str
    statements: int
    statements_sha256: str
    pool_policy: PoolPolicy = PoolPolicy.KEEP

    def __post_init__(self) -> None:
        check_party_id(self.closed_by)
        assert self.statements >= 0, "a period has statements, or none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which facts a close counts: those effective before ``until`` that no close before it has counted.

    The close before ended at ``closed_until``, and was number ``closed_seq`` of the log: it counted what was effective
    before that moment and recorded before that number. Both are None at the first close.
    """

    until: datetime
    closed_until: datetime | None = None
    closed_seq: int | None = None

    def counts(self, effective_at: datetime, seq: int) -> bool:
        """Whether a fact, with its number in the log, is counted."""
        if effective_at >= self.until:
            return False
        return not self._was_counted(effective_at, seq)

    def is_late(self, effective_at: datetime) -> bool:
        """Whether a fact that is counted belongs to a period that was closed before."""
        return self.closed_until is not None and effective_at < self.closed_until

    def _was_counted(self, effective_at: datetime, seq: int) -> bool:
        if self.closed_until is None or self.closed_seq is None:
            return False
        return effective_at < self.closed_until and seq < self.closed_seq


def check_order(
    period: AccountingPeriod, last: PeriodClose | None, *, first_at: datetime | None, now: datetime
) -> None:
    """Whether ``period`` is the one to close now.

    ``last`` was closed last; ``first_at`` is the time of the first fact that moved money.

    Raises:
        PeriodClosed: it, or a part of it, was closed before.
        PeriodOrder: one before it is open, or it isn't over yet.
    """
    if last and period.since < last.period.until:
        raise PeriodClosed(
            f"{period.name} was closed before, or a part of it: the last one is {last.period.name}.",
            mend=f"Close {last.period.after(1).name} next.",
            period=period.name,
        )
    if last and period.since > last.period.until:
        raise PeriodOrder(
            f"{period.name} doesn't follow {last.period.name}, which was closed last.",
            mend=f"Close {last.period.after(1).name} first.",
            period=period.name,
        )
    if not last and first_at is not None and first_at < period.since:
        raise PeriodOrder(
            f"Money moved on {first_at:%Y-%m-%d}, before {period.name}, and that period is open.",
            mend="Close the first one first.",
            period=period.name,
        )
    if now < period.until:
        raise PeriodOrder(f"{period.name} isn't over before {period.until:%Y-%m-%d}.", mend="Wait.", period=period.name)


def statements_sha256(statements: Sequence[Statement]) -> str:
    """The digest of statements, in order of party and currency: the same statements, the same digest."""
    ordered = sorted(statements, key=lambda s: (s.party, s.currency))
    forms: list[Json] = [[s.id, digest(statement_form(s))] for s in ordered]
    return digest(forms)


def period_close_form(close: PeriodClose) -> dict[str, Json]:
    """All of it, as its leaf commits to it."""
    form: dict[str, Json] = {
        "period": close.period.name,
        "closed_by": close.closed_by,
        "statements": close.statements,
        "statements_sha256": close.statements_sha256,
    }
    if close.pool_policy is not PoolPolicy.KEEP:  # a form of before there were policies is the same
        form["pool_policy"] = close.pool_policy.value
    return form
