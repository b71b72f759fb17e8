"""Any number of holds of one generation, resolved in any order: the books balance, and all that was held is placed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from provenance.attribution.shares import Attribution, GenerationShares
from provenance.kernel.money import MicroUnits, Money
from provenance.kernel.parts import WHOLE_PPB, split_exactly
from provenance.ledger.transaction import Transaction, totals
from provenance.royalties.accrual import GenerationAccrual, Outcome, Rights, accrue
from provenance.royalties.postings import accrual_transaction
from provenance.royalties.review import HeldUse, Resolution, as_unattributed, resolve
from provenance.services.expected_entries import expected_decline, expected_entries
from provenance.services.facts import money_form, use_form
from provenance.sources.claim import Claims
from provenance.sources.licence import FeePerUse, Licence, ShareOfRevenue, Terms

AT, DAY = datetime(2026, 5, 1, tzinfo=UTC), date(2026, 1, 1)
WORKS = ("a", "b", "c")
CLAIMS = Claims(basis_points={"ann": 3_333, "bob": 6_667}, valid_from=DAY)
Order = list[tuple[str, Resolution]]

terms = st.one_of(
    st.builds(ShareOfRevenue, rate_basis_points=st.integers(1, 10_000)),
    st.builds(
        FeePerUse,
        fee=st.builds(Money, st.sampled_from(["USD", "EUR"]), st.integers(1, 10**6).map(MicroUnits)),
    ),
)
orders = st.permutations(WORKS).flatmap(
    lambda works: st.lists(st.sampled_from(list(Resolution)), min_size=3, max_size=3).map(
        lambda how: list(zip(works, how, strict=True))
    )
)


@st.composite
def accruals(draw: st.DrawFn) -> GenerationAccrual:
    """Three works under licences whose risk can't be promised, and a fourth that is paid."""
    weights = draw(st.lists(st.integers(1, 10**6), min_size=5, max_size=5))
    *shares, nobody = split_exactly(WHOLE_PPB, weights)
    attributions = (
        Attribution(work=w, share_ppb=s, confidence_ppm=600_000, matches=())
        for w, s in zip((*WORKS, "paid"), shares, strict=True)
    )

    def rights(of: Terms, risk: int | None) -> Rights:
        licence = Licence(terms=of, valid_from=DAY, risk_basis_points_max=risk)
        return Rights(licence=licence, licence_id="lic", claims=CLAIMS, claims_id="claims")

    return accrue(
        Money("USD", MicroUnits(draw(st.just(0) | st.integers(1, 100) | st.integers(1, 10**9)))),
        GenerationShares(attributions=tuple(attributions), unattributed_ppb=nobody),
        {w: rights(draw(terms), 100) for w in WORKS} | {"paid": rights(draw(terms), None)},
        pool_basis_points=draw(st.integers(0, 10_000)),
    )


def resolved(accrual: GenerationAccrual, order: Order) -> list[Transaction]:
    """The transactions of a generation and of its reviews, in this order."""
    first = accrual_transaction("gen", "studio", accrual, effective_at=AT)
    posted = [first] if first else []
    declined: set[str] = set()
    for work, resolution in order:
        hold = HeldUse(
            generation="gen",
            service="studio",
            accrual=accrual,
            use=next(u for u in accrual.uses if u.work == work),
            claims=CLAIMS,
            posted=first.id if first else None,
            declined=frozenset(declined),
        )
        review, transaction = resolve(hold, resolution, decided_by="op", reason="read", at=AT)
        assert review.transaction == (transaction.id if transaction else None)
        posted += [transaction] if transaction else []
        declined |= {work} if resolution is Resolution.DECLINE else set()
    return posted


def sums(transactions: list[Transaction]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for transaction in transactions:
        for entry in transaction.entries:
            found[entry.account.id] += entry.micros
    return {account: micros for account, micros in found.items() if micros}


@given(accruals(), orders)
def test_each_transaction_balances_and_nothing_stays_held(accrual: GenerationAccrual, order: Order) -> None:
    posted = resolved(accrual, order)
    assert all(set(totals(t.entries).values()) == {0} for t in posted)
    assert not [account for account in sums(posted) if account.startswith("held/")]


@given(accruals(), orders)
def test_what_is_released_is_what_was_held_and_the_order_does_not_matter(
    accrual: GenerationAccrual, order: Order
) -> None:
    released = {w for w, how in order if how is Resolution.RELEASE}
    owed = Counter[str]()
    for use in accrual.uses:
        money = use.held if use.work in released else use.royalty
        owed[money.currency if money else "USD"] += money.micros if money else 0
    after = sums(resolved(accrual, order))
    payable = Counter[str]()
    for account, micros in after.items():
        if account.startswith("party_payable/"):
            payable[account.rsplit("/", 1)[1]] -= micros
    assert +payable == +owed
    assert after == sums(resolved(accrual, order[::-1]))


@given(accruals())
def test_after_declines_the_books_are_as_if_the_shares_had_been_nobodys(accrual: GenerationAccrual) -> None:
    as_if = accrual_transaction("gen", "studio", as_unattributed(accrual, set(WORKS)), effective_at=AT)
    expected = sums([as_if] if as_if else [])
    assert sums(resolved(accrual, [(w, Resolution.DECLINE) for w in WORKS])) == expected


@given(accruals(), orders)
def test_the_check_of_an_export_expects_the_same_from_the_form_alone(accrual: GenerationAccrual, order: Order) -> None:
    form = {
        "service": "studio",
        "price": money_form(accrual.price),
        "pool_basis_points": accrual.pool_basis_points,
        "unattributed": money_form(accrual.unattributed),
        "uses": [use_form(use) for use in accrual.uses],
    }
    expected = Counter(expected_entries(form))
    declined = [w for w, how in order if how is Resolution.DECLINE]
    for place, work in enumerate(declined):
        expected.update(expected_decline(form, work, declined=declined[:place]))
    only = [(w, how) for w, how in order if how is Resolution.DECLINE]
    assert {a: m for a, m in expected.items() if m} == sums(resolved(accrual, only))


@given(accruals())
def test_only_uses_under_a_stated_risk_are_held_for_review(accrual: GenerationAccrual) -> None:
    assert [u.outcome for u in accrual.uses] == [*[Outcome.REVIEW] * 3, Outcome.PAID]
