"""How the forms of payouts and payees become spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from provenance.kernel.money import format_micros

Form = Mapping[str, Any]
Rows = Callable[[Form], Iterator[tuple[object, ...]]]


def _payouts(form: Form) -> Iterator[tuple[object, ...]]:
    named = (form[c] for c in ("id", "party", "currency", "number", "statement"))
    amounts = (format_micros(int(form[c])) for c in ("micros", "carried_in_micros", "carried_out_micros"))
    rest = (form[c] for c in ("provider", "account", "approvals", "planned_by", "recorded_at"))
    yield *named, *amounts, *rest


def _lines(form: Form) -> Iterator[tuple[object, ...]]:
    for line in form["lines"]:
        amount = format_micros(int(line["micros"]))
        yield form["id"], form["party"], line["statement"], line["number"], amount, form["currency"]


def _refusals(form: Form) -> Iterator[tuple[object, ...]]:
    named = (form[c] for c in ("id", "party", "currency", "statement", "why"))
    yield *named, format_micros(int(form["due_micros"])), form["recorded_at"]


def _states(form: Form) -> Iterator[tuple[object, ...]]:
    due = " ".join(form["due"])
    yield form["id"], form["account"], form["number"], form["readiness"], due, form["code"], form["recorded_at"]


def _plain(*columns: str) -> tuple[Sequence[str], Rows]:
    return columns, lambda form: iter([tuple(form[c] for c in columns)])


PAYOUT_TABLES: Mapping[str, Mapping[str, tuple[Sequence[str], Rows]]] = {
    "payee_account": {
        "payee_accounts": _plain(*"id party provider account_sha256 number recorded_at".split()),
    },
    "payee_account_state": {
        "payee_account_states": ("id account number readiness due code recorded_at".split(), _states),
    },
    "payout": {
        "payouts": (
            (
                "payout party currency number statement amount carried_in carried_out provider account approvals "
                "planned_by recorded_at"
            ).split(),
            _payouts,
        ),
        "payout_lines": ("payout party statement line amount currency".split(), _lines),
    },
    "payout_refusal": {"payout_refusals": ("refusal party currency statement why due recorded_at".split(), _refusals)},
    "payout_approval": {"payout_approvals": _plain("id", "payout", "by", "recorded_at")},
    "payout_attempt": {"payout_attempts": _plain(*"id payout leg ordinal undoes recorded_at".split())},
    "payout_event": {
        "payout_events": _plain(
            *"id payout number what state attempt provider_id code transaction by reason_sha256 recorded_at".split()
        )
    },
}
