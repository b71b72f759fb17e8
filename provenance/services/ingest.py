"""Register documents as works, in the order in which they come: read, prepared, encoded and recorded as a pipeline.

Small documents are recorded together, in one database transaction; where one of them can't be, each has its own. A
crash loses those at hand, and no other. What was registered before, with the same text, is left as it is, and costs
little more than reading it. A changed text is a new revision; the work keeps the title and author that it was first
registered under. Claims and a licence are taken from a file where none were stated before; later ones are stated on
purpose, by whom they concern. What was withdrawn is not registered again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing

from provenance.services.ingest_prepare import Group, prepared
from provenance.services.ingest_record import Ingested, IngestOutcome, Recorder
from provenance.services.ports import Clock, Database, Encoder, Stages
from provenance.services.stages import InTurn
from provenance.sources.document import Document, Rejection
from provenance.sources.party import Party

__all__ = ["IngestOutcome", "Ingested", "ingest"]

_IN_TURN = InTurn()


def ingest(
    documents: Iterable[Document | Rejection],
    registrant: Party,
    database: Database,
    encoder: Encoder,
    clock: Clock,
    stages: Stages = _IN_TURN,
) -> Iterator[Ingested]:
    """Register documents one after the other, yielding what became of each, in their order.

    A document that can't be registered is yielded as rejected and the rest goes on. What the machine lacks (a full
    disk, a locked database) ends the run, with nothing half-written. ``stages`` changes how long it takes, and nothing
    that is recorded but the time.

    Raises:
        Unavailable: and its kinds; run it again when the cause is mended.
    """
    with database.begin(write=True) as work:
        work.parties.add(registrant, clock())
        work.commit()
    recorder = Recorder(database, encoder, clock)
    groups = prepared(documents, registrant, database, clock)
    with closing(stages.ahead(groups, _chars)) as ready:
        # Encoding stays outside the transactions that write, so that it blocks nobody.
        encoded = (group.encoded(encoder) for group in ready)
        with closing(stages.behind(encoded, recorder.record, _chars)) as recorded:
            for done in recorded:
                yield from done.results
                if done.error is not None:
                    raise done.error


def _chars(group: Group) -> int:
    return group.chars
