"""Reversals: a transfer, or a part of it, comes back from the connected account to the platform.

Whether it may leave the account with less than nothing is an option: a platform with reserves may do that, others not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from provenance.stripe_double.core.balances import check_available, post
from provenance.stripe_double.core.call import Call, Route, nothing
from provenance.stripe_double.core.events import emit
from provenance.stripe_double.core.pages import Query, page, read_query
from provenance.stripe_double.core.parameters import Reader
from provenance.stripe_double.core.records import Charge, Refund, Reversal, Transfer
from provenance.stripe_double.core.refused import Refused, missing
from provenance.stripe_double.core.shapes import Json, shape
from provenance.stripe_double.core.transfers import Relabel, find_transfer, merged, read_relabel
from provenance.stripe_double.core.world import World

REVERSALS = "reversals"
REFUNDS = "refunds"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateReversal:
    """How much is to come back; all that is left where no amount is named."""

    amount: int | None
    metadata: dict[str, str]


def _read_create(reader: Reader) -> CreateReversal:
    reader.text("description")
    reader.flag("refund_application_fee")
    command = CreateReversal(amount=reader.amount(needed=False), metadata=reader.metadata() or {})
    reader.end()
    return command


def _create(call: Call, command: CreateReversal) -> Json:
    world, transfer = call.world, find_transfer(call)
    left = transfer.amount - transfer.reversed_amount
    amount = left if command.amount is None else command.amount
    _check(call, transfer, amount, left)
    id_, refund_id = world.new_id("trr"), world.new_id("pyr")
    back = post(world, call.account, "transfer_refund", amount=amount, currency=transfer.currency, source=id_)
    reversal = Reversal(
        id=id_,
        account=call.account,
        created=world.now,
        amount=amount,
        currency=transfer.currency,
        transfer=transfer.id,
        transaction=back.id,
        refund=refund_id,
        metadata=command.metadata,
    )
    world.add(REVERSALS, reversal)
    changed = replace(transfer, reversed_amount=transfer.reversed_amount + amount, reversals=(*transfer.reversals, id_))
    world.put(changed)
    _give_back(world, changed, reversal)
    previous = {"amount_reversed": transfer.reversed_amount, "reversed": False}
    emit(world, call.account, "transfer.reversed", shape(world, changed), previous=previous, call=call)
    return shape(world, reversal)


def _check(call: Call, transfer: Transfer, amount: int, left: int) -> None:
    if not left:
        raise Refused(f"The transfer {transfer.id} is already fully reversed.", code="transfer_already_reversed")
    if amount > left:
        raise Refused(
            f"Reversal amount ({amount}) is greater than unreversed amount on transfer ({left}).", param="amount"
        )
    if not call.world.options.reversal_overdraws:
        message = "The connected account has insufficient funds to cover this reversal."
        check_available(call.world, transfer.destination, amount, transfer.currency, message=message)


def _give_back(world: World, transfer: Transfer, reversal: Reversal) -> None:
    """The other half: what the payment in the connected account gives back."""
    txn = post(
        world, transfer.destination, "payment_refund", amount=-reversal.amount, currency=transfer.currency,
        source=reversal.refund,
    )  # fmt: skip
    refund = Refund(
        id=reversal.refund,
        account=transfer.destination,
        created=world.now,
        amount=reversal.amount,
        currency=reversal.currency,
        charge=transfer.payment,
        transaction=txn.id,
        reversal=reversal.id,
    )
    world.add(REFUNDS, refund)
    payment = world.get(Charge, transfer.payment)
    world.put(
        replace(
            payment,
            amount_refunded=payment.amount_refunded + reversal.amount,
            refunds=(*payment.refunds, refund.id),
        )
    )


def _find(call: Call) -> Reversal:
    transfer = find_transfer(call)
    reversal = call.world.objects.get(call.ids[1])
    if not isinstance(reversal, Reversal) or reversal.transfer != transfer.id:
        raise missing("transfer reversal", call.ids[1])
    return reversal


def _retrieve(call: Call, _command: None) -> Json:
    return shape(call.world, _find(call))


def _update(call: Call, command: Relabel) -> Json:
    reversal = _find(call)
    changed = replace(reversal, metadata=merged(reversal, command.metadata))
    call.world.put(changed)
    return shape(call.world, changed)


def _list(call: Call, query: Query) -> Json:
    return page(call, REVERSALS, query, ids=find_transfer(call).reversals)


_PATH = "/v1/transfers/*/reversals"
ROUTES = (
    Route(method="POST", path=_PATH, read=_read_create, execute=_create),
    Route(method="POST", path=f"{_PATH}/*", read=read_relabel, execute=_update),
    Route(method="GET", path=f"{_PATH}/*", read=nothing, execute=_retrieve),
    Route(method="GET", path=_PATH, read=read_query(created=False), execute=_list),
)
