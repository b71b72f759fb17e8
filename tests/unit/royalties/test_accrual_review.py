"""Uses under a licence that states a risk: paid from its threshold on, held for review below it."""

from __future__ import annotations

from datetime import date

import pytest

from provenance.attribution.shares import Attribution, GenerationShares
from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.accrual import OUT_OF_REACH_PPM, Outcome, Rights, Thresholds, WorkUse, accrue
from provenance.services.facts import use_form
from provenance.sources.claim import Claims
from provenance.sources.licence import FeePerUse, FreeWithCredit, Licence, ShareOfRevenue, Terms

DAY = date(2026, 1, 1)
HALF = ShareOfRevenue(rate_basis_points=5_000)
FEE = FeePerUse(fee=Money("EUR", MicroUnits(7_000)))
ALL = Claims(basis_points={"ann": 10_000}, valid_from=DAY)


def use_of(
    confidence_ppm: int,
    *,
    risk: int | None = 100,
    terms: Terms = HALF,
    claims: Claims | None = ALL,
    thresholds: Thresholds = {100: 970_000}.get,
) -> WorkUse:
    """The use of a work that has 60 % of a price of 0.04 dollars."""
    attribution = Attribution(work="w", share_ppb=600_000_000, confidence_ppm=confidence_ppm, matches=())
    rights = Rights(
        licence=Licence(terms=terms, valid_from=DAY, risk_basis_points_max=risk), licence_id="lic", claims=claims
    )
    found = accrue(
        Money("USD", MicroUnits(40_000)),
        GenerationShares(attributions=(attribution,), unattributed_ppb=400_000_000),
        {"w": rights},
        pool_basis_points=3_000,
        thresholds=thresholds,
    )
    return found.uses[0]


def test_at_the_threshold_it_is_paid_and_names_the_threshold() -> None:
    use = use_of(970_000)
    assert (use.outcome, use.held, use.threshold_ppm) == (Outcome.PAID, None, 970_000)
    assert [(a.party, a.money.micros) for a in use.accruals] == [("ann", 12_000)]


@pytest.mark.parametrize(
    ("terms", "held"), [(HALF, Money("USD", MicroUnits(12_000))), (FEE, FEE.fee)], ids=["share", "fee"]
)
def test_below_the_threshold_the_royalty_is_held_and_the_share_stays(terms: Terms, held: Money) -> None:
    use = use_of(969_999, terms=terms)
    assert (use.outcome, use.royalty, use.held, use.accruals) == (Outcome.REVIEW, None, held, ())
    assert (use.share_ppb, use.price_part.micros, use.threshold_ppm) == (600_000_000, 24_000, 970_000)


def test_a_risk_that_nothing_can_promise_is_out_of_the_reach_of_certainty() -> None:
    use = use_of(1_000_000, risk=99)
    assert (use.outcome, use.threshold_ppm) == (Outcome.REVIEW, OUT_OF_REACH_PPM)


def test_a_licence_without_a_risk_asks_for_nothing() -> None:
    use = use_of(1, risk=None)
    assert (use.outcome, use.threshold_ppm) == (Outcome.PAID, None)


def test_what_nobody_has_claimed_waits_for_claims_and_not_for_a_review() -> None:
    assert use_of(1, claims=None).outcome is Outcome.UNCLAIMED


def test_a_free_use_is_credited_however_unsure() -> None:
    assert use_of(1, terms=FreeWithCredit(credit="Ann"), risk=None).outcome is Outcome.CREDITED


def test_a_form_names_the_threshold_only_where_a_risk_was_stated() -> None:
    assert use_form(use_of(1))["threshold_ppm"] == 970_000
    assert "threshold_ppm" not in use_form(use_of(1, risk=None)), "it keeps the leaf that it would have had"
