"""Made-up books of payouts that fit, and breaks planted into them, from one seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from provenance.kernel.minor_units import micros_per_minor_unit
from provenance.payouts.reconciled_rows import (
    BreakKind,
    IntentRow,
    LedgerRow,
    LedgerStep,
    LineRow,
    LinkRow,
    ProviderRow,
    ProviderStep,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
OLDEST = timedelta(days=90)
SETTLED_AFTER = timedelta(days=10)
CURRENCIES = ("USD", "EUR", "GBP", "JPY", "KWD")
FAILED_PART = 0.03  # of payouts that came back, as they should


@dataclass(slots=True)
class Books:
    """All rows, and which breaks were planted into them, by subject."""

    intents: list[IntentRow] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    provider: list[ProviderRow] = field(default_factory=list)
    lines: list[LineRow] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    planted: set[tuple[str, BreakKind]] = field(default_factory=set)

    @property
    def rows(self) -> int:
        """How many there are, of all kinds."""
        return len(self.intents) + len(self.ledger) + len(self.provider) + len(self.lines) + len(self.links)

    def shuffle(self, rng: random.Random) -> None:
        """Put all rows into an order that says nothing."""
        for rows in (self.intents, self.ledger, self.provider, self.lines, self.links):
            rng.shuffle(rows)


@dataclass(slots=True)
class Case:
    """The rows of one payout, before they go into the books."""

    intent: IntentRow
    ledger: dict[LedgerStep, LedgerRow]
    provider: dict[ProviderStep, ProviderRow]
    lines: list[LineRow]
    links: list[LinkRow]
    more_ledger: list[LedgerRow] = field(default_factory=list)
    more_provider: list[ProviderRow] = field(default_factory=list)

    @property
    def unit(self) -> int:
        """Micro-units in a minor unit of its currency."""
        return micros_per_minor_unit(self.intent.currency)

    def into(self, books: Books) -> None:
        """Put them into the books."""
        books.intents.append(self.intent)
        books.ledger += [*self.ledger.values(), *self.more_ledger]
        books.provider += [*self.provider.values(), *self.more_provider]
        books.lines += self.lines
        books.links += self.links


def make_books(payouts: int, *, breaks: int, seed: int) -> Books:
    """Books of so many payouts, with so many breaks, of every kind in turn, each in a payout of its own."""
    rng = random.Random(seed)
    plans = list(PLANTS.items())
    broken = dict(zip(sorted(rng.sample(range(payouts), breaks)), range(breaks), strict=True))
    books = Books()
    for number in range(payouts):
        nth = broken.get(number)
        kind, plant = plans[nth % len(plans)] if nth is not None else (None, None)
        case = make_case(number, rng, failed=plant is None and rng.random() < FAILED_PART)
        subject = case.intent.payout
        if kind is not None and plant is not None:
            subject = plant(case) or subject
            books.planted.add((subject, kind))
        case.into(books)
    books.shuffle(rng)
    return books


def make_case(number: int, rng: random.Random, *, failed: bool = False) -> Case:
    """One payout that fits: planned, reserved, sent and settled; or sent, reversed and returned."""
    payout, currency = f"payout_{rng.getrandbits(96):024x}", rng.choice(CURRENCIES)
    unit = micros_per_minor_unit(currency)
    paid = rng.randrange(1_000, 5_000_000) * unit
    carried_in, carried_out = rng.randrange(unit), rng.randrange(unit)
    at = NOW - SETTLED_AFTER - timedelta(seconds=rng.randrange(int(OLDEST.total_seconds())))
    settles = paid + carried_out - carried_in
    parts = [settles // 3, settles - settles // 3]
    statement = f"statement_{number:024d}"
    lines = [
        LineRow(statement=statement, number=n, currency=currency, micros=part, due_at=None if failed else at)
        for n, part in enumerate(parts, start=1)
    ]
    links = [
        LinkRow(statement=statement, number=n.number, payout=payout, micros=n.micros, live=not failed) for n in lines
    ]
    fee = rng.randrange(0, 50) * unit
    object_, account = f"tr_{number}", f"acct_{number}"
    ledger = {LedgerStep.RESERVED: LedgerStep.RESERVED, LedgerStep.SENT: LedgerStep.SENT}
    if failed:
        ledger |= {LedgerStep.REVERSED: LedgerStep.REVERSED, LedgerStep.RETURNED: LedgerStep.RETURNED}
    steps = {
        step: LedgerRow(
            payout=payout,
            step=step,
            transaction=f"txn-{step}-{number}",
            currency=currency,
            micros=paid,
            at=at + timedelta(minutes=place),
            object=object_ if step in (LedgerStep.SENT, LedgerStep.REVERSED) else None,
            fee_micros=fee if step is LedgerStep.SENT else 0,
        )
        for place, step in enumerate(ledger)
    }
    moves = [ProviderStep.SENT, ProviderStep.REVERSED] if failed else [ProviderStep.SENT]
    provider = {
        step: ProviderRow(
            id=f"bt-{step}-{number}",
            payout=payout,
            step=step,
            currency=currency,
            micros=paid,
            at=at + timedelta(hours=1),
            object=object_,
            account=account if step is ProviderStep.SENT else None,
            fee_micros=fee if step is ProviderStep.SENT else 0,
        )
        for step in moves
    }
    intent = IntentRow(
        payout=payout,
        currency=currency,
        micros=paid,
        settles_micros=settles,
        carried_in_micros=carried_in,
        carried_out_micros=carried_out,
        account=account,
        live=not failed,
    )
    return Case(intent=intent, ledger=steps, provider=provider, lines=lines, links=links)


SENT, REVERSED = ProviderStep.SENT, ProviderStep.REVERSED


def _missing_at_provider(case: Case) -> None:
    del case.provider[SENT]


def _missing_in_ledger(case: Case) -> None:
    del case.ledger[LedgerStep.SENT]


def _unknown(case: Case) -> str:
    stray = replace(case.provider[SENT], id=f"stray-{case.intent.payout}", payout=None, object="tr_stray")
    case.more_provider.append(stray)
    return stray.id


def _amount(case: Case) -> None:
    case.provider[SENT] = replace(case.provider[SENT], micros=case.intent.micros + case.unit)


def _currency(case: Case) -> None:
    case.provider[SENT] = replace(case.provider[SENT], currency="CHF")


def _account(case: Case) -> None:
    case.provider[SENT] = replace(case.provider[SENT], account="acct_of_somebody_else")


def _twice_at_provider(case: Case) -> None:
    case.more_provider.append(replace(case.provider[SENT], id="bt-again", object="tr_again"))


def _twice_in_ledger(case: Case) -> None:
    case.more_ledger.append(replace(case.ledger[LedgerStep.SENT], transaction="txn-again"))


def _fee_unposted(case: Case) -> None:
    case.ledger[LedgerStep.SENT] = replace(case.ledger[LedgerStep.SENT], fee_micros=0)
    case.provider[SENT] = replace(case.provider[SENT], fee_micros=25 * case.unit)


def _fee_differs(case: Case) -> None:
    case.ledger[LedgerStep.SENT] = replace(case.ledger[LedgerStep.SENT], fee_micros=5 * case.unit)
    case.provider[SENT] = replace(case.provider[SENT], fee_micros=25 * case.unit)


def _back(case: Case) -> tuple[LedgerRow, ProviderRow]:
    sent = case.ledger[LedgerStep.SENT]
    return (
        replace(sent, step=LedgerStep.REVERSED, transaction=f"{sent.transaction}-back", fee_micros=0),
        replace(case.provider[SENT], step=REVERSED, id="bt-back", fee_micros=0, account=None),
    )


def _reversal_unposted(case: Case) -> None:
    case.more_provider.append(_back(case)[1])


def _reversal_missing(case: Case) -> None:
    case.more_ledger += [_back(case)[0], _returned(case)]


def _returned(case: Case) -> LedgerRow:
    return replace(case.ledger[LedgerStep.RESERVED], step=LedgerStep.RETURNED, transaction="txn-returned")


def _unreturned(case: Case) -> None:
    ours, theirs = _back(case)
    case.more_ledger.append(ours)
    case.more_provider.append(theirs)


def _returned_while_out(case: Case) -> None:
    case.more_ledger.append(_returned(case))


def _unreserved(case: Case) -> None:
    del case.ledger[LedgerStep.RESERVED]


def _stranded(case: Case) -> None:
    del case.ledger[LedgerStep.SENT], case.provider[SENT]


def _booked(case: Case) -> None:
    reserved = case.ledger[LedgerStep.RESERVED]
    case.ledger[LedgerStep.RESERVED] = replace(reserved, micros=reserved.micros + case.unit)


def _settles(case: Case) -> None:
    case.intent = replace(case.intent, settles_micros=case.intent.settles_micros - case.unit)


def _unsettled(case: Case) -> str:
    return _line(case.links.pop(0))


def _settled_twice(case: Case) -> str:
    case.links.append(replace(case.links[0], payout="payout_other"))
    return _line(case.links[0])


def _line_amount(case: Case) -> str:
    case.links[0] = replace(case.links[0], micros=case.links[0].micros + 1)
    return _line(case.links[0])


def _line_unknown(case: Case) -> str:
    case.links.append(replace(case.links[0], number=99))
    return _line(case.links[-1])


def _not_yet_settled(case: Case) -> str:
    case.lines[0] = replace(case.lines[0], due_at=NOW + timedelta(days=1))
    return _line(case.links.pop(0))


def _in_flight(case: Case) -> None:
    sent = case.ledger[LedgerStep.SENT]
    case.ledger[LedgerStep.SENT] = replace(sent, at=NOW - timedelta(days=1))
    del case.provider[SENT]


def _residue(case: Case) -> None:
    case.intent = replace(case.intent, carried_out_micros=case.intent.carried_out_micros - 1)


def _line(link: LinkRow) -> str:
    return f"{link.statement}#{link.number}"


PLANTS: dict[BreakKind, Callable[[Case], str | None]] = {
    BreakKind.MISSING_AT_PROVIDER: _missing_at_provider,
    BreakKind.MISSING_IN_LEDGER: _missing_in_ledger,
    BreakKind.UNKNOWN_AT_PROVIDER: _unknown,
    BreakKind.AMOUNT_DIFFERS: _amount,
    BreakKind.CURRENCY_DIFFERS: _currency,
    BreakKind.OTHER_ACCOUNT: _account,
    BreakKind.DUPLICATE_AT_PROVIDER: _twice_at_provider,
    BreakKind.DUPLICATE_IN_LEDGER: _twice_in_ledger,
    BreakKind.FEE_UNPOSTED: _fee_unposted,
    BreakKind.FEE_DIFFERS: _fee_differs,
    BreakKind.REVERSAL_UNPOSTED: _reversal_unposted,
    BreakKind.REVERSAL_MISSING_AT_PROVIDER: _reversal_missing,
    BreakKind.FAILED_UNRETURNED: _unreturned,
    BreakKind.RETURNED_WHILE_OUT: _returned_while_out,
    BreakKind.UNRESERVED: _unreserved,
    BreakKind.STRANDED: _stranded,
    BreakKind.BOOKED_AMOUNT_DIFFERS: _booked,
    BreakKind.SETTLES_OTHER_AMOUNT: _settles,
    BreakKind.STATEMENT_UNSETTLED: _unsettled,
    BreakKind.STATEMENT_SETTLED_TWICE: _settled_twice,
    BreakKind.LINE_AMOUNT_DIFFERS: _line_amount,
    BreakKind.LINE_UNKNOWN: _line_unknown,
    BreakKind.LINE_NOT_YET_SETTLED: _not_yet_settled,
    BreakKind.IN_FLIGHT: _in_flight,
    BreakKind.ROUNDING_RESIDUE: _residue,
}
