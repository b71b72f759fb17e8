"""Ingestion on a real database: in turn or on threads, alone or in groups, the same facts in the same order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.works import SqlWorks
from provenance.adapters.threads import Threads
from provenance.fingerprints.segment import SEGMENTING
from provenance.fingerprints.vector import EncoderIdentity, Vectors, unit
from provenance.kernel.errors import Conflict, InvalidClaims, InvalidText, NotFound, StorageFull
from provenance.kernel.span import Span
from provenance.services import ingest_prepare
from provenance.services.ingest import Ingested, ingest
from provenance.services.ports import Stages
from provenance.services.stages import InTurn
from provenance.sources.document import Document, Rejection
from provenance.sources.licence import NotAllowed
from provenance.sources.party import Party

PRESS = Party(id="press", name="Press")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class CountingEncoder:
    """Vectors that follow from where the segments stand; it remembers what it encoded."""

    identity = EncoderIdentity(
        model="counting",
        weights_sha256="0" * 64,
        tokenizer_sha256="0" * 64,
        precision="none",
        pooling="none",
        segmenting=SEGMENTING,
        dimensions=4,
    )

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, text: str, spans: Sequence[Span]) -> Vectors:
        self.texts.append(text)
        rows = np.array([[s.start + 1, s.end, len(text), 1] for s in spans], np.float32)
        return unit(rows).astype(np.float16).astype(np.float32)


def document(name: str, text: str, **fields: Any) -> Document:
    return Document(origin=f"{name}.txt", source_id=name, title=name.title(), author="", text=text, **fields)


def text_of(number: int) -> str:
    return f"Number {number} of the ferry's goats had no ticket. Nobody minded {number * 7} of them aboard."


def mixed() -> list[Document | Rejection]:
    """New, the same again, changed and changed back, copies, and much that is refused."""
    plain: list[Document | Rejection] = [document(f"work-{n}", text_of(n)) for n in range(6)]
    return [
        *plain[:3],
        Rejection(origin="lost.txt", error=NotFound("Lost.")),
        document("empty", "  \n "),
        document("work-0", text_of(100)),
        document("work-0", text_of(0)),
        document("copy", text_of(1)),
        document("owned", text_of(50), claims={"ann": 6_000, "bob": 4_000}, party_names={"ann": "Ann"}),
        document("badly-owned", text_of(51), claims={"ann": 6_000}),
        document("hidden", text_of(52), terms=NotAllowed(reason="")),
        *plain[3:],
        document("owned", text_of(50), claims={"ann": 10_000}),
        document("work-1", text_of(1), claims={"cid": 10_000}, party_names={"cid": "a\u202eb"}),
        document("long", "".join(text_of(n) + "\n\n" for n in range(300))),
        document("work-2", text_of(2)),
    ]


def run(
    database: SqlDatabase, documents: Sequence[Document | Rejection], stages: Stages, encoder: CountingEncoder
) -> list[tuple[Any, ...]]:
    done = ingest(documents, PRESS, database, encoder, lambda: NOON, stages)
    return [(d.origin, d.outcome.value, d.work, d.segments, d.chars, str(d.error or "")) for d in done]


def recorded(database: SqlDatabase) -> tuple[Any, ...]:
    with database.begin() as work:
        indexed = [
            (i.work, i.revision, i.text, i.vectors.tobytes()) for i in work.works.indexed(CountingEncoder.identity.name)
        ]
        return [*work.log.leaves()], indexed


@pytest.fixture(params=["in turn", "threads"])
def stages(request: pytest.FixtureRequest) -> Stages:
    return InTurn() if request.param == "in turn" else Threads()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on every document has a transaction of its own, as it had before there were groups."""
    return lambda: monkeypatch.setattr(ingest_prepare, "GROUP_DOCUMENTS_MAX", 1)


@pytest.mark.parametrize("documents", [mixed(), mixed()[::-1]], ids=["in order", "reversed"])
def test_groups_record_what_single_documents_do(
    database: SqlDatabase,
    tmp_path: Any,
    open_database: Any,
    stages: Stages,
    alone: Callable[[], None],
    documents: list[Document | Rejection],
) -> None:
    found, facts = run(database, documents, stages, CountingEncoder()), recorded(database)
    alone()
    single = open_database(f"sqlite:///{tmp_path}/single.db")
    single.migrate()
    assert run(single, documents, InTurn(), CountingEncoder()) == found
    assert recorded(single) == facts
    assert [name for name, *_ in found] == [d.origin for d in documents]


def test_each_outcome_and_each_refusal_is_told(database: SqlDatabase, stages: Stages) -> None:
    done = [*ingest(mixed(), PRESS, database, CountingEncoder(), lambda: NOON, stages)]
    outcomes = " ".join(d.outcome.value for d in done)
    assert outcomes == (
        "new new new rejected rejected revised revised rejected new rejected new new new new unchanged rejected"
        " new unchanged"
    )
    refused = [type(d.error) for d in done if d.error]
    assert refused[:4] == [NotFound, InvalidText, Conflict, InvalidClaims]


def test_what_is_registered_is_neither_encoded_nor_written_again(database: SqlDatabase, stages: Stages) -> None:
    documents = [
        document(f"work-{n}", text_of(n), claims={"ann": 10_000}, terms=NotAllowed(reason="")) for n in range(5)
    ]
    encoder = CountingEncoder()
    run(database, documents, stages, encoder)
    before, writes = recorded(database), 0

    class Counted:
        def begin(self, *, write: bool = False) -> Any:
            nonlocal writes
            writes += write
            return database.begin(write=write)

    again = [*ingest(documents, PRESS, Counted(), encoder, lambda: NOON, stages)]
    assert {d.outcome.value for d in again} == {"unchanged"}
    assert (len(encoder.texts), writes, recorded(database)) == (5, 1, before)  # the party is asked for once a run


def test_a_copy_of_a_registered_text_is_refused_before_it_is_encoded(database: SqlDatabase, stages: Stages) -> None:
    encoder = CountingEncoder()
    run(database, [document("first", text_of(1))], stages, encoder)
    [told] = run(database, [document("second", text_of(1))], stages, encoder)
    assert (told[1], len(encoder.texts)) == ("rejected", 1)


def test_a_full_disk_ends_the_run_after_what_came_before(
    database: SqlDatabase, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_revision = SqlWorks.add_revision

    def full(self: SqlWorks, revision: Any, text: str, *rest: Any) -> None:
        if text == text_of(3):
            raise StorageFull("The disk is full; nothing was recorded.")
        add_revision(self, revision, text, *rest)

    documents = [document(f"work-{n}", text_of(n)) for n in range(6)]
    done: list[Ingested] = []
    with monkeypatch.context() as patch:
        patch.setattr(SqlWorks, "add_revision", full)
        with pytest.raises(StorageFull):
            done.extend(ingest(documents, PRESS, database, CountingEncoder(), lambda: NOON, stages))
    with database.begin() as work:
        assert [r.fact.source_id for r in work.works.page(limit=9).items] == ["work-0", "work-1", "work-2"]
    assert [t[1] for t in run(database, documents, stages, CountingEncoder())] == ["unchanged"] * 3 + ["new"] * 3


def test_a_run_that_is_given_up_ends_its_threads_and_keeps_whole_works(database: SqlDatabase) -> None:
    documents = (document(f"work-{n}", text_of(n)) for n in range(100_000))
    running = ingest(documents, PRESS, database, CountingEncoder(), lambda: NOON, Threads())
    assert next(iter(running)).outcome.value == "new"
    assert isinstance(running, Iterator)
    running.close()  # type: ignore[attr-defined]  # it is a generator
    assert not [t for t in threading.enumerate() if t.name.startswith(("ahead", "behind"))]
    with database.begin() as work:
        found = [*work.works.indexed(CountingEncoder.identity.name)]
        assert [i.work for i in found] == [r.fact.id for r in work.works.page(limit=1_000).items]
    assert {len(i.vectors) for i in found} == {2}


def test_few_texts_are_in_memory_however_many_there_are(database: SqlDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provenance.adapters.threads.AHEAD_SIZE_MAX", 20_000)
    large = text_of(1) * 200
    read: list[int] = []

    def documents() -> Iterator[Document]:
        for n in range(40):
            read.append(n)
            yield document(f"work-{n}", f"{n} {large}")

    for done, _ in enumerate(ingest(documents(), PRESS, database, CountingEncoder(), lambda: NOON, Threads())):
        # One is recorded, one encoded, two wait, one is being made, and one has closed a group.
        assert len(read) <= done + 6
