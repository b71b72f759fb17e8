"""An output that is sent in days after it was made pays the works that were there then, and no other."""

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.zip_archive import ZipReader
from provenance.bootstrap import System
from provenance.cli import exports
from provenance.cli.session import period
from provenance.kernel.errors import InvalidInput
from provenance.kernel.money import MicroUnits, Money
from provenance.services.check_export import check_export
from provenance.services.generations import submit
from provenance.services.ingest import ingest
from provenance.services.ports import Encoder
from provenance.services.register import register_party
from provenance.settings import Settings
from provenance.sources.document import Document
from provenance.sources.licence import PublicDomain, ShareOfRevenue, Terms
from provenance.sources.party import Party
from provenance.workers.generation import Generation, Part
from provenance.workers.worker import Worker, WorkerKind

from .conftest import LIBRARY
from .test_forged_facts import Forgery

LINES = [json.loads(line) for line in (LIBRARY / "works.jsonl").read_text("utf-8").splitlines()]
FIRST, SECOND = str(LINES[0]["text"]), str(LINES[1]["text"])
CHANGED = {"kitchen": "parlour", "nobody": "no one", "another": "a second", "grandmother": "gran", "books": "volumes"}
CHANGED |= {"ledger": "journal", "morning": "day", "weight": "load", "measured": "taken", "handwriting": "script"}
WORKER = Worker(id="w", kind=WorkerKind.SPECIALISED, model="m", model_version="1", region="on-prem-lyon")
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
HALF = ShareOfRevenue(rate_basis_points=5_000)
MADE = "outputs derive from nothing that was registered after they were made"
Uses = list[tuple[str, str, dict[str, int]]]


def _document(party: str, text: str, *, name: str = "work", terms: Terms = HALF, claimed: bool = True) -> Document:
    claims = {party: 10_000} if claimed else {}
    return Document(origin="a test", source_id=name, title="", author="", text=text, claims=claims, terms=terms)


class Days:
    """A clock that the story sets."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def system(encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: Days) -> Iterator[System]:
    monkeypatch.setattr(System, "encoder", encoder)
    made = System(Settings(home=tmp_path / "home"), clock=days)
    made.database.migrate()
    register_party(made.database, Party(id="studio", name="Studio"), at=made.clock())
    others = [_document("others", str(line["text"]), name=f"other-{n}") for n, line in enumerate(LINES[2:12])]
    party = Party(id="others", name="Others")
    assert all(d.error is None for d in ingest(others, party, made.database, made.encoder, made.clock))
    yield made
    made.close()


@pytest.fixture
def register(system: System) -> Callable[..., None]:
    def register(party: str, text: str, **more: Any) -> None:
        document = _document(party, text, **more)
        [done] = ingest([document], Party(id=party, name=party), system.database, system.encoder, system.clock)
        assert done.error is None
        system.publish()

    return register


@pytest.fixture
def used(system: System) -> Callable[..., Uses]:
    """Send an output in for a dollar: who registered each work found, its outcome, and who earned what."""
    count = iter(range(100))

    def use(text: str, **told: Any) -> Uses:
        generation = Generation(
            service="studio",
            external_id=f"g-{next(count)}",
            price=Money("USD", MicroUnits(1_000_000)),
            parts=(Part(worker=WORKER, text=text),),
            **told,
        )
        done = submit(generation, system.database, system.attributor, system.clock, pool_basis_points=3_000)
        uses = done.recorded.fact.accrual.uses
        with system.database.begin() as work:
            works = work.works.many({u.work for u in uses})
        return [
            (works[u.work].registrant, u.outcome.value, {a.party: a.money.micros for a in u.accruals}) for u in uses
        ]

    return use


def paid(party: str) -> Uses:
    return [(party, "paid", {party: 500_000})]


def test_an_offline_worker_pays_nobody_who_registered_in_between(
    register: Callable[..., None], used: Callable[..., Uses], days: Days
) -> None:
    register("early", SECOND)
    days.now += timedelta(days=1)
    made_at = days.now
    days.now += timedelta(days=3)
    register("late", FIRST)
    assert used(FIRST) == paid("late"), "made now, it is a use"
    assert used(FIRST, made_at=made_at) == []
    assert used(SECOND, made_at=made_at) == paid("early")
    assert used(FIRST, made_at=days.now) == paid("late")


def test_late_copies_of_an_output_do_not_starve_its_source(
    register: Callable[..., None], used: Callable[..., Uses], days: Days
) -> None:
    changed = FIRST
    for word, other in CHANGED.items():
        changed = changed.replace(word, other)
    register("early", FIRST)
    made_at = days.now
    days.now += timedelta(days=2)
    for number in range(20):
        register("late", f"{changed}\n\nCopy number {number}.", name=f"copy-{number}")
    assert [party for party, _, _ in used(changed)] != ["early"], "the copies are nearer"
    assert used(changed, made_at=made_at) == paid("early")


def test_a_revision_since_takes_nothing_from_what_stood_before(
    register: Callable[..., None], used: Callable[..., Uses], days: Days
) -> None:
    register("early", FIRST)
    made_at = days.now
    days.now += timedelta(days=2)
    register("early", f"{FIRST}\n\n{SECOND}")
    assert used(FIRST, made_at=made_at) == paid("early")
    assert used(SECOND, made_at=made_at) == []
    assert used(SECOND) == paid("early")


def test_a_time_in_the_future_or_long_ago_is_refused_and_a_repetition_never_is(
    system: System, register: Callable[..., None], used: Callable[..., Uses], days: Days
) -> None:
    register("early", FIRST)
    for made_at in (days.now + timedelta(minutes=6), days.now - timedelta(days=93)):
        with pytest.raises(InvalidInput):
            used(FIRST, made_at=made_at)
    generation = Generation(
        service="studio",
        external_id="again",
        price=Money("USD", MicroUnits(1)),
        parts=(Part(worker=WORKER, text=FIRST),),
        made_at=days.now,
    )
    for _ in range(2):
        done = submit(generation, system.database, system.attributor, system.clock, pool_basis_points=3_000)
        days.now += timedelta(days=400)
    assert done.replayed


def test_what_came_with_the_prompt_or_speaks_of_the_answer_earns_nobody_anything(
    register: Callable[..., None], used: Callable[..., Uses]
) -> None:
    register("early", FIRST)
    paragraph = FIRST.split("\n\n", maxsplit=1)[0]
    assert used(paragraph) == paid("early")
    assert used(paragraph, prompt=f"Go on from here:\n{paragraph}") == []
    [(_, outcome, accruals)] = used(f"Here is the rewritten text:\n{paragraph}\n\nI hope this helps!")
    assert outcome == "paid"
    assert 300_000 < accruals["early"] < 500_000, "the words around it are nobody's"


def test_what_stands_in_many_works_is_nobodys(register: Callable[..., None], used: Callable[..., Uses]) -> None:
    notice = (
        "No part of this reader may be copied, lent or read aloud without the leave of the harbour board in writing."
    )
    for number, line in enumerate(LINES[12:17]):
        assert number != 1 or used(notice) != [], "where it stands in one"
        register("library", f"{line['text']}\n\n{notice}", name=f"reader-{number}")
    assert used(notice) == []


def test_the_public_domain_is_named_and_nobody_is_paid_for_it(
    system: System, register: Callable[..., None], used: Callable[..., Uses]
) -> None:
    register("library", FIRST, terms=PublicDomain(reason="First printed in 1609."), claimed=False)
    assert used(FIRST) == [("library", "public_domain", {})]
    with system.database.begin() as work:
        sums = {account.id: micros for account, micros in work.books.balances().items()}
    assert sums == {"service_receivable/studio/USD": 1_000_000, "generation_revenue/USD": -1_000_000}


def test_the_export_of_all_this_passes_its_checks(
    system: System, register: Callable[..., None], used: Callable[..., Uses], days: Days, tmp_path: Path
) -> None:
    register("early", FIRST)
    made_at = days.now
    days.now += timedelta(days=2)
    register("late", SECOND)
    register("early", f"{FIRST}\n\nA sentence that came later than all of the others.")
    assert used(FIRST, made_at=made_at, prompt="Write about books and salt.") == paid("early")
    assert used(SECOND) == paid("late")
    exports.write(system, tmp_path / "export.zip", period(system, "", ""))
    checks = check_export(ZipReader(tmp_path / "export.zip"))
    assert not [(c.name, c.problems) for c in checks if c.failed]
    [made] = [c for c in checks if c.name == MADE]
    assert made.checked == 2


def test_a_forged_time_of_making_is_found_out(
    system: System, register: Callable[..., None], used: Callable[..., Uses], days: Days, tmp_path: Path
) -> None:
    register("early", FIRST)
    assert used(FIRST, made_at=days.now) == paid("early")
    exports.write(system, tmp_path / "export.zip", period(system, "", ""))
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    for number, made_at in enumerate((MONDAY - timedelta(days=1), days.now + timedelta(days=1), MONDAY.min)):
        forged = Forgery(dict(files), dict(manifest), tmp_path / f"forged-{number}.zip")
        text = made_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if made_at.year > 1 else "soon"
        forged.change("generation", lambda form, text=text: form.update(made_at=text))
        assert forged.failed() == {MADE}, text
