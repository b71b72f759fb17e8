"""What the demo shows of the records: six outputs, three creators."""

from __future__ import annotations

from collections.abc import Sequence

from demo.library import SampleOutput
from provenance.bootstrap import System
from provenance.cli import earnings
from provenance.cli.session import period
from provenance.royalties.accrual import Outcome
from provenance.services.records import GenerationRecord, Recorded
from provenance.services.report import CreatorReport

Sample = tuple[SampleOutput, Recorded[GenerationRecord]]

CREATORS_SHOWN = 3


def selected(samples: Sequence[Sample]) -> list[Sample]:
    """The first output of each kind, of a mixture one by two workers, and one that uses a work it may not use."""
    allowed = [s for s in samples if not _blocked(s)]
    found = []
    for kind in sorted({output.kind for output, _ in allowed}):
        alike = [s for s in allowed if s[0].kind == kind]
        found.append(next((s for s in alike if _workers(s) > 1), alike[0]))
    return found + [s for s in samples if _blocked(s)][:1]


def top_creators(system: System, records: Sequence[Recorded[GenerationRecord]]) -> list[CreatorReport]:
    """Reports of those who earned in most generations, most first; between equals by id."""
    uses: dict[str, int] = {}
    for record in records:
        for party in {a.party for use in record.fact.accrual.uses for a in use.accruals}:
            uses[party] = uses.get(party, 0) + 1
    whole = period(system, "", "")
    top = sorted(uses, key=lambda party: (-uses[party], party))[:CREATORS_SHOWN]
    return [earnings.load(system.database, party, whole, uses_max=1) for party in top]


def _workers(sample: Sample) -> int:
    return len({part.worker.id for part in sample[0].generation.parts})


def _blocked(sample: Sample) -> bool:
    return any(use.outcome is Outcome.BLOCKED for use in sample[1].fact.accrual.uses)
