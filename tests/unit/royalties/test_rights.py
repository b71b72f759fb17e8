"""Which of all the rights ever stated for a work are in force at a use."""

from datetime import date
from typing import Any

import pytest

from provenance.royalties.accrual import Rights
from provenance.royalties.rights import rights_in_force
from provenance.sources.claim import Claims
from provenance.sources.licence import Licence, NotAllowed, ShareOfRevenue

PAY, BLOCK = ShareOfRevenue(rate_basis_points=2_500), NotAllowed(reason="opted out")
JANUARY, MARCH, JUNE, DECEMBER = (date(2026, month, 1) for month in (1, 3, 6, 12))


def licence(terms: Any = PAY, start: date = JANUARY, **reach: Any) -> Licence:
    return Licence(terms=terms, valid_from=start, **reach)


def claims(start: date, **parts: int) -> Claims:
    return Claims(basis_points=parts, valid_from=start)


def chosen(*licences: Licence, on: date = JUNE, territory: str = "*", purpose: str = "*") -> int | None:
    """The place of the licence in force."""
    stated = [(str(place), value) for place, value in enumerate(licences)]
    found = rights_in_force(stated, [], on=on, territory=territory, purpose=purpose)
    return None if found.licence_id is None else int(found.licence_id)


def owners(*stated: Claims, on: date = JUNE) -> str | None:
    pairs = [(str(place), value) for place, value in enumerate(stated)]
    return rights_in_force([], pairs, on=on, territory="*", purpose="*").claims_id


def test_a_work_of_which_nothing_was_stated_has_no_rights() -> None:
    assert rights_in_force([], [], on=JUNE, territory="*", purpose="*") == Rights()


def test_values_come_with_their_ids() -> None:
    whole = claims(JANUARY, ann=10_000)
    found = rights_in_force([("l", licence())], [("c", whole)], on=JUNE, territory="*", purpose="*")
    assert found == Rights(licence=licence(), licence_id="l", claims=whole, claims_id="c")


def test_a_later_licence_takes_the_place_of_an_earlier_one_from_its_first_day() -> None:
    assert chosen(licence(), licence(BLOCK, start=JUNE), on=date(2026, 5, 31)) == 0
    assert chosen(licence(), licence(BLOCK, start=JUNE), on=JUNE) == 1


def test_a_licence_that_has_ended_does_not_bring_back_the_one_it_replaced() -> None:
    ended = licence(start=MARCH, valid_until=date(2026, 5, 31))
    assert chosen(licence(), ended, on=date(2026, 5, 31)) == 1
    assert chosen(licence(), ended, on=JUNE) is None


def test_an_opt_out_stands_until_something_else_is_stated() -> None:
    assert chosen(licence(), licence(BLOCK)) == 1
    assert chosen(licence(), licence(BLOCK), licence()) == 2


def test_reaches_are_revised_apart_and_the_one_stated_last_holds_where_both_cover() -> None:
    world, germany = licence(), licence(BLOCK, territory="DE")
    assert [chosen(world, germany, territory=t) for t in ("DE", "FR")] == [1, 0]
    assert [chosen(germany, world, territory=t) for t in ("DE", "FR")] == [1, 1]


def test_revising_one_reach_puts_it_behind_what_was_stated_before_the_revision() -> None:
    germany, world, again = licence(BLOCK, territory="DE"), licence(), licence(BLOCK, territory="DE")
    assert chosen(germany, world, again, territory="DE") == 2


@pytest.mark.parametrize("reach", [{"territory": "DE"}, {"purpose": "advertising"}])
def test_a_use_that_leaves_out_where_and_what_for_is_under_every_block_and_no_narrow_permission(
    reach: dict[str, str],
) -> None:
    assert chosen(licence(), licence(BLOCK, **reach)) == 1
    assert chosen(licence(**reach)) is None


def test_claims_that_started_last_hold_and_a_correction_of_today_spares_the_future() -> None:
    today, transfer, corrected = claims(JANUARY, a=10_000), claims(DECEMBER, b=10_000), claims(JANUARY, c=10_000)
    assert owners(today, transfer, corrected, on=JUNE) == "2"
    assert owners(today, transfer, corrected, on=DECEMBER) == "1"
    assert owners(transfer, on=JUNE) is None
