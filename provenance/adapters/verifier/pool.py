"""Batches of facts on all cores, a bounded number of them at a time."""

from __future__ import annotations

import multiprocessing
from collections import deque
from typing import Any

from .archive import Report
from .facts import Batch, Problems, check_batch

BATCHES_A_CORE = 4


class Pool:
    """Batches on all cores, a bounded number of them at a time; on one core without any process more."""

    def __init__(self, cores: int) -> None:
        self.cores, self._running = cores, deque[Any]()
        self._pool = multiprocessing.get_context("spawn").Pool(cores) if cores > 1 else None

    def __enter__(self) -> Pool:  # noqa: PYI034  3.10 has no Self
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool.join()

    def run(self, batch: Batch, report: Report) -> None:
        """Check a batch, now or later."""
        if self._pool is None:
            _add(check_batch(batch), report)
            return
        self._running.append(self._pool.apply_async(check_batch, (batch,)))
        self.wait(report, left=BATCHES_A_CORE * self.cores)

    def wait(self, report: Report, *, left: int = 0) -> None:
        """Until so many batches are left."""
        while len(self._running) > left:
            _add(self._running.popleft().get(), report)


def _add(found: Problems, report: Report) -> None:
    for check, (count, problems) in found.items():
        report.note(check, count=count)
        for problem in problems:
            report.note(check, problem, count=0)
