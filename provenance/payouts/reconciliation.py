"""Reconcile payouts three ways: what was planned, what the books say, and what the provider's balance says.

The three come as streams in the order of the payouts' ids, and are merged: memory holds the rows of one payout, and
time grows with the number of rows. The rows of one payout are paired by the provider's name of the object, and each
break is told once: what is missing isn't compared as well. Changes nothing, and decides nothing for anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from provenance.kernel.minor_units import micros_per_minor_unit
from provenance.payouts.keyed_stream import KeyedStream
from provenance.payouts.reconciled_rows import (
    Break,
    BreakKind,
    IntentRow,
    LedgerRow,
    LedgerStep,
    ProviderRow,
    ProviderStep,
)

ROWS_OF_PAYOUT_MAX = 1_000
IN_FLIGHT = timedelta(days=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """Up to when things happened, and how long the other side may take to follow before it is a break."""

    now: datetime
    in_flight: timedelta = IN_FLIGHT

    def recent(self, at: datetime) -> bool:
        """Whether it may still be on its way."""
        return self.now - at < self.in_flight


@dataclass(slots=True)
class _Group:
    """All rows of one payout."""

    payout: str
    intents: list[IntentRow] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    provider: list[ProviderRow] = field(default_factory=list)

    def steps(self, step: LedgerStep) -> list[LedgerRow]:
        return [row for row in self.ledger if row.step is step]

    def moved(self, step: ProviderStep) -> list[ProviderRow]:
        return [row for row in self.provider if row.step is step]


def reconcile_payouts(
    intents: Iterable[IntentRow], ledger: Iterable[LedgerRow], provider: Iterable[ProviderRow], horizon: Horizon
) -> Iterator[Break]:
    """The breaks between payouts, books and provider, in the order of the payouts' ids.

    Each stream is in the order of ``payout``; the provider's rows without one come first.

    Raises:
        TooLarge: over `ROWS_OF_PAYOUT_MAX` rows of one payout.
    """
    for group in _groups(intents, ledger, provider):
        if group.payout:
            yield from _of_payout(group, horizon)
        else:
            yield from _of_nobody(group)


def _of_nobody(group: _Group) -> Iterator[Break]:
    for row in group.provider:
        if row.step is ProviderStep.FEE:
            yield _break(BreakKind.FEE_UNPOSTED, row.id, row.currency, row.micros, "of no payment in particular")
        elif row.step is not ProviderStep.OTHER:
            yield _break(BreakKind.UNKNOWN_AT_PROVIDER, row.id, row.currency, row.micros, row.step.value)


def _of_payout(group: _Group, horizon: Horizon) -> Iterator[Break]:
    if not group.intents:
        rows: list[LedgerRow | ProviderRow] = [*group.ledger, *group.provider]
        detail = "in the books" if group.ledger else "at the provider"
        yield _break(BreakKind.UNPLANNED, group.payout, rows[0].currency, rows[0].micros, detail)
        return
    intent = group.intents[0]
    yield from _intent(intent)
    sends = _Pairing.of(group.steps(LedgerStep.SENT), group.moved(ProviderStep.SENT))
    backs = _Pairing.of(group.steps(LedgerStep.REVERSED), group.moved(ProviderStep.REVERSED))
    _forget_undone(sends, backs)
    yield from _sends(intent, sends, out=len(sends.pairs) - len(backs.pairs) - len(backs.provider), horizon=horizon)
    yield from _backs(intent, backs, horizon)
    for row in group.moved(ProviderStep.FEE):
        yield _break(BreakKind.FEE_UNPOSTED, intent.payout, row.currency, row.micros, row.id)
    yield from _books(intent, group, sends, horizon)


def _intent(intent: IntentRow) -> Iterator[Break]:
    owed = intent.settles_micros + intent.carried_in_micros - intent.carried_out_micros
    if excess := intent.micros - owed:
        kind = _amount_kind(excess, intent.currency, BreakKind.SETTLES_OTHER_AMOUNT)
        yield _break(kind, intent.payout, intent.currency, excess, "paid above what its lines come to")


def _sends(intent: IntentRow, sends: _Pairing, *, out: int, horizon: Horizon) -> Iterator[Break]:
    """``out`` counts the payments that both sides know and that didn't come back: another one is a duplicate."""
    seen: set[str | None] = set()
    for ours, theirs in sends.pairs:
        yield from _pair(intent, ours, theirs)
        seen.add(ours.object)
    for row in sends.ledger:
        if row.object in seen:
            kind = BreakKind.DUPLICATE_IN_LEDGER
        else:
            kind = BreakKind.IN_FLIGHT if horizon.recent(row.at) else BreakKind.MISSING_AT_PROVIDER
        yield _break(kind, intent.payout, row.currency, -row.micros, row.transaction)
    for place, moved in enumerate(sends.provider):
        if out > 0 or place:
            kind = BreakKind.DUPLICATE_AT_PROVIDER
        else:
            kind = BreakKind.IN_FLIGHT if horizon.recent(moved.at) else BreakKind.MISSING_IN_LEDGER
        yield _break(kind, intent.payout, moved.currency, moved.micros, moved.id)


def _backs(intent: IntentRow, backs: _Pairing, horizon: Horizon) -> Iterator[Break]:
    for ours, theirs in backs.pairs:
        yield from _amounts(intent, ours, theirs)
    for row in backs.ledger:
        kind = BreakKind.IN_FLIGHT if horizon.recent(row.at) else BreakKind.REVERSAL_MISSING_AT_PROVIDER
        yield _break(kind, intent.payout, row.currency, -row.micros, row.transaction)
    for moved in backs.provider:
        kind = BreakKind.IN_FLIGHT if horizon.recent(moved.at) else BreakKind.REVERSAL_UNPOSTED
        yield _break(kind, intent.payout, moved.currency, moved.micros, moved.id)


def _pair(intent: IntentRow, ours: LedgerRow, theirs: ProviderRow) -> Iterator[Break]:
    yield from _amounts(intent, ours, theirs)
    if theirs.account is not None and theirs.account != intent.account:
        yield _break(BreakKind.OTHER_ACCOUNT, intent.payout, theirs.currency, theirs.micros, theirs.account)
    if theirs.currency == ours.currency and theirs.fee_micros != ours.fee_micros:
        kind = BreakKind.FEE_DIFFERS if ours.fee_micros else BreakKind.FEE_UNPOSTED
        yield _break(kind, intent.payout, theirs.currency, theirs.fee_micros - ours.fee_micros, theirs.id)


def _amounts(intent: IntentRow, ours: LedgerRow, theirs: ProviderRow) -> Iterator[Break]:
    if theirs.currency != ours.currency:
        yield _break(
            BreakKind.CURRENCY_DIFFERS, intent.payout, theirs.currency, theirs.micros, f"booked in {ours.currency}"
        )
    elif excess := theirs.micros - ours.micros:
        kind = _amount_kind(excess, ours.currency, BreakKind.AMOUNT_DIFFERS)
        yield _break(kind, intent.payout, ours.currency, excess, theirs.id)


def _books(intent: IntentRow, group: _Group, sends: _Pairing, horizon: Horizon) -> Iterator[Break]:
    """Whether the books agree with the intent, and with themselves."""
    reserved, sent = group.steps(LedgerStep.RESERVED), group.steps(LedgerStep.SENT)
    back = [*group.steps(LedgerStep.REVERSED), *group.steps(LedgerStep.WRITTEN_OFF)]
    returned = group.steps(LedgerStep.RETURNED)
    for row in (*reserved[:1], *sent[:1], *returned[:1]):
        if (row.currency, row.micros) != (intent.currency, intent.micros):
            yield _break(
                BreakKind.BOOKED_AMOUNT_DIFFERS,
                intent.payout,
                row.currency,
                row.micros - intent.micros,
                f"{row.step} by {row.transaction}",
            )
    if not reserved:
        if sent or returned:
            moved = (sent or returned)[0]
            yield _break(BreakKind.UNRESERVED, intent.payout, moved.currency, moved.micros, moved.transaction)
        return
    if returned:
        if len(sent) > len(back):
            yield _break(
                BreakKind.RETURNED_WHILE_OUT, intent.payout, intent.currency, intent.micros, returned[0].transaction
            )
        return
    last = max(row.at for row in (*reserved, *back))
    if sent and len(back) >= len(sent):
        kind = BreakKind.IN_FLIGHT if horizon.recent(last) else BreakKind.FAILED_UNRETURNED
        yield _break(kind, intent.payout, intent.currency, intent.micros, back[-1].transaction)
    elif not sent and not sends.provider:
        kind = BreakKind.IN_FLIGHT if horizon.recent(last) else BreakKind.STRANDED
        yield _break(kind, intent.payout, intent.currency, intent.micros, reserved[0].transaction)


@dataclass(slots=True)
class _Pairing:
    """Rows of both sides that are about one object of the provider's, and those that stand alone."""

    pairs: list[tuple[LedgerRow, ProviderRow]]
    ledger: list[LedgerRow]
    provider: list[ProviderRow]

    @classmethod
    def of(cls, ledger: list[LedgerRow], provider: list[ProviderRow]) -> _Pairing:
        """Pair by the object's name, each row once; then what the books have no name for, in order."""
        waiting: dict[str | None, list[ProviderRow]] = {}
        for row in provider:
            waiting.setdefault(row.object, []).append(row)
        pairs, nameless, alone = [], [], []
        for ours in ledger:
            if ours.object is None:
                nameless.append(ours)
            elif waiting.get(ours.object):
                pairs.append((ours, waiting[ours.object].pop(0)))
            else:
                alone.append(ours)
        left = [row for rows in waiting.values() for row in rows]
        while nameless and left:
            pairs.append((nameless.pop(0), left.pop(0)))
        return cls(pairs=pairs, ledger=alone + nameless, provider=left)


def _forget_undone(sends: _Pairing, backs: _Pairing) -> None:
    """What the provider sent and took back, and the books know neither of, has come to nothing."""
    for back in list(backs.provider):
        sent = next((s for s in sends.provider if s.object == back.object and s.micros == back.micros), None)
        if sent is not None:
            sends.provider.remove(sent)
            backs.provider.remove(back)


def _groups(
    intents: Iterable[IntentRow], ledger: Iterable[LedgerRow], provider: Iterable[ProviderRow]
) -> Iterator[_Group]:
    planned = KeyedStream(intents, lambda row: row.payout)
    booked = KeyedStream(ledger, lambda row: row.payout)
    moved = KeyedStream(provider, lambda row: row.payout or "")
    while moved.key == "":  # one at a time: there may be any number
        yield _Group("", provider=[moved.one()])
    while keys := [stream.key for stream in (planned, booked, moved) if stream.key is not None]:
        key = min(keys)
        yield _Group(
            key,
            intents=planned.of(key, rows_max=ROWS_OF_PAYOUT_MAX),
            ledger=booked.of(key, rows_max=ROWS_OF_PAYOUT_MAX),
            provider=moved.of(key, rows_max=ROWS_OF_PAYOUT_MAX),
        )


def _amount_kind(excess: int, currency: str, otherwise: BreakKind) -> BreakKind:
    return BreakKind.ROUNDING_RESIDUE if abs(excess) < micros_per_minor_unit(currency) else otherwise


def _break(kind: BreakKind, subject: str, currency: str, micros: int, detail: str = "") -> Break:
    return Break(kind=kind, subject=subject, currency=currency, micros=micros, detail=detail)
