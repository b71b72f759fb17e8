"""Which classes of workers made the parts of a generation that each work was found in."""

from __future__ import annotations

from collections.abc import Mapping

from provenance.attribution.shares import GenerationShares
from provenance.sources.worker_class import WorkerClass, hosting_of
from provenance.workers.generation import Part
from provenance.workers.worker import Worker


def class_of(worker: Worker) -> WorkerClass:
    """The class of one worker: its kind, and where it runs by its region."""
    return WorkerClass(kind=worker.kind.value, hosting=hosting_of(worker.region))


def workers_by_work(shares: GenerationShares, parts: tuple[Part, ...]) -> Mapping[str, frozenset[WorkerClass]]:
    """The classes of the workers of the parts in which each work has a match; all of them where it names no part."""
    everyone = frozenset(class_of(part.worker) for part in parts)
    return {
        a.work: frozenset(class_of(parts[number].worker) for number, _ in a.matches) or everyone
        for a in shares.attributions
    }
