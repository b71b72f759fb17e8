"""Releases and declines of a hold, worked out by hand, and reasons that are none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from provenance.kernel.errors import InvalidInput
from provenance.kernel.money import MicroUnits, Money
from provenance.ledger.transaction import Transaction
from provenance.royalties.accrual import GenerationAccrual, Outcome, WorkUse
from provenance.royalties.review import HeldUse, Resolution, resolve
from provenance.sources.claim import Claims

AT, DAY = datetime(2026, 5, 1, tzinfo=UTC), date(2026, 1, 1)
CLAIMS = Claims(basis_points={"zoe": 5_000, "ann": 5_000}, valid_from=DAY)


def money(micros: int, currency: str = "USD") -> Money:
    return Money(currency, MicroUnits(micros))


def hold(held: Money, *, part: int = 24_000, price: int = 40_000) -> HeldUse:
    use = WorkUse(
        work="w",
        share_ppb=600_000_000,
        outcome=Outcome.REVIEW,
        licence_id="lic",
        claims_id="claims",
        price_part=money(part),
        royalty=None,
        held=held,
        accruals=(),
        threshold_ppm=970_000,
    )
    accrual = GenerationAccrual(price=money(price), pool_basis_points=3_000, uses=(use,), unattributed=money(4_800))
    return HeldUse(generation="gen", service="studio", accrual=accrual, use=use, claims=CLAIMS, posted="txn_accrual")


def posted(of: HeldUse, resolution: Resolution) -> Transaction:
    transaction = resolve(of, resolution, decided_by="op", reason="read both", at=AT)[1]
    assert transaction is not None
    return transaction


def entries(transaction: Transaction) -> dict[str, int]:
    return {e.account.id: e.micros for e in transaction.entries}


def test_a_release_pays_the_claimants_at_the_use() -> None:
    review, _ = resolve(hold(money(12_001)), Resolution.RELEASE, decided_by="op", reason="read both", at=AT)
    assert [(a.party, a.basis_points, a.money.micros) for a in review.released] == [
        ("ann", 5_000, 6_001),
        ("zoe", 5_000, 6_000),
    ]
    assert entries(posted(hold(money(12_001)), Resolution.RELEASE)) == {
        "held/USD": 12_001,
        "party_payable/ann/USD": -6_001,
        "party_payable/zoe/USD": -6_000,
    }


def test_a_decline_gives_the_pool_its_part_and_revenue_the_rest() -> None:
    # 30 % of 24,000 is the pool's; of the 12,000 that were held, revenue gets 4,800.
    declined = entries(posted(hold(money(12_000)), Resolution.DECLINE))
    assert declined == {"held/USD": 12_000, "unattributed_pool/USD": -7_200, "generation_revenue/USD": -4_800}


def test_a_decline_of_a_small_royalty_takes_the_pools_part_from_revenue() -> None:
    declined = entries(posted(hold(money(1_000)), Resolution.DECLINE))
    assert declined == {"held/USD": 1_000, "unattributed_pool/USD": -7_200, "generation_revenue/USD": 6_200}


def test_a_fee_that_is_declined_is_owed_by_nobody() -> None:
    """The price was 40,000, the fee 100,000 and the pool's part 4,800: the service owed 104,800, and owes the price."""
    declined = entries(posted(hold(money(100_000)), Resolution.DECLINE))
    assert declined["service_receivable/studio/USD"] == 40_000 - 104_800
    other = entries(posted(hold(money(5_000, "EUR")), Resolution.DECLINE))
    assert other == {
        "held/EUR": 5_000,
        "service_receivable/studio/EUR": -5_000,
        "unattributed_pool/USD": -7_200,
        "generation_revenue/USD": 7_200,
    }


@pytest.mark.parametrize("resolution", list(Resolution))
def test_the_transaction_has_a_key_of_its_own_and_names_the_one_that_held(resolution: Resolution) -> None:
    transaction = posted(hold(money(12_000)), resolution)
    assert (transaction.business_key, transaction.cause) == ("review:gen:w", resolution.value)
    assert (transaction.corrects, transaction.effective_at) == ("txn_accrual", AT)


def test_both_resolutions_are_one_review_of_one_use() -> None:
    ids = {resolve(hold(money(5)), r, decided_by="op", reason="x", at=AT)[0].id for r in Resolution}
    assert len(ids) == 1


def test_a_royalty_of_nothing_is_released_without_a_transaction() -> None:
    review, transaction = resolve(hold(money(0)), Resolution.RELEASE, decided_by="op", reason="x", at=AT)
    assert (transaction, review.transaction) == (None, None)
    assert [a.money.micros for a in review.released] == [0, 0]


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "turned \u202e", "\x1b[2J", "x" * 1_001], ids=repr)
def test_a_reason_is_a_line_of_plain_words(reason: str) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        resolve(hold(money(5)), Resolution.RELEASE, decided_by="op", reason=reason, at=AT)


def test_what_is_not_held_for_review_can_not_be_resolved() -> None:
    one = hold(money(5))
    with pytest.raises(AssertionError, match="nothing else"):
        replace(one, use=replace(one.use, outcome=Outcome.UNCLAIMED))
