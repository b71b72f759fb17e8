"""Payouts: money from an account's balance to its bank. pending, in_transit, paid; or failed, with the money back.

One may fail after it said that it was paid, as banks do. Automatic ones pay out all that is available at the next
midnight (UTC), and know which balance transactions they paid.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

from provenance.stripe_double.core.account_state import require
from provenance.stripe_double.core.balances import check_available, post
from provenance.stripe_double.core.call import Call, Route, nothing
from provenance.stripe_double.core.events import emit
from provenance.stripe_double.core.faults import OF_PAYOUTS, FaultKind
from provenance.stripe_double.core.pages import Query, page, read_query
from provenance.stripe_double.core.parameters import Reader
from provenance.stripe_double.core.records import Account, Bank, Payout, Record
from provenance.stripe_double.core.refused import Refused, missing
from provenance.stripe_double.core.shapes import Json, shape
from provenance.stripe_double.core.transfers import Relabel, merged, read_relabel
from provenance.stripe_double.core.world import World

PAYOUTS = "payouts"
SUBMIT, ARRIVE, FAIL = "payout_submit", "payout_arrive", "payout_fail"
# Failures after which the bank account stays usable.
PASSING = frozenset({"could_not_process", "insufficient_funds"})
NO_FUNDS = "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low."


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePayout:
    """What a payout is asked to be."""

    amount: int
    currency: str
    destination: str | None
    method: str
    description: str | None
    statement_descriptor: str | None
    metadata: dict[str, str]


def _read_create(reader: Reader) -> CreatePayout:
    amount, currency = reader.money(paid_out=True)
    reader.choice("source_type", "card", "bank_account", "fpx")
    command = CreatePayout(
        amount=amount,
        currency=currency,
        destination=reader.text("destination"),
        method=reader.choice("method", "standard", "instant") or "standard",
        description=reader.text("description"),
        statement_descriptor=reader.text("statement_descriptor", chars_max=22),
        metadata=reader.metadata() or {},
    )
    reader.end()
    return command


def _create(call: Call, command: CreatePayout) -> Json:
    world = call.world
    account = world.get(Account, call.account)
    if not account.payouts_enabled:
        raise Refused("Cannot create payouts: this account has payouts disabled.", code="payouts_not_allowed")
    if command.amount < world.options.payout_amount_min:
        least = world.options.payout_amount_min
        raise Refused(f"Amount must be at least {least}.", code="amount_too_small", param="amount")
    bank = _bank(world, account, command.currency, command.destination)
    if bank is None:
        raise Refused(
            f"Sorry, you don't have any external accounts in that currency ({command.currency}).", param="destination"
        )
    check_available(world, account.id, command.amount, command.currency, message=NO_FUNDS)
    payout = _start(world, account, bank, command, automatic=False, call=call)
    return shape(world, payout)


def _bank(world: World, account: Account, currency: str, named: str | None) -> Bank | None:
    banks = [world.get(Bank, id_) for id_ in account.banks]
    fitting = [b for b in banks if b.currency == currency and named in (None, b.id) and b.status != "errored"]
    return fitting[0] if fitting else None


def _start(
    world: World, account: Account, bank: Bank, command: CreatePayout, *, automatic: bool, call: Call | None = None
) -> Payout:
    fault = world.strike(OF_PAYOUTS, account=account.id)
    late = fault is not None and fault.kind is FaultKind.PAYOUT_FAILS_LATE
    id_ = world.new_id("po")
    txn = post(world, account.id, "payout", amount=-command.amount, currency=command.currency, source=id_)
    payout = Payout(
        id=id_,
        account=account.id,
        created=world.now,
        amount=command.amount,
        currency=command.currency,
        status="pending",
        arrival=world.now + world.options.payout_arrival_seconds,
        bank=bank.id,
        transaction=txn.id,
        automatic=automatic,
        method=command.method,
        description=command.description,
        statement_descriptor=command.statement_descriptor,
        metadata=command.metadata,
        failure=fault.failure_code if fault else None,
        failure_after=fault.seconds if fault and late else None,
    )
    world.add(PAYOUTS, payout)
    heapq.heappush(world.due, (world.now + world.options.payout_submit_seconds, world.new_order(), SUBMIT, id_))
    emit(world, account.id, "payout.created", shape(world, payout), call=call)
    return payout


def submit(world: World, payout_id: str) -> None:
    """The payout is on its way to the bank, unless it was canceled."""
    payout = world.get(Payout, payout_id)
    if payout.status == "pending":
        _move(world, replace(payout, status="in_transit"), "payout.updated", {"status": "pending"})
        heapq.heappush(world.due, (max(payout.arrival, world.now), world.new_order(), ARRIVE, payout_id))


def arrive(world: World, payout_id: str) -> None:
    """The payout has reached the bank, or the bank refuses it."""
    payout = world.get(Payout, payout_id)
    if payout.status != "in_transit":
        return
    if payout.failure is not None and payout.failure_after is None:
        fail(world, payout_id)
        return
    _move(world, replace(payout, status="paid"), "payout.paid", {"status": "in_transit"})
    if payout.failure_after is not None:
        heapq.heappush(world.due, (world.now + payout.failure_after, world.new_order(), FAIL, payout_id))


def fail(world: World, payout_id: str) -> None:
    """The bank has refused the payout: the money is back, and the account may need another bank account."""
    payout = world.get(Payout, payout_id)
    if payout.status not in ("in_transit", "paid"):
        return
    back = post(
        world, payout.account, "payout_failure", amount=payout.amount, currency=payout.currency, source=payout.id
    )
    failed = replace(
        payout, status="failed", failure_code=payout.failure or "could_not_process", failure_transaction=back.id
    )
    _move(world, failed, "payout.failed", {"status": payout.status})
    if failed.failure_code not in PASSING:
        world.put(replace(world.get(Bank, payout.bank), status="errored"))
        require(world, payout.account, "external_account")


def _move(world: World, payout: Payout, kind: str, previous: Json, call: Call | None = None) -> None:
    world.put(payout)
    emit(world, payout.account, kind, shape(world, payout), previous=previous, call=call)


def pay_automatically(world: World, account_id: str) -> None:
    """Pay out all that an account has available, a payout for each currency that it has a bank account in."""
    account = world.get(Account, account_id)
    world.automatic.discard(account_id)
    if account.payouts_interval == "manual" or not account.payouts_enabled:
        return
    for currency, held in sorted(world.books.get(account_id, {}).items()):
        bank = _bank(world, account, currency, None)
        if bank is None or held.available < world.options.payout_amount_min:
            continue
        command = CreatePayout(
            amount=held.available, currency=currency, destination=None, method="standard",
            description="STRIPE PAYOUT", statement_descriptor=None, metadata={},
        )  # fmt: skip
        paid = world.uncovered.pop((account_id, currency), [])
        payout = _start(world, account, bank, command, automatic=True)
        world.uncovered.pop((account_id, currency), None)  # the payout itself
        world.covered[payout.id] = (*paid, payout.transaction)


def _cancel(call: Call, _command: None) -> Json:
    world, payout = call.world, _find(call)
    if payout.status != "pending" or payout.automatic:
        raise Refused(f"Payouts with status {payout.status} can't be canceled.", code="payouts_not_allowed")
    back = post(
        world, payout.account, "payout_cancel", amount=payout.amount, currency=payout.currency, source=payout.id
    )
    canceled = replace(payout, status="canceled", failure_transaction=back.id)
    _move(world, canceled, "payout.canceled", {"status": payout.status}, call)
    return shape(world, canceled)


def _find(call: Call) -> Payout:
    return call.world.find(Payout, call.ids[0], account=call.account, what="payout")


def _retrieve(call: Call, _command: None) -> Json:
    return shape(call.world, _find(call))


def _update(call: Call, command: Relabel) -> Json:
    payout = _find(call)
    changed = replace(payout, metadata=merged(payout, command.metadata))
    _move(call.world, changed, "payout.updated", {"metadata": dict(payout.metadata)}, call)
    return shape(call.world, changed)


def _list(call: Call, query: Query) -> Json:
    status, destination = query.filters.get("status"), query.filters.get("destination")

    def keep(record: Record) -> bool:
        assert isinstance(record, Payout)
        return status in (None, record.status) and destination in (None, record.bank)

    return page(call, PAYOUTS, query, keep=keep)


def transactions_of(call: Call, payout_id: str) -> tuple[str, ...]:
    """Ids of the balance transactions that an automatic payout paid, itself among them, oldest first.

    Raises:
        Refused: there is no such payout, or it is a manual one, of which nobody can tell what it paid.
    """
    payout = call.world.objects.get(payout_id)
    if not isinstance(payout, Payout) or payout.account != call.account:
        raise missing("payout", payout_id, param="payout", status=400)
    if not payout.automatic:
        raise Refused(
            "Balance transaction history can only be filtered on automatic transfers, not manual.", param="payout"
        )
    return tuple(sorted(call.world.covered[payout_id]))


ROUTES = (
    Route(method="POST", path="/v1/payouts", read=_read_create, execute=_create),
    Route(method="POST", path="/v1/payouts/*/cancel", read=nothing, execute=_cancel),
    Route(method="POST", path="/v1/payouts/*", read=read_relabel, execute=_update),
    Route(method="GET", path="/v1/payouts/*", read=nothing, execute=_retrieve),
    Route(method="GET", path="/v1/payouts", read=read_query("status", "destination"), execute=_list),
)
