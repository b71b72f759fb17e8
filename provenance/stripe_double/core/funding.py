"""How money comes into the world: charges, top-ups, and adjustments that nobody asked for (a bank's fee, a dispute)."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

from provenance.stripe_double.core.balances import post
from provenance.stripe_double.core.call import Call, Route, nothing
from provenance.stripe_double.core.events import emit
from provenance.stripe_double.core.pages import Query, page, read_query
from provenance.stripe_double.core.parameters import Reader
from provenance.stripe_double.core.records import BalanceTransaction, Charge, Record, Topup
from provenance.stripe_double.core.refused import Refused
from provenance.stripe_double.core.shapes import Json, shape
from provenance.stripe_double.core.transfers import CHARGES
from provenance.stripe_double.core.world import World

TOPUPS = "topups"
SUCCEED = "topup_succeed"
AT_ONCE = "tok_bypassPending"  # Stripe's own test token for funds that are available at once
BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCharge:
    """A customer's payment to the platform."""

    amount: int
    currency: str
    at_once: bool
    description: str | None
    transfer_group: str | None
    metadata: dict[str, str]


def _read_charge(reader: Reader) -> CreateCharge:
    amount, currency = reader.money()
    source = reader.required("source")
    if not source.startswith("tok_"):
        raise Refused("This double takes test tokens alone, such as tok_visa.", code="token_invalid", param="source")
    command = CreateCharge(
        amount=amount,
        currency=currency,
        at_once=source == AT_ONCE,
        description=reader.text("description"),
        transfer_group=reader.text("transfer_group", chars_max=255),
        metadata=reader.metadata() or {},
    )
    reader.end()
    return command


def _create_charge(call: Call, command: CreateCharge) -> Json:
    world, options = call.world, call.world.options
    id_ = world.new_id("ch")
    txn = post(
        world,
        call.account,
        "charge",
        amount=command.amount,
        currency=command.currency,
        source=id_,
        fee=command.amount * options.charge_fee_basis_points // BASIS_POINTS,
        available_on=None if command.at_once else world.now + options.charge_pending_seconds,
        description=command.description,
    )
    charge = Charge(
        id=id_,
        account=call.account,
        created=world.now,
        amount=command.amount,
        currency=command.currency,
        transaction=txn.id,
        description=command.description,
        transfer_group=command.transfer_group,
        metadata=command.metadata,
    )
    world.add(CHARGES, charge)
    emit(world, call.account, "charge.succeeded", shape(world, charge), call=call)
    return shape(world, charge)


def _retrieve_charge(call: Call, _command: None) -> Json:
    return shape(call.world, call.world.find(Charge, call.ids[0], account=call.account, what="charge"))


def _list_charges(call: Call, query: Query) -> Json:
    group = query.filters.get("transfer_group")

    def keep(record: Record) -> bool:
        assert isinstance(record, Charge)
        return group in (None, record.transfer_group)

    return page(call, CHARGES, query, keep=keep)


def _read_topup(reader: Reader) -> Topup:
    amount, currency = reader.money()
    reader.text("source")
    topup = Topup(
        id="",
        account="",
        created=0,
        amount=amount,
        currency=currency,
        status="pending",
        expected=0,
        description=reader.text("description"),
        statement_descriptor=reader.text("statement_descriptor", chars_max=15),
        transfer_group=reader.text("transfer_group", chars_max=255),
        metadata=reader.metadata() or {},
    )
    reader.end()
    return topup


def _create_topup(call: Call, asked: Topup) -> Json:
    world = call.world
    expected = world.now + world.options.topup_pending_seconds
    topup = replace(asked, id=world.new_id("tu"), account=call.account, created=world.now, expected=expected)
    world.add(TOPUPS, topup)
    heapq.heappush(world.due, (expected, world.new_order(), SUCCEED, topup.id))
    emit(world, call.account, "topup.created", shape(world, topup), call=call)
    return shape(world, topup)


def succeed(world: World, topup_id: str) -> None:
    """The money has come from the bank."""
    topup = world.get(Topup, topup_id)
    txn = post(world, topup.account, "topup", amount=topup.amount, currency=topup.currency, source=topup.id)
    topup = replace(topup, status="succeeded", transaction=txn.id)
    world.put(topup)
    emit(world, topup.account, "topup.succeeded", shape(world, topup), previous={"status": "pending"})


def fund(world: World, amount: int, currency: str) -> Topup:
    """Give the platform money that is available at once, by a top-up that has already come."""
    topup = Topup(
        id=world.new_id("tu"),
        account=world.platform,
        created=world.now,
        amount=amount,
        currency=currency,
        status="pending",
        expected=world.now,
    )
    world.add(TOPUPS, topup)
    succeed(world, topup.id)
    return world.get(Topup, topup.id)


def adjust(world: World, account: str, amount: int, currency: str, *, description: str) -> BalanceTransaction:
    """Move a balance for a reason outside: above or below zero, and below zero it may leave the balance there."""
    return post(world, account, "adjustment", amount=amount, currency=currency, source=None, description=description)


def _retrieve_topup(call: Call, _command: None) -> Json:
    return shape(call.world, call.world.find(Topup, call.ids[0], account=call.account, what="top-up"))


def _list_topups(call: Call, query: Query) -> Json:
    status = query.filters.get("status")

    def keep(record: Record) -> bool:
        assert isinstance(record, Topup)
        return status in (None, record.status)

    return page(call, TOPUPS, query, keep=keep)


ROUTES = (
    Route(method="POST", path="/v1/charges", read=_read_charge, execute=_create_charge),
    Route(method="GET", path="/v1/charges/*", read=nothing, execute=_retrieve_charge),
    Route(method="GET", path="/v1/charges", read=read_query("transfer_group"), execute=_list_charges),
    Route(method="POST", path="/v1/topups", read=_read_topup, execute=_create_topup),
    Route(method="GET", path="/v1/topups/*", read=nothing, execute=_retrieve_topup),
    Route(method="GET", path="/v1/topups", read=read_query("status"), execute=_list_topups),
)
