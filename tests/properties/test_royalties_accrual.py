"""Accruals and postings of any shares, terms and claims: every micro-unit has a place, every currency balances."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.shares import Attribution, GenerationShares
from provenance.kernel.money import MICROS_PER_UNIT, MicroUnits, Money
from provenance.kernel.parts import WHOLE_BASIS_POINTS, WHOLE_PPB
from provenance.ledger.accounts import AccountKind
from provenance.ledger.balance import balances
from provenance.ledger.transaction import Entry, Transaction, reversal, totals
from provenance.royalties.accrual import HELD_OUTCOMES, GenerationAccrual, Outcome, Rights, accrue
from provenance.royalties.postings import accrual_transaction
from provenance.sources.claim import Claims
from provenance.sources.licence import (
    FeePerUse,
    FreeWithCredit,
    Licence,
    NotAllowed,
    PublicDomain,
    ShareOfRevenue,
    Terms,
)

AT, DAY = datetime(2026, 5, 1, tzinfo=UTC), date(2026, 1, 1)
WORKS = [f"work_{n}" for n in range(6)]
PARTIES = ["ann", "bob", "cy", "studio"]

currencies = st.sampled_from(["EUR", "JPY", "USD"])
prices = st.just(0) | st.integers(1, 50) | st.integers(1, 10**6) | st.integers(1, 10**6 * MICROS_PER_UNIT)
pools = st.sampled_from([0, 1, 3_000, WHOLE_BASIS_POINTS]) | st.integers(0, WHOLE_BASIS_POINTS)


@st.composite
def whole(draw: st.DrawFn, of: int, count: int, least: int) -> list[int]:
    """``count`` integers of ``least`` or more that add up to ``of``."""
    room = of - least * count
    cuts = sorted(draw(st.lists(st.integers(0, room), min_size=count - 1, max_size=count - 1)))
    return [b - a + least for a, b in zip([0, *cuts], [*cuts, room], strict=True)]


@st.composite
def generation_shares(draw: st.DrawFn) -> GenerationShares:
    works = draw(st.lists(st.sampled_from(WORKS), unique=True, min_size=draw(st.sampled_from([2, 1, 0])), max_size=4))
    *parts, nobody = draw(whole(WHOLE_PPB, len(works) + 1, 0))
    attributions = (
        Attribution(work=w, share_ppb=p, confidence_ppm=1, matches=())
        for w, p in zip(sorted(works), parts, strict=True)
    )
    return GenerationShares(attributions=tuple(attributions), unattributed_ppb=nobody)


@st.composite
def terms(draw: st.DrawFn, *, fees: bool) -> Terms:
    kinds: list[Terms] = [ShareOfRevenue(rate_basis_points=draw(st.integers(1, WHOLE_BASIS_POINTS)))]
    kinds += [*kinds, FreeWithCredit(credit="After Ann"), NotAllowed(reason=""), PublicDomain(reason="")]
    if fees:
        amount = draw(st.integers(1, 10) | st.integers(1, 10**9))
        kinds += 2 * [FeePerUse(fee=Money(draw(currencies), MicroUnits(amount)))]
    return draw(st.sampled_from(kinds))


@st.composite
def rights(draw: st.DrawFn, *, fees: bool) -> Rights:
    """Any licence or none, with any claims or none."""
    licence = Licence(terms=draw(terms(fees=fees)), valid_from=DAY) if draw(st.integers(0, 4)) else None
    parties = draw(st.lists(st.sampled_from(PARTIES), unique=True, max_size=draw(st.integers(0, 4))))
    parts = draw(whole(WHOLE_BASIS_POINTS, len(parties), 1)) if parties else []
    claims = Claims(basis_points=dict(zip(parties, parts, strict=True)), valid_from=DAY) if parts else None
    return Rights(licence=licence, licence_id="lic" if licence else None, claims=claims)


@st.composite
def accruals(draw: st.DrawFn, *, pool: int | None = None, fees: bool = True) -> GenerationAccrual:
    return accrue(
        Money(draw(currencies), MicroUnits(draw(prices))),
        draw(generation_shares()),
        {work: draw(rights(fees=fees)) for work in WORKS[1:]},
        pool_basis_points=draw(pools) if pool is None else pool,
    )


def posted(accrual: GenerationAccrual) -> Transaction | None:
    return accrual_transaction("gen_1", "studio", accrual, effective_at=AT)


def entries_of(accrual: GenerationAccrual) -> tuple[Entry, ...]:
    transaction = posted(accrual)
    return transaction.entries if transaction else ()


@given(accruals(pool=WHOLE_BASIS_POINTS))
def test_every_micro_unit_of_the_price_has_a_place(accrual: GenerationAccrual) -> None:
    placed = sum(use.price_part.micros for use in accrual.uses) + accrual.unattributed.micros
    assert placed == accrual.price.micros


@given(accruals())
def test_what_is_set_aside_is_the_pools_part_of_what_nobody_has(accrual: GenerationAccrual) -> None:
    nobody = accrual.price.micros - sum(use.price_part.micros for use in accrual.uses)
    twice = 2 * accrual.unattributed.micros * WHOLE_BASIS_POINTS - 2 * nobody * accrual.pool_basis_points
    assert -WHOLE_BASIS_POINTS < twice <= WHOLE_BASIS_POINTS, "to the nearest micro-unit, a half upwards"


@given(accruals())
def test_a_royalty_is_paid_out_in_full_and_nothing_is_both_paid_and_held(accrual: GenerationAccrual) -> None:
    for use in accrual.uses:
        assert sum(a.money.micros for a in use.accruals) == (use.royalty.micros if use.royalty else 0)
        assert {a.money.currency for a in use.accruals} <= ({use.royalty.currency} if use.royalty else set())
        assert all(a.money.micros >= 0 and a.work == use.work for a in use.accruals)
        assert use.royalty is None or use.held is None
        assert (use.held is not None) is (use.outcome in HELD_OUTCOMES)
        assert (use.royalty is not None) is (use.outcome is Outcome.PAID)


@given(accruals())
def test_each_partys_accrual_is_within_a_micro_unit_of_its_claim(accrual: GenerationAccrual) -> None:
    for use in accrual.uses:
        for a in use.accruals:
            assert use.royalty is not None
            exact = use.royalty.micros * a.basis_points
            assert abs(a.money.micros * WHOLE_BASIS_POINTS - exact) < WHOLE_BASIS_POINTS


@given(accruals())
def test_the_transaction_balances_in_each_currency(accrual: GenerationAccrual) -> None:
    transaction = posted(accrual)
    if transaction is None:
        assert accrual.price.micros == 0
        assert not any(m.micros for use in accrual.uses for m in (use.royalty, use.held) if m)
        return
    assert set(totals(transaction.entries).values()) == {0}


@given(accruals())
def test_the_books_say_what_the_accrual_says(accrual: GenerationAccrual) -> None:
    expected: Counter[tuple[AccountKind, str | None, str]] = Counter()
    for use in accrual.uses:
        for a in use.accruals:
            expected[AccountKind.PARTY_PAYABLE, a.party, a.money.currency] -= a.money.micros
        if use.held:
            expected[AccountKind.HELD, None, use.held.currency] -= use.held.micros
    expected[AccountKind.UNATTRIBUTED_POOL, None, accrual.price.currency] -= accrual.unattributed.micros
    own = {AccountKind.SERVICE_RECEIVABLE, AccountKind.GENERATION_REVENUE}
    booked = [(e.account, e.micros) for e in entries_of(accrual) if e.account.kind not in own]
    moved = {key: micros for key, micros in expected.items() if micros}
    assert {(a.kind, a.party, a.currency): micros for a, micros in booked} == moved


@given(accruals())
def test_the_service_owes_the_price_or_what_fees_come_to_and_revenue_is_never_below_zero(
    accrual: GenerationAccrual,
) -> None:
    entries = entries_of(accrual)
    owed = {e.account.currency: e.micros for e in entries if e.account.kind is AccountKind.SERVICE_RECEIVABLE}
    credited = Counter[str]()
    for entry in entries:
        if entry.account.kind not in (AccountKind.SERVICE_RECEIVABLE, AccountKind.GENERATION_REVENUE):
            credited[entry.account.currency] -= entry.micros
    home = accrual.price.currency
    assert owed.pop(home, 0) == max(accrual.price.micros, credited.pop(home, 0))
    assert owed == dict(credited)
    revenue = [e for e in entries if e.account.kind is AccountKind.GENERATION_REVENUE]
    assert all(e.account.currency == home and e.micros < 0 for e in revenue)


@given(accruals())
def test_a_reversal_of_an_accrual_nets_every_account_to_zero(accrual: GenerationAccrual) -> None:
    if transaction := posted(accrual):
        undone = reversal(transaction, effective_at=AT)
        assert set(balances([*transaction.entries, *undone.entries]).values()) == {0}


@given(accruals(fees=False))
def test_without_fees_the_price_pays_for_all_and_no_work_takes_more_than_its_part(accrual: GenerationAccrual) -> None:
    for use in accrual.uses:
        taken = use.royalty or use.held or Money(accrual.price.currency, MicroUnits(0))
        assert taken.currency == accrual.price.currency
        assert 0 <= taken.micros <= use.price_part.micros
    for entry in entries_of(accrual):
        assert entry.account.kind is not AccountKind.GENERATION_REVENUE or entry.micros < 0
