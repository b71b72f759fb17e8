"""Recoupment of advances over periods and works, to the micro-unit; and for any earnings, nothing is lost."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.money import MicroUnits
from provenance.royalties.recoupment import OpenAdvance, Recouped, recoup

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)


def advance(name: str, micros: int, *, work: str | None = None, paid_on: date = JAN, rate: int = 10_000) -> OpenAdvance:
    return OpenAdvance(id=name, paid_on=paid_on, outstanding=MicroUnits(micros), work=work, basis_points=rate)


def test_an_advance_of_a_work_is_recouped_over_several_periods() -> None:
    january = recoup({"w1": 400_000}, [advance("a", 1_000_000, work="w1")])
    assert (january.payable, january.left) == ({"w1": 0}, {"a": 600_000})
    february = recoup({"w1": 450_000}, [advance("a", january.left["a"], work="w1")])
    assert (february.payable, february.left) == ({"w1": 0}, {"a": 150_000})
    march = recoup({"w1": 500_000}, [advance("a", february.left["a"], work="w1")])
    assert (march.payable, march.left) == ({"w1": 350_000}, {"a": 0})


def test_an_advance_of_a_work_takes_nothing_from_other_works() -> None:
    found = recoup({"w1": 100, "w2": 900}, [advance("a", 1_000, work="w1")])
    assert found.payable == {"w1": 0, "w2": 900}
    assert found.left == {"a": 900}


def test_an_advance_across_works_takes_from_each_in_proportion() -> None:
    found = recoup({"w1": 300_000, "w2": 100_000}, [advance("a", 200_000)])
    assert found.recouped == (
        Recouped(advance="a", work="w1", micros=MicroUnits(150_000)),
        Recouped(advance="a", work="w2", micros=MicroUnits(50_000)),
    )
    assert found.payable == {"w1": 150_000, "w2": 50_000}


def test_an_advance_of_a_work_comes_before_one_across_works() -> None:
    found = recoup({"w1": 500, "w2": 300}, [advance("across", 1_000), advance("own", 400, work="w1", paid_on=FEB)])
    assert found.left == {"own": 0, "across": 600}
    assert found.payable == {"w1": 0, "w2": 0}


def test_the_older_of_two_advances_is_recouped_first() -> None:
    found = recoup({"w1": 500}, [advance("b", 400, paid_on=JAN), advance("a", 400, paid_on=FEB)])
    assert found.left == {"b": 0, "a": 300}


def test_a_part_of_the_earnings_may_be_paid_while_an_advance_is_open() -> None:
    # Half of 101 is 50.5: the advance gets 50, the party 51.
    found = recoup({"w1": 101}, [advance("a", 1_000, rate=5_000)])
    assert (found.payable, found.left) == ({"w1": 51}, {"a": 950})


def test_a_work_with_negative_earnings_recoups_nothing_and_is_not_set_off() -> None:
    found = recoup({"w1": -70, "w2": 100}, [advance("a", 1_000)])
    assert (found.payable, found.left) == ({"w1": -70, "w2": 0}, {"a": 900})


@given(
    earned=st.dictionaries(st.sampled_from("uvwxyz"), st.integers(-(10**9), 10**12), max_size=6),
    advances=st.lists(
        st.tuples(st.integers(0, 10**12), st.sampled_from([None, *"uvwxyz"]), st.integers(1, 10_000)), max_size=5
    ),
)
def test_earnings_are_recouped_or_payable_and_nothing_else(
    earned: dict[str, int], advances: list[tuple[int, str | None, int]]
) -> None:
    opened = [advance(f"a{n}", micros, work=work, rate=rate) for n, (micros, work, rate) in enumerate(advances)]
    found = recoup(earned, opened)
    for work, micros in earned.items():
        taken = sum(line.micros for line in found.recouped if line.work == work)
        assert taken + found.payable[work] == micros
        assert found.payable[work] >= min(micros, 0)
    for one in opened:
        taken = sum(line.micros for line in found.recouped if line.advance == one.id)
        assert taken + found.left[one.id] == one.outstanding
    assert recoup(earned, opened[::-1]) == found, "the order in which advances are named is nothing"
