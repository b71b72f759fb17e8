"""One generation's accruals as one balanced transaction. Figures are worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provenance.kernel.money import MicroUnits, Money
from provenance.ledger.transaction import Transaction
from provenance.royalties.accrual import Accrual, GenerationAccrual, Outcome, WorkUse
from provenance.royalties.postings import accrual_transaction

AT = datetime(2026, 5, 1, tzinfo=UTC)


def money(micros: int, currency: str = "USD") -> Money:
    return Money(currency, MicroUnits(micros))


def paid(work: str, currency: str = "USD", **parties: int) -> WorkUse:
    accruals = (Accrual(work=work, party=p, basis_points=1, money=money(m, currency)) for p, m in parties.items())
    return use(work, Outcome.PAID, royalty=money(sum(parties.values()), currency), accruals=tuple(accruals))


def held(work: str, amount: Money) -> WorkUse:
    return use(work, Outcome.BLOCKED, held=amount)


def use(
    work: str,
    outcome: Outcome,
    *,
    royalty: Money | None = None,
    held: Money | None = None,
    accruals: tuple[Accrual, ...] = (),
) -> WorkUse:
    return WorkUse(
        work=work,
        share_ppb=1,
        outcome=outcome,
        licence_id=None,
        claims_id=None,
        price_part=money(0),
        royalty=royalty,
        held=held,
        accruals=accruals,
    )


def post(price: Money, unattributed: Money, *uses: WorkUse) -> Transaction | None:
    accrual = GenerationAccrual(price=price, pool_basis_points=3_000, uses=uses, unattributed=unattributed)
    return accrual_transaction("gen_1", "studio", accrual, effective_at=AT)


def posted(price: Money, unattributed: Money, *uses: WorkUse) -> dict[str, int]:
    transaction = post(price, unattributed, *uses)
    assert transaction is not None
    return {e.account.id: e.micros for e in transaction.entries}


def test_a_worked_example_puts_every_micro_unit_of_the_price_somewhere() -> None:
    # 40,000 in: 6,000 to the claimants, 2,500 and 1,000 held, 500 to the pool, 30,000 are left as revenue.
    assert posted(
        money(40_000), money(500), paid("a", ann=3_600, bob=2_400), held("b", money(2_500)), held("c", money(1_000))
    ) == {
        "service_receivable/studio/USD": 40_000,
        "party_payable/ann/USD": -3_600,
        "party_payable/bob/USD": -2_400,
        "held/USD": -3_500,
        "unattributed_pool/USD": -500,
        "generation_revenue/USD": -30_000,
    }


def test_a_party_that_earns_from_two_works_has_one_entry() -> None:
    entries = posted(money(100), money(0), paid("a", ann=10, bob=5), paid("b", ann=7))
    assert (entries["party_payable/ann/USD"], entries["party_payable/bob/USD"]) == (-17, -5)
    assert entries["generation_revenue/USD"] == -78


def test_a_price_that_nobody_has_a_claim_on_is_pool_and_revenue() -> None:
    assert posted(money(100), money(30)) == {
        "service_receivable/studio/USD": 100,
        "unattributed_pool/USD": -30,
        "generation_revenue/USD": -70,
    }


@pytest.mark.parametrize("outcome", [Outcome.CREDITED, Outcome.PUBLIC_DOMAIN])
def test_a_use_that_is_free_moves_nothing(outcome: Outcome) -> None:
    assert posted(money(100), money(0), use("a", outcome)) == {
        "service_receivable/studio/USD": 100,
        "generation_revenue/USD": -100,
    }


def test_fees_above_the_price_are_owed_by_the_service_and_leave_no_loss() -> None:
    assert posted(money(40_000), money(0), paid("a", ann=100_000)) == {
        "service_receivable/studio/USD": 100_000,
        "party_payable/ann/USD": -100_000,
    }


def test_fees_that_take_the_whole_price_leave_no_entry_of_revenue() -> None:
    assert posted(money(40), money(0), paid("a", ann=40)) == {
        "service_receivable/studio/USD": 40,
        "party_payable/ann/USD": -40,
    }


def test_a_fee_in_another_currency_is_owed_by_the_service_on_top_of_the_price() -> None:
    assert posted(money(40_000), money(500), paid("a", "EUR", ann=700, bob=300), held("b", money(9, "GBP"))) == {
        "service_receivable/studio/USD": 40_000,
        "unattributed_pool/USD": -500,
        "generation_revenue/USD": -39_500,
        "service_receivable/studio/EUR": 1_000,
        "party_payable/ann/EUR": -700,
        "party_payable/bob/EUR": -300,
        "service_receivable/studio/GBP": 9,
        "held/GBP": -9,
    }


def test_paid_and_held_fees_of_one_other_currency_are_owed_together() -> None:
    entries = posted(money(0), money(0), paid("a", "EUR", ann=700), held("b", money(50, "EUR")))
    assert entries == {"service_receivable/studio/EUR": 750, "party_payable/ann/EUR": -700, "held/EUR": -50}


def test_a_service_that_owns_a_work_owes_and_is_owed() -> None:
    assert posted(money(100), money(0), paid("a", studio=25)) == {
        "service_receivable/studio/USD": 100,
        "party_payable/studio/USD": -25,
        "generation_revenue/USD": -75,
    }


def test_where_no_money_moves_there_is_no_transaction() -> None:
    assert post(money(0), money(0)) is None
    assert post(money(0), money(0), paid("a", ann=0), held("b", money(0)), use("c", Outcome.CREDITED)) is None


def test_a_price_of_zero_with_a_fee_moves_the_fee_alone() -> None:
    assert posted(money(0), money(0), paid("a", ann=3)) == {
        "party_payable/ann/USD": -3,
        "service_receivable/studio/USD": 3,
    }


def test_the_transaction_is_an_accrual_under_the_generations_key() -> None:
    transaction = post(money(100), money(30))
    assert transaction is not None
    assert (transaction.business_key, transaction.cause) == ("accrual:gen_1", "accrual")
    assert (transaction.effective_at, transaction.corrects) == (AT, None)
