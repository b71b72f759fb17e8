"""Bugs that are planted in the saga, one at a time: what others did who paid twice, or lost it on the way.

Each is a patch for as long as its context lasts. `ALL` are those that a simulation has to find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

Plant = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """A bug by its name, and how it is planted."""

    name: str
    plant: Plant


def swap(target: Any, name: str, new: Any) -> Plant:
    """Another function, or value, in place of one."""
    return lambda: patch.object(target, name, new)


def around(target: Any, name: str, make: Callable[[Any], Any]) -> Plant:
    """What ``make`` makes of a function, in its place."""
    return lambda: patch.object(target, name, make(getattr(target, name)))


def both(*plants: Plant) -> Plant:
    """Several patches at once."""

    @contextmanager
    def planted() -> Iterator[None]:
        with ExitStack() as stack:
            for plant in plants:
                stack.enter_context(plant())
            yield

    return planted


def all_bugs() -> tuple[Bug, ...]:
    """Every bug there is, in the order of how a payout goes."""
    from benchmarks.payouts_simulation.planted_asking import BUGS as ASKING
    from benchmarks.payouts_simulation.planted_books import BUGS as BOOKS
    from benchmarks.payouts_simulation.planted_steps import BUGS as STEPS

    found = (*ASKING, *STEPS, *BOOKS)
    assert len({bug.name for bug in found}) == len(found), "bugs have names of their own"
    return found
