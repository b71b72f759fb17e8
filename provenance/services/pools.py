"""What a close adds out of pools: subscription money by usage, and the unattributed pool by the policy that is set.

A work's part goes to its claimants, by their claims at the end of the period. Each party gets one line of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from provenance.kernel.money import format_micros
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.transaction import Transaction
from provenance.royalties.pool import PoolPolicy, spread_pool
from provenance.royalties.subscription import NOBODY, share_out
from provenance.services.in_force import by_claims, claims_in_force, last_day
from provenance.services.ports import UnitOfWork
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.addition import Addition
from provenance.statements.close import Window
from provenance.statements.line import LineKind
from provenance.statements.subscription import Subscription, nobodys_part

Payee = tuple[str, str]  # a party and a currency
Inputs = tuple[tuple[str, str], ...]
# Later than anything is recorded: what is known by now.
_EVER = datetime(9999, 12, 31, tzinfo=UTC)
_LAST_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Subscription money that was shared out: what is added to parties, and transactions for what is nobody's."""

    additions: Mapping[Payee, Sequence[Addition]]
    unattributed: Sequence[Transaction]


class _Claimed:
    """Claims of works at the end of a period, each read once."""

    def __init__(self, work: UnitOfWork, period: AccountingPeriod) -> None:
        self._work, self._day = work, last_day(period)
        self._found: dict[str, Mapping[str, int] | None] = {}

    def of(self, name: str) -> Mapping[str, int] | None:
        if name not in self._found:
            self._found[name] = claims_in_force(self._work, name, on=self._day)
        return self._found[name]


def subscription_parts(work: UnitOfWork, period: AccountingPeriod, window: Window) -> Shared:
    """Share out the subscription money of periods that end in the window."""
    additions: dict[Payee, list[Addition]] = defaultdict(list)
    unattributed, claimed = [], _Claimed(work, period)
    for subscription in [r.fact for r in work.subscriptions.due(window)]:
        money = subscription.money
        usage = _claimed_usage(
            work.subscriptions.usage(subscription.service, subscription.period, money.currency), claimed
        )
        shared = share_out(money.micros, usage)
        inputs = _subscription_inputs(subscription, usage)
        for payee, addition in _additions(LineKind.SUBSCRIBED, money.currency, shared.works, claimed, inputs).items():
            additions[payee].append(addition)
        if (posted := nobodys_part(subscription, shared.unattributed, period)) is not None:
            unattributed.append(posted)
    return Shared(additions=additions, unattributed=unattributed)


def _claimed_usage(usage: Mapping[str, int], claimed: _Claimed) -> dict[str, int]:
    """Usage of works that nobody has a claim on any more is nobody's."""
    found: dict[str, int] = defaultdict(int)
    for name, ppb in usage.items():
        found[name if name == NOBODY or claimed.of(name) else NOBODY] += ppb
    return found


def _subscription_inputs(subscription: Subscription, usage: Mapping[str, int]) -> Inputs:
    return (
        ("subscription", subscription.id),
        ("service", subscription.service),
        ("period", subscription.period.name),
        ("money", format_micros(subscription.money.micros)),
        ("usage_of_all_ppb", str(sum(usage.values()))),
    )


def pool_parts(
    work: UnitOfWork, period: AccountingPeriod, window: Window, policy: PoolPolicy
) -> Mapping[Payee, Sequence[Addition]]:
    """Spread what the unattributed pool of each currency holds at the end of the period, by the policy."""
    found: dict[Payee, list[Addition]] = defaultdict(list)
    if policy is PoolPolicy.KEEP:
        return found
    claimed, effective = _Claimed(work, period), period.until - _LAST_MOMENT
    for currency, used in sorted(work.subscriptions.used(window).items()):
        pool = Account(kind=AccountKind.UNATTRIBUTED_POOL, currency=currency)
        holds = -work.books.balance_as_known(pool, effective=effective, known=_EVER)
        usage = {name: ppb for name, ppb in used.items() if claimed.of(name)}
        if holds <= 0 or not usage:
            continue
        spread = spread_pool(holds, usage, policy)
        weight = sum(usage.values()) if policy is PoolPolicy.BY_USAGE else len(usage)
        inputs = (("pool", format_micros(holds)), ("policy", policy.value), ("weight_of_all", str(weight)))
        for payee, addition in _additions(LineKind.SPREAD, currency, spread.parts, claimed, inputs).items():
            found[payee].append(addition)
    return found


def _additions(
    kind: LineKind, currency: str, parts: Mapping[str, int], claimed: _Claimed, inputs: Inputs
) -> Mapping[Payee, Addition]:
    """One addition a party, from what works get."""
    of_party: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name, micros in parts.items():
        basis_points = claimed.of(name)
        assert basis_points, "only works with claims get a part"
        for party, part in by_claims(micros, basis_points).items():
            of_party[party].append((name, part))
    return {
        (party, currency): Addition(
            kind=kind,
            micros=sum(part for _, part in works),
            by_work=tuple(works),
            inputs=(*inputs, ("works", str(len(works)))),
        )
        for party, works in of_party.items()
    }
