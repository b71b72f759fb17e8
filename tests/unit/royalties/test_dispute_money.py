"""What disputes hold and where it goes, to the micro-unit; on any path, held + released + returned = accrued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.errors import ProvenanceError
from provenance.kernel.money import MicroUnits, Money
from provenance.ledger.balance import balances
from provenance.ledger.transaction import Transaction
from provenance.royalties.accrual import Outcome, WorkUse, split_royalty
from provenance.royalties.dispute import Action, Dispute, Stage, Step, lapse, position, take
from provenance.royalties.dispute_money import DisputeHold, claims_after, hold_of, settle
from provenance.sources.claim import Claims

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CLAIMS = Claims(basis_points={"ann": 7_500, "cy": 2_500}, valid_from=date(2026, 1, 1))


def usd(micros: int) -> Money:
    return Money("USD", MicroUnits(micros))


def use(micros: int, *, claims: Claims = CLAIMS, claims_id: str = "c") -> WorkUse:
    return WorkUse(
        work="w",
        share_ppb=1,
        outcome=Outcome.PAID,
        licence_id="l",
        claims_id=claims_id,
        price_part=usd(micros),
        royalty=usd(micros),
        held=None,
        accruals=split_royalty("w", usd(micros), claims),
    )


def dispute(**stated: Any) -> Dispute:
    plain: dict[str, Any] = {
        "disputant": "bob",
        "work": "w",
        "claims": "c",
        "parts": {"ann": 4_000},
        "reason": "Mine.",
        "raised_at": START,
        "held_from": START,
        "in_favour_of": "bob",
    }
    return Dispute(**(plain | stated))


def held(
    subject: Dispute, micros: int, before: dict[str, int] | None = None, **of: Any
) -> tuple[DisputeHold, Transaction]:
    found = hold_of(subject, "g", use(micros, **of), posted="txn_1", effective_at=START, held_before=before or {})
    assert found is not None
    return found


def moved(*transactions: Transaction) -> dict[str, int]:
    entries = [entry for transaction in transactions for entry in transaction.entries]
    return {account.id: micros for account, micros in balances(entries).items() if micros}


def test_only_the_disputed_part_of_the_disputed_claim_is_held() -> None:
    # Ann accrues 75 % of 100,000; 4,000 of her 7,500 basis points are disputed: 40,000 of 75,000.
    hold, transaction = held(dispute(), 100_000)
    assert [(p.party, p.money) for p in hold.parts] == [("ann", usd(40_000))]
    assert moved(transaction) == {"party_payable/ann/USD": 40_000, "held/USD": -40_000}
    assert (transaction.corrects, hold.transaction) == ("txn_1", transaction.id)


@pytest.mark.parametrize(
    ("returned", "to_ann", "to_bob"),
    [
        (0, 40_000, 0),  # lost: all is released
        (10_000, 0, 40_000),  # won: all is returned
        (2_500, 30_000, 10_000),  # split: a quarter is returned
    ],
)
def test_a_dispute_that_is_lost_won_or_split(returned: int, to_ann: int, to_bob: int) -> None:
    hold, first = held(dispute(), 100_000)
    settlement, second = settle(dispute(), hold, returned, at=START + DAY)
    assert [(p.party, p.released, p.returned) for p in settlement.parts] == [("ann", usd(to_ann), usd(to_bob))]
    expected = {"party_payable/ann/USD": 40_000 - to_ann, "party_payable/bob/USD": -to_bob}
    assert moved(first, second) == {account: micros for account, micros in expected.items() if micros}
    assert second.corrects == first.id


def test_what_is_returned_to_nobody_falls_to_the_pool() -> None:
    # The service says that the work wasn't used at all: both parts are disputed.
    nobody = dispute(disputant="studio", generation="g", parts={"ann": 7_500, "cy": 2_500}, in_favour_of=None)
    hold, first = held(nobody, 100_001)
    _, second = settle(nobody, hold, 10_000, at=START)
    assert moved(first, second) == {
        "party_payable/ann/USD": 75_001,  # 75,000.75, and the leftover unit
        "party_payable/cy/USD": 25_000,
        "unattributed_pool/USD": -100_001,
    }


def test_a_part_that_does_not_divide_is_split_to_the_micro_unit() -> None:
    # 7 of ann's 10; half of 4,000 / 7,500 of it: 3.73 is held as 4, and of that 2 are returned.
    one = Claims(basis_points={"ann": 7_500, "cy": 2_500}, valid_from=date(2026, 1, 1))
    hold, _ = held(dispute(), 9, claims=one)  # ann has 7: 6.75
    assert hold.parts[0].money == usd(4)
    settlement, _ = settle(dispute(), hold, 3_333, at=START)  # 1.33
    assert (settlement.parts[0].released, settlement.parts[0].returned) == (usd(3), usd(1))


def test_what_another_dispute_holds_is_not_held_twice() -> None:
    whole = dispute(generation="g", parts={"ann": 7_500, "cy": 2_500}, in_favour_of=None)
    hold, _ = held(whole, 100_000, before={"ann": 40_000})
    assert [(p.party, p.money) for p in hold.parts] == [("ann", usd(35_000)), ("cy", usd(25_000))]


@pytest.mark.parametrize(
    "nothing",
    [{"claims_id": "of another day"}, {"claims": Claims(basis_points={"dee": 10_000}, valid_from=date(2026, 1, 1))}],
    ids=str,
)
def test_a_use_that_the_dispute_is_not_about_is_left_alone(nothing: dict[str, Any]) -> None:
    assert hold_of(dispute(), "g", use(100, **nothing), posted=None, effective_at=START, held_before={}) is None


def test_a_use_that_earned_nothing_holds_nothing() -> None:
    assert hold_of(dispute(), "g", use(0), posted=None, effective_at=START, held_before={}) is None


@pytest.mark.parametrize(("first_day", "effective"), [(START - 3 * DAY, START), (START + DAY, START + DAY)])
def test_a_hold_takes_effect_with_the_accrual_or_when_the_dispute_does(
    first_day: datetime, effective: datetime
) -> None:
    late = dispute(raised_at=START + DAY, held_from=first_day)
    assert held(late, 100)[1].effective_at == effective


@pytest.mark.parametrize(
    ("returned", "after"),
    [
        (10_000, {"ann": 3_500, "cy": 2_500, "bob": 4_000}),
        (2_500, {"ann": 6_500, "cy": 2_500, "bob": 1_000}),
        (0, None),
    ],
)
def test_claims_follow_from_a_dispute_about_claims(returned: int, after: dict[str, int] | None) -> None:
    found = claims_after(CLAIMS, dispute(), returned, at=START)
    assert (found.basis_points if found else None) == after


def test_a_claim_that_is_lost_altogether_is_left_out() -> None:
    found = claims_after(CLAIMS, dispute(parts={"cy": 2_500}), 10_000, at=START)
    assert found is not None
    assert found.basis_points == {"ann": 7_500, "bob": 2_500}


def test_claims_do_not_follow_from_a_dispute_about_a_use() -> None:
    assert claims_after(CLAIMS, dispute(generation="g"), 10_000, at=START) is None


_moves = st.lists(
    st.tuples(
        st.sampled_from([a for a in Action if a is not Action.LAPSE]),
        st.sampled_from(["ann", "cy", "bob", "judge"]),
        st.integers(0, 9),
        st.integers(0, 10_000),
    ),
    max_size=12,
)
_parts = st.dictionaries(st.sampled_from(["ann", "cy"]), st.integers(1, 7_500), min_size=1)
_royalties = st.lists(st.integers(0, 20) | st.integers(0, 10**12), min_size=1, max_size=6)


@given(_moves, _parts, _royalties)
def test_on_any_path_held_released_and_returned_are_what_was_accrued(
    moves: Sequence[tuple[Action, str, int, int]], parts: dict[str, int], royalties: Sequence[int]
) -> None:
    subject = dispute(parts={p: min(bp, CLAIMS.basis_points[p]) for p, bp in parts.items()})
    holds: list[DisputeHold] = []
    posted: list[Transaction] = []
    steps: list[Step] = []
    now, left = START, list(royalties)
    for action, by, days, part in moves:
        now += days * DAY
        if left and position(subject, steps).stage is not Stage.CLOSED:  # uses go on while it is disputed
            found = hold_of(subject, f"g{len(left)}", use(left.pop()), posted=None, effective_at=now, held_before={})
            if found:
                holds.append(found[0])
                posted.append(found[1])
        try:
            if late := lapse(subject, steps, now=now):
                steps.append(late)
            returned = part if action is Action.DECIDE else None
            steps.append(take(subject, steps, action, by=by, at=now, reason="So.", returned_basis_points=returned))
        except ProvenanceError:
            continue
    end = position(subject, steps)
    accrued: Counter[str] = Counter()
    for hold in holds:
        accrued.update({p.party: p.money.micros for p in hold.parts})
    if end.returned_basis_points is None:
        assert moved(*posted).get("held/USD", 0) == -sum(accrued.values())
        return
    settled: Counter[str] = Counter()
    for hold in holds:
        settlement, transaction = settle(subject, hold, end.returned_basis_points, at=now)
        posted.append(transaction)
        settled.update({p.party: p.released.micros + p.returned.micros for p in settlement.parts})
    assert settled == accrued
    after = moved(*posted)
    assert "held/USD" not in after, "nothing stays held when a dispute is over"
    assert sum(after.values()) == 0
    if end.returned_basis_points == 0:
        assert not after, "all is back where it was"
