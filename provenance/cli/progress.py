"""Progress on stderr: bars with a rate and the time left, and spinners. Silent where stderr is not a terminal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from provenance.cli.render import console
from provenance.cli.visible import excerpt

NOTE_CHARS_MAX = 70

Advance = Callable[[int], None]
T = TypeVar("T")


class _Rate(ProgressColumn):
    """Items a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.1f}/s" if task.speed else "", style="progress.data.speed")


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar under way."""

    progress: Progress
    task: TaskID

    def advance(self, count: int) -> None:
        """So many more are done."""
        self.progress.advance(self.task, count)

    def note(self, words: str) -> None:
        """Set the words beside the bar."""
        self.progress.update(self.task, note=excerpt(words, NOTE_CHARS_MAX))

    def a_second(self, count: int) -> float:
        """So many of something since the bar was shown, by the second."""
        return count / max(self.progress.tasks[self.task].elapsed or 0.0, 1e-3)


class BytesRead:
    """Bytes of files that are read ahead: a bar shall show what is done, and not what is read.

    One thread adds and counts, and another takes; items come out in their order.
    """

    def __init__(self) -> None:
        self._since = 0
        self._before: deque[int] = deque()

    def add(self, count: int) -> None:
        """So many more were read."""
        self._since += count

    def counted(self, items: Iterable[T]) -> Iterator[T]:
        """The items, each of which stands for the bytes that were read before it since the last."""
        for item in items:
            self._before.append(self._since)
            self._since = 0
            yield item

    def take(self) -> int:
        """The bytes that the next item, which is done, stands for."""
        return self._before.popleft()


@contextmanager
def bytes_bar(label: str, total: int) -> Iterator[Bar]:
    """A bar over the bytes of files."""
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(), _note_column())
    with _bar(label, total, columns) as bar:
        yield bar


@contextmanager
def count_bar(label: str, total: int | None) -> Iterator[Bar]:
    """A bar over items; without a total it only counts."""
    columns = (BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(), _note_column())
    with _bar(label, total, columns) as bar:
        yield bar


@contextmanager
def spinner(label: str) -> Iterator[None]:
    """A sign of life for work whose length nobody knows."""
    with _bar(label, None, (SpinnerColumn(), TimeElapsedColumn())):
        yield


def _note_column() -> ProgressColumn:
    return TextColumn("{task.fields[note]}", markup=False)


@contextmanager
def _bar(label: str, total: int | None, columns: tuple[ProgressColumn, ...]) -> Iterator[Bar]:
    err = console(stderr=True)
    described = TextColumn("{task.description}", markup=False)
    with Progress(described, *columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        yield Bar(progress, progress.add_task(label, total=total, note=""))
