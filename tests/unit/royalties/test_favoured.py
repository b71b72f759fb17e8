"""Opt-outs, worker classes and most favoured versions: which licence applies to a use, and what it makes of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from provenance.attribution.shares import Attribution, GenerationShares
from provenance.kernel.money import MicroUnits, Money
from provenance.kernel.parts import WHOLE_PPB
from provenance.royalties.accrual import Outcome, Rights, WorkUse, accrue
from provenance.royalties.rights import rights_in_force
from provenance.royalties.standing import Count, NothingBefore, Standing
from provenance.sources.claim import Claims
from provenance.sources.licence import FeePerUse, Licence, NotAllowed, ShareOfRevenue
from provenance.sources.period_bounds import Tier
from provenance.sources.worker_class import WorkerClass

JAN, JUNE, JULY = date(2026, 1, 1), date(2026, 6, 1), date(2026, 7, 1)
CLAIMS = Claims(basis_points={"ann": 10_000}, valid_from=JAN)
BRAIN = WorkerClass(kind="brain", hosting="hosted")
ON_PREMISES = WorkerClass(kind="specialised", hosting="on_premises")


COUNT = Count(line="w", period_from=JUNE)


class Known(NothingBefore):
    """One standing for all."""

    def __init__(self, standing: Standing | None) -> None:
        self._standing = standing

    def standing(self, work: str, licence: Licence) -> Standing | None:
        return self._standing


def usd(micros: int) -> Money:
    return Money("USD", MicroUnits(micros))


def rate(basis_points: int, **reach: Any) -> Licence:
    return Licence(terms=ShareOfRevenue(rate_basis_points=basis_points), **({"valid_from": JAN} | reach))


def in_force(*licences: Licence, on: date = JUNE, workers: frozenset[WorkerClass] = frozenset()) -> Rights:
    named = [(f"l{n}", licence) for n, licence in enumerate(licences)]
    return rights_in_force(named, [("c", CLAIMS)], on=on, territory="DE", purpose="chat", workers=workers)


def use(rights: Rights, *, price: int = 40_000, standing: Standing | None = None) -> WorkUse:
    shares = GenerationShares(
        attributions=(Attribution(work="w", share_ppb=WHOLE_PPB // 2, confidence_ppm=900_000, matches=()),),
        unattributed_ppb=WHOLE_PPB // 2,
    )
    found = accrue(usd(price), shares, {"w": rights}, pool_basis_points=3_000, before=Known(standing))
    return found.uses[0]


@pytest.mark.parametrize(("on", "outcome", "held"), [(JUNE, Outcome.PAID, None), (JULY, Outcome.BLOCKED, 6_000)])
def test_an_opt_out_blocks_from_its_date_on(on: date, outcome: Outcome, held: int | None) -> None:
    # Half of 40,000 is the work's part; 25 % of it are paid until June, the pool's 30 % are held from July on.
    found = use(in_force(rate(2_500, opt_out_from=JULY), on=on))
    assert (found.outcome, found.royalty) == (outcome, usd(5_000) if outcome is Outcome.PAID else None)
    assert found.held == (usd(held) if held else None)


def test_an_opt_out_covers_a_use_that_says_neither_where_nor_what_for() -> None:
    narrow = rate(2_500, territory="DE", purpose="chat", opt_out_from=JULY)
    asked = {"territory": "*", "purpose": "*"}
    assert not narrow.covers(on=JUNE, **asked)
    assert narrow.covers(on=JULY, **asked)


@pytest.mark.parametrize(
    ("of", "made_by", "covered"),
    [
        (WorkerClass(), frozenset(), True),
        (WorkerClass(), frozenset({BRAIN, ON_PREMISES}), True),
        (WorkerClass(kind="brain"), frozenset({BRAIN}), True),
        (WorkerClass(kind="brain"), frozenset({BRAIN, ON_PREMISES}), False),
        (WorkerClass(kind="brain"), frozenset(), False),
        (WorkerClass(hosting="on_premises"), frozenset({ON_PREMISES}), True),
        (WorkerClass(kind="brain", hosting="on_premises"), frozenset({ON_PREMISES}), False),
    ],
)
def test_a_permission_holds_where_all_that_made_the_parts_are_of_its_class(
    of: WorkerClass, made_by: frozenset[WorkerClass], covered: bool
) -> None:
    assert bool(in_force(rate(2_500, workers=of), workers=made_by).licence) is covered


@pytest.mark.parametrize(
    ("made_by", "blocked"),
    [(frozenset({BRAIN}), False), (frozenset({BRAIN, ON_PREMISES}), True), (frozenset(), True)],
)
def test_a_block_holds_where_one_that_made_the_parts_may_be_of_its_class(
    made_by: frozenset[WorkerClass], blocked: bool
) -> None:
    block = Licence(terms=NotAllowed(reason=""), valid_from=JAN, workers=WorkerClass(hosting="on_premises"))
    found = in_force(rate(2_500), block, workers=made_by)
    assert found.licence_id == ("l1" if blocked else "l0")


def test_classes_of_workers_are_reaches_of_their_own() -> None:
    found = in_force(rate(2_500), rate(5_000, workers=WorkerClass(kind="brain")), workers=frozenset({ON_PREMISES}))
    assert found.licence_id == "l0"


def test_without_the_clause_the_last_version_holds_though_an_earlier_one_pays_more() -> None:
    assert use(in_force(rate(4_000), rate(2_500))).royalty == usd(5_000)


def test_the_most_favoured_version_is_the_one_that_pays_most() -> None:
    found = use(in_force(rate(4_000), rate(3_000), rate(2_500, most_favoured=True)))
    assert (found.licence_id, found.royalty) == ("l0", usd(8_000))  # 40 % of 20,000


def test_a_version_that_has_ended_by_the_date_of_use_favours_nobody() -> None:
    ended = rate(4_000, valid_until=date(2026, 5, 31))
    found = use(in_force(ended, rate(3_000), rate(2_500, most_favoured=True)))
    assert (found.licence_id, found.royalty) == ("l1", usd(6_000))


def test_a_version_of_another_reach_favours_nobody() -> None:
    found = use(in_force(rate(4_000, territory="DE"), rate(2_500, most_favoured=True)))
    assert (found.licence_id, found.royalty) == ("l1", usd(5_000))


def test_which_version_pays_most_depends_on_the_use() -> None:
    fee = Licence(terms=FeePerUse(fee=usd(4_000)), valid_from=JAN)
    rights = in_force(fee, rate(2_500, most_favoured=True))
    assert use(rights, price=40_000).licence_id == "l1"  # 25 % of 20,000 are 5,000
    assert use(rights, price=30_000).licence_id == "l0"  # 25 % of 15,000 are 3,750


def test_of_versions_that_pay_alike_the_newest_holds() -> None:
    assert use(in_force(rate(2_500), rate(2_500, most_favoured=True))).licence_id == "l1"


def test_a_version_in_another_currency_is_not_compared() -> None:
    fee = Licence(terms=FeePerUse(fee=Money("JPY", MicroUnits(900_000))), valid_from=JAN)
    assert use(in_force(fee, rate(2_500, most_favoured=True))).licence_id == "l1"


def test_an_opt_out_is_not_outbid_by_an_earlier_version() -> None:
    found = use(in_force(rate(4_000), rate(2_500, most_favoured=True, opt_out_from=JULY), on=JULY))
    assert (found.outcome, found.licence_id) == (Outcome.BLOCKED, "l1")


def test_versions_are_compared_at_the_tier_that_each_has_reached() -> None:
    tiered = ShareOfRevenue(rate_basis_points=4_000, tiers=(Tier(from_uses=100, rate_basis_points=1_000),))
    rights = in_force(Licence(terms=tiered, valid_from=JAN), rate(2_500, most_favoured=True))
    assert use(rights, standing=Standing(count=COUNT, uses_before=99)).royalty == usd(8_000)
    assert use(rights, standing=Standing(count=COUNT, uses_before=100)).royalty == usd(5_000)


def test_a_use_names_the_standing_that_it_was_accrued_by() -> None:
    standing = Standing(count=COUNT, uses_before=3, earned_before=9)
    tiered = ShareOfRevenue(rate_basis_points=4_000, tiers=(Tier(from_uses=100, rate_basis_points=1_000),))
    assert use(in_force(Licence(terms=tiered, valid_from=JAN)), standing=standing).standing == standing
