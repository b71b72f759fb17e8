"""What must hold: at every moment, and when all is mended and nothing moves any more.

The truth about money is the double's; what was ever owed is the stage's own count. What the saga believes is read from
the database's file, past all of its code, and held against both.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.payouts_simulation.stage import TWO_PEOPLE, Stage, Who
from provenance.stripe_double.core.records import Account as StripeAccount
from provenance.stripe_double.core.records import Payout as StripePayout
from provenance.stripe_double.core.records import Transfer
from provenance.stripe_double.core.world import World

# The order of states, told here once more: what is judged has no say in it.
RANKS = {
    "planned": 0, "approved": 1, "reserved": 2, "sent": 3, "confirmed": 4, "settled": 5, "failed": 6,
    "returned": 7, "cancelled": 7,
}  # fmt: skip
ENDED = ("returned", "cancelled")
CANCELLABLE = ("planned", "approved", "reserved", "sent")
# Micro-units in a minor unit.
MICROS = {"USD": 10_000, "EUR": 10_000, "GBP": 10_000, "JPY": 1_000_000}
# Tables that are only added to, with the columns that are looked at.
READ = {
    "payout": "id, party, currency, number, minor_units, micros, account, carried_in_micros",
    "payout_line": "payout, statement, number, micros",
    "payout_event": "payout, number, what, state, attempt, provider_id, transaction_id",
    "payout_approval": "payout, approved_by",
    "payout_attempt": "id, payout, leg, ordinal, undoes",
    "ledger_transaction": "id, business_key, cause, payload_digest",
    "ledger_entry": "transaction_id, account, currency, micros",
}
Row = tuple[Any, ...]


@dataclass
class Seen:
    """What was seen by now, which may only be added to."""

    rows: dict[str, set[Row]] = field(default_factory=dict)
    credited: Counter[Who] = field(default_factory=Counter)
    owed: dict[Who, int] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    live: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payout of the database: what it is to pay, and its states, oldest first."""

    id: str
    party: str
    currency: str
    minor_units: int
    micros: int
    states: tuple[str, ...]

    @property
    def state(self) -> str:
        """Where it stands."""
        return self.states[-1] if self.states else "planned"


def always(stage: Stage, seen: Seen) -> Iterator[str]:
    """What must hold at every moment; a sentence for each thing that doesn't."""
    rows = _rows(stage)
    for name, before in seen.rows.items():
        if not before <= rows[name]:
            yield f"history was changed: {name}"
    seen.rows = rows
    payouts = _payouts(rows)
    for payout in payouts:
        if _moves_back(payout.states):
            yield f"a state moved back: {payout.states}"
    yield from (f"the books don't balance: {c} {total}" for c, total in _sums(rows, "currency").items() if total)
    yield from _settled_twice(rows, payouts)
    yield from _approved_by_too_few(rows, payouts)
    yield from _settled_on_hearsay(stage.double.world, seen, rows)
    yield from _reserved_too_much(stage, seen, rows)
    yield from _carried_wrongly(seen, rows, payouts)
    yield from _more_is_out(stage.double.world, payouts)


def _more_is_out(world: World, payouts: list[Paid]) -> Iterator[str]:
    live: Counter[Who] = Counter()
    for payout in payouts:
        if payout.state not in ENDED:
            live[payout.party, payout.currency] += payout.micros
    for who, micros in sent_micros(world).items():
        if micros > live[who]:
            yield f"more is out than live payouts pay: {who} {micros} > {live[who]}"


def at_rest(stage: Stage, seen: Seen) -> Iterator[str]:
    """What must hold when all is mended and nothing moves."""
    yield from always(stage, seen)
    payouts, balances, out = _payouts(seen.rows), _sums(seen.rows, "account"), sent_micros(stage.double.world)
    for payout in payouts:
        if payout.state not in ("settled", *ENDED):
            yield f"a payout never ended: {payout.states}"
    for account, micros in balances.items():
        if account.startswith("payout_clearing/") and micros:
            yield f"funds are stranded on their way: {account} {micros}"
    yield from _cash(stage, balances, out)
    yield from _each(stage.double.world, payouts)
    yield from _left_at_provider(stage.double.world)


def _cash(stage: Stage, balances: Counter[str], out: Counter[Who]) -> Iterator[str]:
    """What is owed and what is out, by the books, against what was ever owed and what the provider has moved."""
    for who, credited in stage.credited.items():
        owed = -balances["/".join(("party_payable", *who))]
        if owed + out[who] != credited:
            yield f"money was made or lost: {who} owed {owed} + paid {out[who]} != {credited}"
        due = min(owed, stage.stated[who] - out[who])
        if due >= MICROS[who[1]]:
            yield f"what is due was never paid: {who} {due}"
    cash: Counter[str] = Counter()
    for (_, currency), micros in out.items():
        cash[currency] += micros
    for currency in {currency for _, currency in stage.credited}:
        if -balances[f"payout_cash/{currency}"] != cash[currency]:
            yield f"the books say another amount is out: {currency} {balances[f'payout_cash/{currency}']}"


def sent_micros(world: World) -> Counter[Who]:
    """What the provider has moved to each party and not taken back, in micro-units."""
    found: Counter[Who] = Counter()
    for record in world.objects.values():
        if isinstance(record, Transfer):
            currency = record.currency.upper()
            found[_party(world, record.destination), currency] += (record.amount - record.reversed_amount) * MICROS[
                currency
            ]
    return +found


def _each(world: World, payouts: list[Paid]) -> Iterator[str]:
    """Each payout against what the provider has of it."""
    transfers: dict[str, list[Transfer]] = defaultdict(list)
    to_bank: dict[str, list[StripePayout]] = defaultdict(list)
    for record in world.objects.values():
        intent = record.metadata.get("provenance_payout", "")
        if isinstance(record, Transfer):
            transfers[intent].append(record)
        elif isinstance(record, StripePayout):
            to_bank[intent].append(record)
    known = {payout.id for payout in payouts}
    for intent in (transfers.keys() | to_bank.keys()) - known:
        yield f"money moved for no payout: {intent!r}"
    for payout in payouts:
        effective = [t for t in transfers[payout.id] if t.amount != t.reversed_amount]
        arrived = [p for p in to_bank[payout.id] if p.status not in ("failed", "canceled")]
        wanted = 1 if payout.state == "settled" else 0
        exact = all(t.amount - t.reversed_amount == payout.minor_units for t in effective)
        if len(effective) != wanted or len(arrived) != wanted or not exact:
            yield f"{payout.state} with {len(effective)} transfers and {len(arrived)} payouts to a bank"
        moves: list[Transfer | StripePayout] = [*effective, *arrived]
        for moved in moves:
            if moved.currency.upper() != payout.currency or _owner(world, moved) != payout.party:
                yield f"another party or currency was paid: {payout.party} {payout.currency} {moved.currency}"


def _left_at_provider(world: World) -> Iterator[str]:
    for account, holdings in world.books.items():
        for currency, held in holdings.items():
            if account != world.platform and (held.available or held.pending):
                yield f"funds are stranded at the provider: {account} {currency} {held}"


def _settled_twice(rows: dict[str, set[Row]], payouts: list[Paid]) -> Iterator[str]:
    """A line of a statement, or an amount carried on, that two live payouts settle."""
    live = {payout.id for payout in payouts if payout.state not in ENDED}
    lines = Counter((statement, number) for payout, statement, number, _ in rows["payout_line"] if payout in live)
    for line, times in lines.items():
        if times > 1:
            yield f"a line is settled {times} times: {line}"


def _approved_by_too_few(rows: dict[str, set[Row]], payouts: list[Paid]) -> Iterator[str]:
    by = Counter(payout for payout, _ in rows["payout_approval"])
    for payout in payouts:
        needed = 2 if payout.micros >= TWO_PEOPLE.get(payout.currency, TWO_PEOPLE["*"]) else 1
        if by[payout.id] < needed and payout.state not in ("planned", "cancelled"):
            yield f"{by[payout.id]} approved what {needed} have to: {payout.micros} {payout.currency}"


def _settled_on_hearsay(world: World, seen: Seen, rows: dict[str, set[Row]]) -> Iterator[str]:
    """A payout that was settled just now, of which the provider doesn't say that it has arrived."""
    paid = {
        record.metadata.get("provenance_payout")
        for record in world.objects.values()
        if isinstance(record, StripePayout) and record.status == "paid"
    }
    settled = {payout for payout, _, what, state, *_ in rows["payout_event"] if (what, state) == ("done", "settled")}
    for payout in sorted(settled - seen.settled - paid):
        yield f"settled before it has arrived: {payout}"
    seen.settled = settled


def _carried_wrongly(seen: Seen, rows: dict[str, set[Row]], payouts: list[Paid]) -> Iterator[str]:
    """A new payout that carries in something else than what the live ones before it left over."""
    left: Counter[str] = Counter({payout.id: -payout.micros for payout in payouts})
    for payout, _, _, micros in rows["payout_line"]:
        left[payout] += micros
    facts = {row[0]: (row[1], row[2], row[3], row[7]) for row in rows["payout"]}
    now = {payout.id: payout.state not in ENDED for payout in payouts}
    for id_ in sorted(facts.keys() - seen.live.keys()):
        party, currency, number, carried_in = facts[id_]
        before = [k for k, (p, c, n, _) in facts.items() if (p, c) == (party, currency) and n < number]
        # What ended since the last look may have been alive when it was planned.
        if carried_in not in {sum(left[k] for k in before if live.get(k)) for live in (now, {**now, **seen.live})}:
            yield f"another amount was carried in: {party} {currency} {carried_in}"
    seen.live = now


def _reserved_too_much(stage: Stage, seen: Seen, rows: dict[str, set[Row]]) -> Iterator[str]:
    """A payout that took more than was owed: a debt that came up while nobody took anything back."""
    balances = _sums(rows, "account")
    for who, credited in stage.credited.items():
        owed, before = -balances["/".join(("party_payable", *who))], seen.owed.get(who, 0)
        if owed < 0 <= before and credited >= seen.credited[who]:
            yield f"more was reserved than was owed: {who} {owed}"
        seen.owed[who] = owed
    seen.credited = stage.credited.copy()


def _moves_back(states: tuple[str, ...]) -> bool:
    """Whether a state came after one that it may not follow."""
    before = "planned"
    for state in states:
        back = RANKS[state] < RANKS[before] or (before in ENDED and state != before)
        if back or (state == "returned" and before != "failed") or (state == "cancelled" and before not in CANCELLABLE):
            return True
        before = state
    return False


def _rows(stage: Stage) -> dict[str, set[Row]]:
    return {table: set(stage.read(f"SELECT {columns} FROM {table}")) for table, columns in READ.items()}


def _payouts(rows: dict[str, set[Row]]) -> list[Paid]:
    states: dict[str, list[str]] = defaultdict(list)
    for payout, _, _, state, *_ in sorted(rows["payout_event"], key=lambda row: (row[0], row[1])):
        states[payout].append(state)
    return [
        Paid(id=id_, party=party, currency=currency, minor_units=minor, micros=micros, states=tuple(states[id_]))
        for id_, party, currency, _, minor, micros, *_ in sorted(rows["payout"])
    ]


def _sums(rows: dict[str, set[Row]], by: str) -> Counter[str]:
    """Entries added up by account, or by currency."""
    found: Counter[str] = Counter()
    for _, account, currency, micros in rows["ledger_entry"]:
        found[account if by == "account" else currency] += micros
    return found


def _owner(world: World, moved: Transfer | StripePayout) -> str:
    return _party(world, moved.destination if isinstance(moved, Transfer) else moved.account)


def _party(world: World, account: str) -> str:
    record = world.objects[account]
    return record.metadata.get("provenance_party", "nobody") if isinstance(record, StripeAccount) else "nobody"
