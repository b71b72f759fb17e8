"""Books that fit have no break; each planted break is found, as what it is, and nothing else is."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.reconciliation import breaks
from benchmarks.reconciliation_books import NOW, PLANTS, Books, Case, make_books, make_case
from provenance.kernel.errors import TooLarge
from provenance.payouts import reconciliation
from provenance.payouts.reconciled_rows import (
    HARMLESS,
    WHAT_TO_DO,
    BreakKind,
    LedgerRow,
    LedgerStep,
    LineRow,
    LinkRow,
    ProviderRow,
    ProviderStep,
)
from provenance.payouts.reconciliation import IN_FLIGHT, Horizon, reconcile_payouts
from provenance.payouts.settled_lines import reconcile_lines

# Not planted, for it is a payout that isn't there: a case of its own below.
ALONE = {BreakKind.UNPLANNED}


def told(books: Books) -> list[tuple[str, BreakKind]]:
    return [(b.subject, b.kind) for b in breaks(books)]


def books_of(*cases: Case) -> Books:
    books = Books()
    for case in cases:
        case.into(books)
    return books


def kinds(case: Case) -> list[BreakKind]:
    return [kind for _, kind in told(books_of(case))]


def case(seed: int = 1, *, failed: bool = False) -> Case:
    return make_case(seed, random.Random(seed), failed=failed)


@given(st.integers(0, 2**32), st.integers(0, 60))
def test_books_that_fit_have_no_break(seed: int, payouts: int) -> None:
    assert told(make_books(payouts, breaks=0, seed=seed)) == []


@given(st.integers(0, 2**32), st.integers(1, 60), st.data())
def test_every_planted_break_is_found_as_what_it_is_and_no_other(seed: int, payouts: int, data: st.DataObject) -> None:
    books = make_books(payouts, breaks=data.draw(st.integers(0, payouts)), seed=seed)
    found = told(books)
    assert set(found) == books.planted
    assert len(found) == len(books.planted)


@pytest.mark.parametrize("kind", PLANTS, ids=lambda k: k.value)
@given(st.integers(0, 2**32), st.booleans())
def test_a_break_is_told_alone_whatever_the_order_of_rows(kind: BreakKind, seed: int, backwards: bool) -> None:
    planted = case(seed)
    subject = PLANTS[kind](planted) or planted.intent.payout
    books = books_of(planted, case(seed + 1))
    if backwards:
        for rows in (books.intents, books.ledger, books.provider, books.lines, books.links):
            rows.reverse()
    assert told(books) == [(subject, kind)]


def test_every_kind_of_break_is_tried_and_says_what_to_do() -> None:
    assert set(PLANTS) | ALONE == set(BreakKind) == set(WHAT_TO_DO)
    assert {k for k in BreakKind if k in HARMLESS} == HARMLESS


def test_a_payout_that_nobody_planned_is_one_break() -> None:
    books = books_of(case())
    books.intents.clear()
    assert BreakKind.UNPLANNED in {kind for _, kind in told(books)}
    assert [b.kind for b in reconcile_payouts([], books.ledger, [], Horizon(now=NOW))] == [BreakKind.UNPLANNED]


def test_a_payment_that_was_sent_again_after_it_came_back_is_no_duplicate() -> None:
    retried = case(failed=True)
    del retried.ledger[LedgerStep.RETURNED]
    sent = retried.ledger[LedgerStep.SENT]
    retried.more_ledger.append(replace(sent, transaction="again", object="tr_again"))
    retried.more_provider.append(replace(retried.provider[ProviderStep.SENT], id="again", object="tr_again"))
    assert kinds(retried) == []
    retried.more_ledger.clear()
    assert BreakKind.DUPLICATE_AT_PROVIDER not in kinds(retried)
    assert BreakKind.MISSING_IN_LEDGER in kinds(retried)


def test_a_duplicate_that_the_provider_took_back_has_come_to_nothing() -> None:
    undone = case()
    again = replace(undone.provider[ProviderStep.SENT], id="again", object="tr_again")
    undone.more_provider += [again, replace(again, id="back", step=ProviderStep.REVERSED, account=None)]
    assert kinds(undone) == []


def test_what_was_written_off_is_owed_again_and_fits_unless_it_comes_back_after_all() -> None:
    lost = case(failed=True)
    del lost.provider[ProviderStep.REVERSED]
    lost.ledger[LedgerStep.REVERSED] = replace(
        lost.ledger[LedgerStep.REVERSED], step=LedgerStep.WRITTEN_OFF, object=None
    )
    assert kinds(lost) == []
    sent = lost.provider[ProviderStep.SENT]
    lost.more_provider.append(replace(sent, id="back", step=ProviderStep.REVERSED, account=None, fee_micros=0))
    assert kinds(lost) == [BreakKind.REVERSAL_UNPOSTED]


def test_a_reversal_that_is_short_differs_by_what_is_missing() -> None:
    short = case(failed=True)
    back = short.provider[ProviderStep.REVERSED]
    short.provider[ProviderStep.REVERSED] = replace(back, micros=back.micros - 3 * short.unit)
    (found,) = breaks(books_of(short))
    assert (found.kind, found.micros) == (BreakKind.AMOUNT_DIFFERS, -3 * short.unit)


def test_what_is_younger_than_the_horizon_is_in_flight_and_breaks_when_it_is_not() -> None:
    missing = case()
    del missing.provider[ProviderStep.SENT]
    at = missing.ledger[LedgerStep.SENT].at
    books = books_of(missing)

    def kind(now_after: timedelta) -> list[BreakKind]:
        horizon = Horizon(now=at + now_after)
        ledger = sorted(books.ledger, key=lambda row: row.payout)
        return [b.kind for b in reconcile_payouts(books.intents, ledger, [], horizon)]

    assert kind(IN_FLIGHT - timedelta(seconds=1)) == [BreakKind.IN_FLIGHT]
    assert kind(IN_FLIGHT) == [BreakKind.MISSING_AT_PROVIDER]


def test_a_line_that_a_returned_payout_settled_may_be_settled_again() -> None:
    line = LineRow(statement="s", number=1, currency="EUR", micros=5, due_at=NOW)
    first = LinkRow(statement="s", number=1, payout="a", micros=5, live=False)
    second = LinkRow(statement="s", number=1, payout="b", micros=5)
    assert list(reconcile_lines([line], [first, second], Horizon(now=NOW))) == []
    assert [b.kind for b in reconcile_lines([line], [first], Horizon(now=NOW))] == [BreakKind.STATEMENT_UNSETTLED]


def test_more_rows_of_a_payout_than_are_held_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "ROWS_OF_PAYOUT_MAX", 2)
    row = case().ledger[LedgerStep.SENT]
    with pytest.raises(TooLarge):
        list(reconcile_payouts([], [row] * 3, [], Horizon(now=NOW)))


def test_rows_out_of_order_are_our_own_bug() -> None:
    rows = [LedgerRow(payout=p, step=LedgerStep.SENT, transaction=p, currency="EUR", micros=1, at=NOW) for p in "ba"]
    with pytest.raises(AssertionError):
        list(reconcile_payouts([], rows, [], Horizon(now=NOW)))


def test_what_the_provider_moved_for_nobody_is_told_but_other_business_is_not() -> None:
    rows = [
        ProviderRow(id=step.value, payout=None, step=step, currency="EUR", micros=1, at=NOW)
        for step in (ProviderStep.OTHER, ProviderStep.FEE, ProviderStep.REVERSED)
    ]
    found = [b.kind for b in reconcile_payouts([], [], rows, Horizon(now=NOW))]
    assert found == [BreakKind.FEE_UNPOSTED, BreakKind.UNKNOWN_AT_PROVIDER]
