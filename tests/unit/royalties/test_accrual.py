"""What one generation earns whom: every micro-unit of the price has a place. Figures are worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from provenance.attribution.shares import Attribution, GenerationShares
from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.accrual import HELD_OUTCOMES, Accrual, Outcome, Rights, WorkUse, accrue
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

DAY = date(2026, 1, 1)
QUARTER = ShareOfRevenue(rate_basis_points=2_500)
EURO_FEE = FeePerUse(fee=Money("EUR", MicroUnits(500_001)))
FREE = PublicDomain(reason="First printed in 1609.")
CREDIT, REFUSAL = FreeWithCredit(credit="After Ann"), NotAllowed(reason="")


def usd(micros: int) -> Money:
    return Money("USD", MicroUnits(micros))


def shares(unattributed_ppb: int, **works: int) -> GenerationShares:
    attributions = (Attribution(work=w, share_ppb=s, confidence_ppm=900_000, matches=()) for w, s in works.items())
    return GenerationShares(attributions=tuple(attributions), unattributed_ppb=unattributed_ppb)


def rights(terms: Terms | None = None, **parts: int) -> Rights:
    return Rights(
        licence=Licence(terms=terms, valid_from=DAY) if terms else None,
        licence_id="lic_1" if terms else None,
        claims=Claims(basis_points=parts, valid_from=DAY) if parts else None,
        claims_id="claims_1" if parts else None,
    )


def use_of(held: Rights, *, price: int = 40_000, pool_basis_points: int = 3_000) -> WorkUse:
    """The use of a work that has a share of 60 % of the price."""
    found = accrue(usd(price), shares(400_000_000, w=600_000_000), {"w": held}, pool_basis_points=pool_basis_points)
    return found.uses[0]


def earned(use: WorkUse) -> list[tuple[str, int]]:
    return [(a.party, a.money.micros) for a in use.accruals]


def test_a_worked_example_of_three_works_and_nobody() -> None:
    # 0.04 USD: 24,000 micros to a, 10,000 to b, 4,000 to c, 2,000 to nobody; a quarter of each is royalty or pool.
    found = accrue(
        usd(40_000),
        shares(50_000_000, a=600_000_000, b=250_000_000, c=100_000_000),
        {"a": rights(QUARTER, ann=6_000, bob=4_000), "b": rights(REFUSAL, ann=10_000)},
        pool_basis_points=2_500,
    )
    a, b, c = found.uses
    assert [u.price_part for u in found.uses] == [usd(24_000), usd(10_000), usd(4_000)]
    assert (a.outcome, a.royalty, a.held, earned(a)) == (
        Outcome.PAID,
        usd(6_000),
        None,
        [("ann", 3_600), ("bob", 2_400)],
    )
    assert (b.outcome, b.royalty, b.held, earned(b)) == (Outcome.BLOCKED, None, usd(2_500), [])
    assert (c.outcome, c.royalty, c.held, earned(c)) == (Outcome.UNLICENSED, None, usd(1_000), [])
    assert (found.price, found.pool_basis_points, found.unattributed) == (usd(40_000), 2_500, usd(500))


def test_uses_keep_the_order_names_and_shares_of_the_works() -> None:
    found = accrue(usd(10), shares(1, z=333_333_333, a=666_666_666), {}, pool_basis_points=0)
    assert [(u.work, u.share_ppb) for u in found.uses] == [("z", 333_333_333), ("a", 666_666_666)]


def test_the_leftover_micro_unit_of_the_price_goes_to_the_first_of_equals() -> None:
    found = accrue(usd(10), shares(1, a=333_333_333, b=333_333_333, c=333_333_333), {}, pool_basis_points=10_000)
    assert [u.price_part.micros for u in found.uses] == [4, 3, 3]
    assert found.unattributed == usd(0)


def test_without_any_attribution_the_pool_gets_its_part_of_the_price() -> None:
    found = accrue(usd(40_000), shares(1_000_000_000), {}, pool_basis_points=3_000)
    assert (found.uses, found.unattributed) == ((), usd(12_000))


def test_a_pool_of_zero_sets_nothing_aside() -> None:
    found = accrue(usd(40_000), shares(500_000_000, a=500_000_000), {}, pool_basis_points=0)
    assert (found.unattributed, found.uses[0].held) == (usd(0), usd(0))


def test_all_is_in_the_currency_of_the_price() -> None:
    price = Money("JPY", MicroUnits(1_000))
    found = accrue(price, shares(500_000_000, a=500_000_000), {}, pool_basis_points=5_000)
    assert found.unattributed == found.uses[0].held == Money("JPY", MicroUnits(250))


def test_a_royalty_is_split_by_claims_and_the_leftover_goes_by_party_id() -> None:
    # 24,000 x 25 % = 6,000 = 3 x 2,000; of 6,003 for 24,012, a third each: 2,001
    assert earned(use_of(rights(QUARTER, zoe=3_333, ann=3_333, bob=3_334))) == [
        ("ann", 2_000),
        ("bob", 2_000),
        ("zoe", 2_000),
    ]
    # 0.6 x 35 = 21; a quarter of 21 is 5 (5.25): 2.5 each, and the odd one is ann's
    assert earned(use_of(rights(QUARTER, zoe=5_000, ann=5_000), price=35)) == [("ann", 3), ("zoe", 2)]


def test_an_accrual_names_the_work_the_party_and_its_claim() -> None:
    assert use_of(rights(QUARTER, bob=2_500, ann=7_500)).accruals == (
        Accrual(work="w", party="ann", basis_points=7_500, money=usd(4_500)),
        Accrual(work="w", party="bob", basis_points=2_500, money=usd(1_500)),
    )


def test_a_fee_is_paid_in_its_own_currency_and_in_full() -> None:
    use = use_of(rights(EURO_FEE, bob=5_000, ann=5_000))
    assert (use.outcome, use.royalty, use.held) == (Outcome.PAID, EURO_FEE.fee, None)
    assert [a.money for a in use.accruals] == [
        Money("EUR", MicroUnits(250_001)),
        Money("EUR", MicroUnits(250_000)),
    ]


@pytest.mark.parametrize(("terms", "held"), [(QUARTER, usd(6_000)), (EURO_FEE, EURO_FEE.fee)], ids=["share", "fee"])
def test_without_claims_the_royalty_itself_is_held(terms: Terms, held: Money) -> None:
    use = use_of(rights(terms))
    assert (use.outcome, use.royalty, use.held, use.accruals) == (Outcome.UNCLAIMED, None, held, ())


def test_a_royalty_of_nothing_is_held_as_nothing_and_not_as_a_part_of_the_pool() -> None:
    assert use_of(rights(ShareOfRevenue(rate_basis_points=1)), price=100).held == usd(0)


@pytest.mark.parametrize(
    ("held", "outcome"),
    [
        (rights(REFUSAL, ann=10_000), Outcome.BLOCKED),
        (rights(REFUSAL), Outcome.BLOCKED),
        (rights(None, ann=10_000), Outcome.UNLICENSED),
        (rights(), Outcome.UNLICENSED),
    ],
)
def test_what_may_not_be_paid_sets_the_pools_part_aside(held: Rights, outcome: Outcome) -> None:
    use = use_of(held)  # 30 % of 24,000
    assert (use.outcome, use.royalty, use.held, use.accruals) == (outcome, None, usd(7_200), ())


@pytest.mark.parametrize("held", [rights(CREDIT, ann=10_000), rights(CREDIT)], ids=["claimed", "unclaimed"])
def test_a_free_use_is_credited_and_moves_no_money(held: Rights) -> None:
    use = use_of(held)
    assert (use.outcome, use.royalty, use.held, use.accruals) == (Outcome.CREDITED, None, None, ())


@pytest.mark.parametrize("held", [rights(FREE, ann=10_000), rights(FREE)], ids=["claimed", "unclaimed"])
def test_the_public_domain_is_named_and_earns_and_holds_nothing(held: Rights) -> None:
    use = use_of(held)
    assert (use.outcome, use.royalty, use.held, use.accruals) == (Outcome.PUBLIC_DOMAIN, None, None, ())
    assert (use.licence_id, use.claims_id) == (held.licence_id, held.claims_id)


@pytest.mark.parametrize(
    "held", [rights(QUARTER, ann=10_000), rights(REFUSAL), rights(None, ann=10_000), rights(CREDIT)], ids=str
)
def test_a_use_names_the_licence_and_claims_that_it_was_decided_by(held: Rights) -> None:
    use = use_of(held)
    assert (use.licence_id, use.claims_id) == (held.licence_id, held.claims_id)


def test_a_price_of_zero_still_owes_a_fee_and_nothing_else() -> None:
    assert earned(use_of(rights(EURO_FEE, ann=10_000), price=0)) == [("ann", 500_001)]
    assert earned(use_of(rights(QUARTER, ann=10_000), price=0)) == [("ann", 0)]


def test_outcomes_are_recorded_under_these_names() -> None:
    names = ["paid", "credited", "blocked", "unlicensed", "unclaimed", "review", "public_domain"]
    assert [o.value for o in Outcome] == names


def test_held_are_the_blocked_the_unlicensed_the_unclaimed_and_the_unsure() -> None:
    assert {Outcome.BLOCKED, Outcome.UNLICENSED, Outcome.UNCLAIMED, Outcome.REVIEW} == HELD_OUTCOMES


@pytest.mark.parametrize("royalty", [None, usd(2_999), usd(3_001)], ids=str)
def test_a_use_whose_accruals_are_not_its_royalty_is_refused(royalty: Money | None) -> None:
    accrual = Accrual(work="w", party="ann", basis_points=10_000, money=usd(3_000))
    with pytest.raises(AssertionError, match="no more and no less"):
        WorkUse(
            work="w",
            share_ppb=1,
            outcome=Outcome.PAID,
            licence_id="lic_1",
            claims_id="claims_1",
            price_part=usd(3_000),
            royalty=royalty,
            held=None,
            accruals=(accrual,),
        )
