"""Which workers a licence is for: those of a kind, of a place to run, of both or of any."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

from provenance.kernel.errors import InvalidTerms

ANY_OF_THEM = "*"
KINDS = ("brain", "specialised")
HOSTINGS = ("hosted", "on_premises")
_ON_PREMISES = re.compile(r"on[-_ ]?prem", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class WorkerClass:
    """A class of workers; ``*`` stands for any. A worker's own class names both.

    Raises:
        InvalidTerms: there is no such kind, or no such place to run.
    """

    kind: str = ANY_OF_THEM
    hosting: str = ANY_OF_THEM

    def __post_init__(self) -> None:
        for value, known in ((self.kind, KINDS), (self.hosting, HOSTINGS)):
            if value != ANY_OF_THEM and value not in known:
                raise InvalidTerms(
                    f"{value[:40]!r} is no class of workers.",
                    mend=f'Write "*", or one of {", ".join(known)}.',
                    field="workers",
                )

    def holds(self, worker: WorkerClass) -> bool:
        """Whether a worker's own class lies in this one."""
        return self.kind in (ANY_OF_THEM, worker.kind) and self.hosting in (ANY_OF_THEM, worker.hosting)

    def holds_all(self, workers: Set[WorkerClass]) -> bool:
        """Whether all of some workers lie in it; where none is named, only the class of any does."""
        return self == ANY_WORKER or (bool(workers) and all(map(self.holds, workers)))

    def holds_any(self, workers: Set[WorkerClass]) -> bool:
        """Whether one of some workers may lie in it; where none is named, one may."""
        return not workers or any(map(self.holds, workers))


ANY_WORKER = WorkerClass()


def hosting_of(region: str) -> str:
    """Where a worker runs, from its region as its operator calls it: ``on-prem-lyon`` is on its own premises."""
    return "on_premises" if _ON_PREMISES.match(region) else "hosted"
