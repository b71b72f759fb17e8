"""What an account holds, and the transactions that it comes from."""

from __future__ import annotations

from provenance.stripe_double.core.balances import TRANSACTIONS
from provenance.stripe_double.core.call import Call, Route, nothing
from provenance.stripe_double.core.pages import Query, page, read_query
from provenance.stripe_double.core.payouts import transactions_of
from provenance.stripe_double.core.records import Account, BalanceTransaction, Record
from provenance.stripe_double.core.shapes import Json, shape


def _balance(call: Call, _command: None) -> Json:
    """The balance, by currency. What is reserved for connected accounts with less than nothing isn't kept: zero."""
    books = call.world.books.get(call.account, {})
    currencies = sorted(books) or [call.world.get(Account, call.account).default_currency]
    held = [(currency, call.world.holding(call.account, currency)) for currency in currencies]
    balance: Json = {
        "object": "balance",
        "available": [_amount(currency, holding.available) for currency, holding in held],
        "livemode": False,
        "pending": [_amount(currency, holding.pending) for currency, holding in held],
    }
    if call.on_platform:
        balance["connect_reserved"] = [{"amount": 0, "currency": currency} for currency in currencies]
    return balance


def _amount(currency: str, amount: int) -> Json:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def _retrieve(call: Call, _command: None) -> Json:
    transaction = call.world.find(BalanceTransaction, call.ids[0], account=call.account, what="balance transaction")
    return shape(call.world, transaction)


def _list(call: Call, query: Query) -> Json:
    kind, source, currency = (query.filters.get(name) for name in ("type", "source", "currency"))
    payout = query.filters.get("payout")
    ids = transactions_of(call, payout) if payout else None

    def keep(record: Record) -> bool:
        assert isinstance(record, BalanceTransaction)
        return (
            kind in (None, record.kind)
            and source in (None, record.source)
            and (currency is None or currency.lower() == record.currency)
        )

    return page(call, TRANSACTIONS, query, keep=keep, ids=ids)


_FILTERS = ("type", "source", "payout", "currency")
ROUTES = (
    Route(method="GET", path="/v1/balance", read=nothing, execute=_balance),
    Route(method="GET", path="/v1/balance_transactions/*", read=nothing, execute=_retrieve),
    Route(method="GET", path="/v1/balance_transactions", read=read_query(*_FILTERS), execute=_list),
)
