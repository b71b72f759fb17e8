"""Payouts, books, providers and statements held against one another, as they really come about; on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.bank_file.movements import BankMovements
from provenance.adapters.sql import SqlDatabase
from provenance.adapters.stripe_connect.movements import StripeMovements
from provenance.kernel.errors import Unavailable
from provenance.payouts.reconciled_rows import Break, BreakKind, ProviderRow
from provenance.services import reconcile_payouts
from provenance.services.reconcile_payouts import reconcile
from provenance.stripe_double.edges.in_process import Double
from tests.unit.bank_files.message_values import camt054, details, entry

from .bank_story import ByBank, booked, closed_month, paid
from .closing_story import NOVEMBER, close, post
from .payout_story import NOW
from .test_payouts_on_stripe import OnStripe

MUCH_LATER = timedelta(days=400)


@pytest.fixture
def by_bank(database: SqlDatabase, opened: Any, tmp_path: Path) -> ByBank:
    return closed_month(database, tmp_path / "bank")


class Told:
    """Movements that a test makes up from real ones."""

    def __init__(self, rows: list[ProviderRow]) -> None:
        self._rows = rows

    def movements(self, now: datetime) -> list[ProviderRow]:
        return sorted(self._rows, key=lambda row: row.payout or "")


def breaks(by_bank: ByBank, *, rows: list[ProviderRow] | None = None, after: timedelta = MUCH_LATER) -> list[Break]:
    movements = Told(rows) if rows is not None else BankMovements(by_bank.bank)
    return list(reconcile(by_bank.database, {"bank": movements}, now=by_bank.clock() + after))


def kinds(found: list[Break]) -> set[str]:
    return {b.kind.value for b in found}


def rows_of(by_bank: ByBank) -> list[ProviderRow]:
    return list(BankMovements(by_bank.bank).movements(by_bank.clock()))


def test_what_is_paid_and_booked_fits(by_bank: ByBank, monkeypatch: pytest.MonkeyPatch) -> None:
    payouts = by_bank.by_bank()
    by_bank.file()
    by_bank.hears(booked(by_bank, *payouts.values()), *payouts.values())
    monkeypatch.setattr(reconcile_payouts, "PAGE", 1)  # pages lead through all of it
    assert [b for b in breaks(by_bank) if "ann" in b.subject or b.subject.startswith("payout")] == []
    links = [b for b in breaks(by_bank) if b.kind is not BreakKind.STATEMENT_UNSETTLED]
    assert links == []


def test_what_nobody_was_paid_for_is_told_by_its_lines(by_bank: ByBank) -> None:
    assert kinds(breaks(by_bank)) == {"statement_unsettled"}
    assert kinds(breaks(by_bank, after=timedelta())) == {"line_not_yet_settled"}
    assert all(b.harmless for b in breaks(by_bank, after=timedelta()))


def test_what_came_back_and_is_owed_again_fits_but_for_its_lines(by_bank: ByBank) -> None:
    ann = by_bank.by_bank()["ann"]
    by_bank.file()
    by_bank.hears(booked(by_bank, ann), ann)
    back = camt054([entry(details(by_bank.order_of(ann), paid(ann), currency="USD", reason="MS02"), direction="CRDT")])
    by_bank.hears(back, ann)
    assert {b.kind.value for b in breaks(by_bank) if b.subject == ann.id} == set()
    assert "statement_unsettled" in kinds(breaks(by_bank))


def test_each_difference_at_the_bank_is_told_of_its_payout(by_bank: ByBank) -> None:
    ann = by_bank.by_bank()["ann"]
    by_bank.file()
    by_bank.hears(booked(by_bank, ann), ann)
    [row] = rows_of(by_bank)

    def told(*rows: ProviderRow) -> set[str]:
        return {b.kind.value for b in breaks(by_bank, rows=list(rows)) if b.subject in (ann.id, "stray")}

    assert told(row) == set()
    assert told() == {"missing_at_provider"}
    assert told(replace(row, micros=row.micros + 10_000)) == {"amount_differs"}
    assert told(replace(row, currency="EUR")) == {"currency_differs"}
    assert told(replace(row, account="iban=X")) == {"other_account"}
    assert told(row, replace(row, id="again", object="another")) == {"duplicate_at_provider"}
    assert told(replace(row, fee_micros=10_000)) == {"fee_unposted"}
    assert told(row, replace(row, id="stray", payout=None)) == {"unknown_at_provider"}


def test_what_is_on_its_way_is_no_break_until_it_takes_too_long(by_bank: ByBank) -> None:
    ann = by_bank.by_bank()["ann"]
    by_bank.file()
    of_ann = lambda after: {b.kind.value for b in breaks(by_bank, after=after) if b.subject == ann.id}  # noqa: E731
    assert of_ann(timedelta(days=1)) == {"in_flight"}
    assert of_ann(timedelta(days=30)) == {"stranded"}


def test_what_the_bank_booked_twice_is_a_duplicate(by_bank: ByBank) -> None:
    ann = by_bank.by_bank()["ann"]
    by_bank.file()
    by_bank.hears(booked(by_bank, ann), ann)
    by_bank.hears(booked(by_bank, ann).replace(b"REF-9", b"REF-10"), ann)
    assert {b.kind.value for b in breaks(by_bank) if b.subject == ann.id} == {"duplicate_at_provider"}


@pytest.fixture
def on_stripe(database: SqlDatabase, opened: Any) -> OnStripe:
    for party in ("ann", "bob"):
        at = NOVEMBER.until - timedelta(days=3)
        post(database, f"more-{party}", "correction", 25_004_321, effective=at, at=at, party=party)
    close(database)
    made = OnStripe(database, Double(seed=3, now=int(NOW.timestamp())))
    made.double.fund(1_000_000, "usd")
    made.open("ann")
    return made


def of_stripe(on_stripe: OnStripe) -> list[Break]:
    found = reconcile(
        on_stripe.database, {"stripe": StripeMovements(on_stripe.client)}, now=on_stripe.clock() + MUCH_LATER
    )
    return [b for b in found if b.kind is not BreakKind.STATEMENT_UNSETTLED]


def test_what_stripe_moved_fits(on_stripe: OnStripe) -> None:
    payout = on_stripe.one("ann")
    on_stripe.until_paid(payout)
    assert of_stripe(on_stripe) == []


def test_what_was_moved_at_stripe_behind_our_back_is_told(on_stripe: OnStripe) -> None:
    payout = on_stripe.one("ann")
    on_stripe.until_paid(payout)
    transfers = on_stripe.client.v1.transfers
    [transfer] = transfers.list().data
    transfers.create({"amount": 100, "currency": "usd", "destination": str(transfer.destination)})
    assert [(b.kind.value, b.micros) for b in of_stripe(on_stripe)] == [("unknown_at_provider", 1_000_000)]


def test_a_reversal_that_the_books_do_not_know_is_told(on_stripe: OnStripe) -> None:
    payout = on_stripe.one("ann")
    on_stripe.advance(payout)
    transfers = on_stripe.client.v1.transfers
    [transfer] = transfers.list().data
    transfers.reversals.create(transfer.id)
    assert [(b.kind.value, b.subject) for b in of_stripe(on_stripe)] == [("reversal_unposted", payout.id)]


def test_where_stripe_does_not_answer_nothing_is_told(on_stripe: OnStripe) -> None:
    class Dead:
        def movements(self, now: datetime) -> list[ProviderRow]:
            raise Unavailable("no")

    with pytest.raises(Unavailable):
        list(reconcile(on_stripe.database, {"stripe": Dead()}, now=on_stripe.clock()))
