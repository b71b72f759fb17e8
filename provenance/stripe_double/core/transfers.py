"""Transfers: money from the platform's balance to a connected account's, in one currency, unconverted.

A transfer of what isn't available is refused, unless it names the charge that it comes from; then it takes no more than
that charge brought, and becomes available with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from provenance.stripe_double.core.balances import check_available, post
from provenance.stripe_double.core.call import Call, Route, nothing
from provenance.stripe_double.core.events import emit
from provenance.stripe_double.core.pages import Query, page, read_query
from provenance.stripe_double.core.parameters import Reader
from provenance.stripe_double.core.records import Account, BalanceTransaction, Charge, Record, Transfer
from provenance.stripe_double.core.refused import Refused, missing
from provenance.stripe_double.core.shapes import Json, shape
from provenance.stripe_double.core.world import World

TRANSFERS = "transfers"
CHARGES = "charges"
NO_FUNDS = (
    "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance,"
    " and use source_transaction to transfer funds that are still pending."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTransfer:
    """What a transfer is asked to be."""

    amount: int
    currency: str
    destination: str
    source_transaction: str | None
    transfer_group: str | None
    description: str | None
    metadata: dict[str, str]


def _read_create(reader: Reader) -> CreateTransfer:
    amount, currency = reader.money()
    reader.choice("source_type", "card", "bank_account", "fpx")
    command = CreateTransfer(
        amount=amount,
        currency=currency,
        destination=reader.required("destination"),
        source_transaction=reader.text("source_transaction"),
        transfer_group=reader.text("transfer_group", chars_max=255),
        description=reader.text("description"),
        metadata=reader.metadata() or {},
    )
    reader.end()
    return command


def _create(call: Call, command: CreateTransfer) -> Json:
    world = call.world
    destination = _destination(call, command)
    charge = _funding_charge(call, command)
    if charge is None:
        check_available(world, call.account, command.amount, command.currency, message=NO_FUNDS)
    id_, payment = world.new_id("tr"), world.new_id("py")
    available_on = world.get(BalanceTransaction, charge.transaction).available_on if charge else None
    group = command.transfer_group or (charge.transfer_group if charge else None)
    out = post(
        world, call.account, "transfer", amount=-command.amount, currency=command.currency, source=id_,
        available_on=available_on, description=command.description,
    )  # fmt: skip
    transfer = Transfer(
        id=id_,
        account=call.account,
        created=world.now,
        amount=command.amount,
        currency=command.currency,
        destination=destination.id,
        transaction=out.id,
        payment=payment,
        source_transaction=command.source_transaction,
        transfer_group=group,
        description=command.description,
        metadata=command.metadata,
    )
    world.add(TRANSFERS, transfer)
    _arrive(world, transfer, available_on)
    emit(world, call.account, "transfer.created", shape(world, transfer), call=call)
    return shape(world, transfer)


def _arrive(world: World, transfer: Transfer, available_on: int | None) -> None:
    """The other half: the money in the connected account, as a payment of its own."""
    txn = post(
        world, transfer.destination, "payment", amount=transfer.amount, currency=transfer.currency,
        source=transfer.payment, available_on=available_on,
    )  # fmt: skip
    payment = Charge(
        id=transfer.payment,
        account=transfer.destination,
        created=world.now,
        amount=transfer.amount,
        currency=transfer.currency,
        transaction=txn.id,
        source_transfer=transfer.id,
        transfer_group=transfer.transfer_group,
    )
    world.add(CHARGES, payment)
    emit(world, transfer.destination, "payment.created", shape(world, payment))


def _destination(call: Call, command: CreateTransfer) -> Account:
    account = call.world.account_of(command.destination)
    if account is None or account.id == call.account or not call.on_platform:
        raise missing("destination", command.destination, param="destination", status=400)
    if not account.can("transfers"):
        raise Refused(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers.",
            code="insufficient_capabilities_for_transfer",
            param="destination",
        )
    return account


def _funding_charge(call: Call, command: CreateTransfer) -> Charge | None:
    """The charge that the money comes from, checked to have brought enough."""
    if command.source_transaction is None:
        return None
    world = call.world
    charge = world.find(
        Charge, command.source_transaction, account=call.account, what="charge", param="source_transaction"
    )
    if charge.currency != command.currency:
        raise Refused("The currency of source_transaction's balance must be the transfer's.", param="currency")
    used = sum(
        transfer.amount - transfer.reversed_amount
        for id_ in world.lists.get((call.account, TRANSFERS), ())
        if (transfer := world.get(Transfer, id_)).source_transaction == charge.id
    )
    left = charge.amount - charge.amount_refunded - used
    if command.amount > left:
        raise Refused(f"Transfers using this transaction as a source must not exceed {left}.", param="amount")
    return charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabel:
    """New words about something that stays as it is."""

    description: str | None
    metadata: dict[str, str] | None


def read_relabel(reader: Reader) -> Relabel:
    """``metadata`` and ``description``; anything else can't be changed."""
    command = Relabel(description=reader.text("description"), metadata=reader.metadata())
    reader.end()
    return command


def merged(before: Record, metadata: dict[str, str] | None) -> dict[str, str]:
    """Metadata after an update: keys are added or replaced, an empty value takes one away."""
    if metadata is None:
        return dict(before.metadata)
    if not metadata:
        return {}
    return {key: value for key, value in {**before.metadata, **metadata}.items() if value}


def _update(call: Call, command: Relabel) -> Json:
    transfer = find_transfer(call)
    changed = replace(
        transfer,
        metadata=merged(transfer, command.metadata),
        description=transfer.description if command.description is None else command.description,
    )
    call.world.put(changed)
    emit(call.world, call.account, "transfer.updated", shape(call.world, changed), call=call)
    return shape(call.world, changed)


def find_transfer(call: Call) -> Transfer:
    """The transfer that the path names. Raises `Refused`."""
    return call.world.find(Transfer, call.ids[0], account=call.account, what="transfer")


def _retrieve(call: Call, _command: None) -> Json:
    return shape(call.world, find_transfer(call))


def _list(call: Call, query: Query) -> Json:
    destination, group = query.filters.get("destination"), query.filters.get("transfer_group")

    def keep(record: Record) -> bool:
        assert isinstance(record, Transfer)
        return destination in (None, record.destination) and group in (None, record.transfer_group)

    return page(call, TRANSFERS, query, keep=keep)


ROUTES = (
    Route(method="POST", path="/v1/transfers", read=_read_create, execute=_create),
    Route(method="POST", path="/v1/transfers/*", read=read_relabel, execute=_update),
    Route(method="GET", path="/v1/transfers/*", read=nothing, execute=_retrieve),
    Route(method="GET", path="/v1/transfers", read=read_query("destination", "transfer_group"), execute=_list),
)
