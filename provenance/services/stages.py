"""Stages of a pipeline that take turns, where nothing is gained by running them beside one another."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class InTurn:
    """Implements the port `Stages`, for a document or two and for tests."""

    def ahead(self, items: Iterable[T], size: Callable[[T], int]) -> Generator[T]:  # noqa: ARG002  nothing waits
        """The items, each made when it is asked for."""
        yield from items

    def behind(
        self,
        items: Iterable[T],
        act: Callable[[T], R],
        size: Callable[[T], int],  # noqa: ARG002  nothing waits
    ) -> Generator[R]:
        """What ``act`` answers for each item, before the next one is made."""
        for item in items:
            yield act(item)
