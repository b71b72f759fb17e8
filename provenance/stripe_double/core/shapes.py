"""Records as the objects of Stripe's API: every field that an object of v1 carries, JSON-ready, ids unexpanded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from provenance.stripe_double.core.records import (
    Account,
    BalanceTransaction,
    Bank,
    Charge,
    Endpoint,
    Event,
    Payout,
    Record,
    Refund,
    Reversal,
    Topup,
    Transfer,
)
from provenance.stripe_double.core.shape_account import account_shape, bank_shape
from provenance.stripe_double.core.world import World

API_VERSION = "2026-10-28.endive"
Json = dict[str, Any]


def shape(world: World, record: Record) -> Json:
    """A fresh object of a record: the caller may change it."""
    return _SHAPES[type(record)](world, record)


def page_of(items: list[Json], *, url: str, has_more: bool = False) -> Json:
    """A list object."""
    return {"object": "list", "data": items, "has_more": has_more, "url": url}


def _base(record: Record, name: str) -> Json:
    return {"id": record.id, "object": name, "created": record.created, "metadata": dict(record.metadata)}


def _transaction(_world: World, record: Record) -> Json:
    txn = cast("BalanceTransaction", record)
    details = [
        {"amount": txn.fee, "application": None, "currency": txn.currency, "description": "Fees", "type": "stripe_fee"}
    ]
    return {
        "id": txn.id,
        "object": "balance_transaction",
        "amount": txn.amount,
        "available_on": txn.available_on,
        "balance_type": "payments",
        "created": txn.created,
        "currency": txn.currency,
        "description": txn.description,
        "exchange_rate": None,
        "fee": txn.fee,
        "fee_details": details if txn.fee else [],
        "net": txn.net,
        "reporting_category": txn.category,
        "source": txn.source,
        "status": "available" if txn.available_on <= _world.now else "pending",
        "type": txn.kind,
    }


def _transfer(world: World, record: Record) -> Json:
    transfer = cast("Transfer", record)
    reversals = [shape(world, world.objects[id_]) for id_ in reversed(transfer.reversals[-10:])]
    return _base(transfer, "transfer") | {
        "amount": transfer.amount,
        "amount_reversed": transfer.reversed_amount,
        "balance_transaction": transfer.transaction,
        "currency": transfer.currency,
        "description": transfer.description,
        "destination": transfer.destination,
        "destination_payment": transfer.payment,
        "livemode": False,
        "reversals": page_of(
            reversals, url=f"/v1/transfers/{transfer.id}/reversals", has_more=len(transfer.reversals) > len(reversals)
        ),
        "reversed": transfer.reversed_amount == transfer.amount,
        "source_transaction": transfer.source_transaction,
        "source_type": "card",
        "transfer_group": transfer.transfer_group,
    }


def _reversal(_world: World, record: Record) -> Json:
    reversal = cast("Reversal", record)
    return _base(reversal, "transfer_reversal") | {
        "amount": reversal.amount,
        "balance_transaction": reversal.transaction,
        "currency": reversal.currency,
        "destination_payment_refund": reversal.refund,
        "source_refund": None,
        "transfer": reversal.transfer,
    }


def _payout(_world: World, record: Record) -> Json:
    payout = cast("Payout", record)
    return _base(payout, "payout") | {
        "amount": payout.amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": payout.arrival,
        "automatic": payout.automatic,
        "balance_transaction": payout.transaction,
        "currency": payout.currency,
        "description": payout.description,
        "destination": payout.bank,
        "failure_balance_transaction": payout.failure_transaction,
        "failure_code": payout.failure_code,
        "failure_message": FAILURE_MESSAGES.get(payout.failure_code or ""),
        "livemode": False,
        "method": payout.method,
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed" if payout.automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": payout.statement_descriptor,
        "status": payout.status,
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }


# Why a payout fails (docs.stripe.com/api/payouts/failures).
FAILURE_MESSAGES = {
    "account_closed": "The bank account has been closed.",
    "account_frozen": "The bank account has been frozen.",
    "bank_account_restricted": "The bank account has restrictions on the type, or the number, of transfers allowed.",
    "could_not_process": "The bank could not process this transfer.",
    "debit_not_authorized": "Debit transactions are not approved on the bank account.",
    "incorrect_account_holder_name": "The bank account holder name on file is incorrect.",
    "insufficient_funds": "The account has insufficient funds to cover the transfer.",
    "invalid_account_number": "The routing number seems correct, but the account number is invalid.",
    "invalid_currency": "The bank was unable to process this transfer because of its currency.",
    "no_account": "The bank account details on file are probably incorrect.",
}


def _charge(world: World, record: Record) -> Json:
    charge = cast("Charge", record)
    refunds = [shape(world, world.objects[id_]) for id_ in reversed(charge.refunds[-10:])]
    outcome = dict.fromkeys(("advice_code", "network_advice_code", "network_decline_code", "reason"))
    card = {"brand": "visa", "country": "US", "exp_month": 8, "exp_year": 2030, "funding": "credit", "last4": "4242"}
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    unset = (
        "application application_fee application_fee_amount calculated_statement_descriptor customer"
        " failure_balance_transaction failure_code failure_message on_behalf_of payment_intent payment_method"
        " receipt_email receipt_number receipt_url review shipping source statement_descriptor"
        " statement_descriptor_suffix transfer_data"
    ).split()
    return (
        _base(charge, "charge")
        | dict.fromkeys(unset)
        | {
            "amount": charge.amount,
            "amount_captured": charge.amount,
            "amount_refunded": charge.amount_refunded,
            "balance_transaction": charge.transaction,
            "billing_details": {"address": address, "email": None, "name": None, "phone": None, "tax_id": None},
            "captured": True,
            "currency": charge.currency,
            "description": charge.description,
            "disputed": False,
            "fraud_details": {},
            "livemode": False,
            "outcome": outcome
            | {"network_status": "approved_by_network", "seller_message": None, "type": "authorized"},
            "paid": True,
            "payment_method_details": {"type": "stripe_account", "stripe_account": {}}
            if charge.source_transfer
            else {"type": "card", "card": card},
            "refunded": charge.amount_refunded == charge.amount,
            "refunds": page_of(refunds, url=f"/v1/charges/{charge.id}/refunds"),
            "source_transfer": charge.source_transfer,
            "status": "succeeded",
            "transfer_group": charge.transfer_group,
        }
    )


def _refund(_world: World, record: Record) -> Json:
    refund = cast("Refund", record)
    unset = ("customer customer_account payment_intent payment_method reason receipt_number transfer_reversal").split()
    return (
        _base(refund, "refund")
        | dict.fromkeys(unset)
        | {
            "amount": refund.amount,
            "balance_transaction": refund.transaction,
            "charge": refund.charge,
            "currency": refund.currency,
            "destination_details": {"type": "card", "card": {"type": "reversal"}},
            "source_transfer_reversal": refund.reversal,
            "status": "succeeded",
        }
    )


def _topup(_world: World, record: Record) -> Json:
    topup = cast("Topup", record)
    return _base(topup, "topup") | {
        "amount": topup.amount,
        "balance_transaction": topup.transaction,
        "currency": topup.currency,
        "description": topup.description,
        "expected_availability_date": topup.expected,
        "failure_code": None,
        "failure_message": None,
        "initiated_by": None,
        "livemode": False,
        "source": None,
        "statement_descriptor": topup.statement_descriptor,
        "status": topup.status,
        "transfer_group": topup.transfer_group,
    }


def _event(world: World, record: Record) -> Json:
    event = cast("Event", record)
    data: Json = {"object": event.data}
    if event.previous is not None:
        data["previous_attributes"] = event.previous
    body = {
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": event.created,
        "data": data,
        "livemode": False,
        "pending_webhooks": world.delivered.get(event.id, 0),
        "request": {"id": event.request, "idempotency_key": event.key},
        "type": event.kind,
    }
    return body if event.connected is None else body | {"account": event.connected}


def _endpoint(_world: World, record: Record) -> Json:
    endpoint = cast("Endpoint", record)
    return _base(endpoint, "webhook_endpoint") | {
        "api_version": None,
        "application": None,
        "description": endpoint.description,
        "enabled_events": list(endpoint.kinds),
        "livemode": False,
        "status": "enabled" if endpoint.enabled else "disabled",
        "url": endpoint.url,
    }


_SHAPES: dict[type[Record], Callable[[World, Record], Json]] = {
    Account: account_shape,
    Bank: bank_shape,
    BalanceTransaction: _transaction,
    Charge: _charge,
    Endpoint: _endpoint,
    Event: _event,
    Payout: _payout,
    Refund: _refund,
    Reversal: _reversal,
    Topup: _topup,
    Transfer: _transfer,
}
