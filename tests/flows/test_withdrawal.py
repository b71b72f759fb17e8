"""A work that is withdrawn earns nothing from then on; what it earned before is explained, paid and proven as ever."""

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.zip_archive import ZipReader
from provenance.attribution.decision import PartDecision
from provenance.attribution.policy import DecisionPolicy
from provenance.attribution.shares import roll_up
from provenance.attribution.timely import Registered
from provenance.bootstrap import System
from provenance.cli import exports
from provenance.cli.session import period
from provenance.kernel.errors import Conflict, StorageLocked
from provenance.kernel.money import MicroUnits, Money
from provenance.services.attribute import Attributor
from provenance.services.check_export import check_export
from provenance.services.generations import ATTRIBUTED_TIMES_MAX, Submitted, submit
from provenance.services.ingest import Ingested, IngestOutcome, ingest
from provenance.services.ports import Encoder
from provenance.services.records import DecidedBy
from provenance.services.register import register_party, state_claims
from provenance.services.report import creator_report, use_details
from provenance.services.withdraw import withdraw
from provenance.settings import Settings
from provenance.sources.claim import Claims
from provenance.sources.document import Document
from provenance.sources.licence import ShareOfRevenue
from provenance.sources.party import Party
from provenance.sources.work import work_id
from provenance.workers.generation import Generation, Part
from provenance.workers.worker import Worker, WorkerKind

from .conftest import LIBRARY
from .test_forged_facts import COMPLETE, LABELS, Forgery, Form

LINES = [json.loads(line) for line in (LIBRARY / "works.jsonl").read_text("utf-8").splitlines()]
TEXT, OTHER = str(LINES[0]["text"]), str(LINES[1]["text"])
NEARLY = TEXT.replace("kitchen", "parlour").replace("nobody", "no one")
WORKER = Worker(id="w", kind=WorkerKind.SPECIALISED, model="m", model_version="1", region="on-prem-lyon")
ONE, TWO = work_id("ann", "one"), work_id("bob", "two")
CHECK = "each work is withdrawn once, and is neither revised nor attributed afterwards"
Register = Callable[..., Ingested]
Use = Callable[..., Submitted]


@pytest.fixture
def system(encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    monkeypatch.setattr(System, "encoder", encoder)
    made = System(Settings(home=tmp_path / "home"))
    made.database.migrate()
    register_party(made.database, Party(id="studio", name="Studio"), at=made.clock())
    yield made
    made.close()


@pytest.fixture
def register(system: System) -> Register:
    def register(party: str, name: str, text: str) -> Ingested:
        document = Document(
            origin="a test",
            source_id=name,
            title="",
            author="",
            text=text,
            claims={party: 10_000},
            terms=ShareOfRevenue(rate_basis_points=5_000),
        )
        [done] = ingest([document], Party(id=party, name=party), system.database, system.encoder, system.clock)
        return done

    return register


@pytest.fixture
def use(system: System, register: Register) -> Use:
    """Send an output in for a dollar; two works are registered, and the index is published."""
    assert register("ann", "one", TEXT).error is None
    assert register("bob", "two", OTHER).error is None
    system.publish()
    count = iter(range(100))

    def use(text: str, **told: Any) -> Submitted:
        generation = Generation(
            service="studio",
            external_id=f"g-{next(count)}",
            price=Money("USD", MicroUnits(1_000_000)),
            parts=(Part(worker=WORKER, text=text),),
            **told,
        )
        return submit(generation, system.database, system.attributor, system.clock, pool_basis_points=3_000)

    return use


def paid(done: Submitted) -> dict[str, int]:
    """Micro-units by party."""
    return {a.party: a.money.micros for u in done.recorded.fact.accrual.uses for a in u.accruals}


def take_back(system: System, work: str = ONE, reason: str = "=Sold.") -> datetime:
    return withdraw(system.database, work, by=None, reason=reason, at=system.clock()).recorded.recorded_at


def earned(system: System, party: str) -> list[int]:
    report = creator_report(system.database, party, period(system, "", ""), uses_max=10)
    return [line.micros for line in report.totals]


def test_a_withdrawn_work_is_gone_at_once_and_from_the_next_index(system: System, use: Use) -> None:
    before = use(TEXT)
    assert paid(before) == {"ann": 500_000}
    take_back(system)
    stale = use(TEXT)
    assert stale.recorded.fact.decided_by == before.recorded.fact.decided_by, "the index still holds it"
    assert paid(stale) == {}
    assert ONE not in {a.work for a in stale.recorded.fact.shares.attributions}
    assert paid(use(f"{TEXT}\n\n{OTHER}")).keys() == {"bob"}
    publication = system.publish()
    assert (publication.built, publication.snapshot.works) == (True, 1)
    fresh = use(TEXT)
    assert fresh.recorded.fact.decided_by != before.recorded.fact.decided_by
    assert paid(fresh) == {}
    assert paid(use(OTHER)) == {"bob": 500_000}
    assert earned(system, "ann") == [500_000]


def test_an_output_that_was_made_before_and_comes_in_after_pays_nothing_for_it(system: System, use: Use) -> None:
    made_at = system.clock()
    take_back(system)
    assert paid(use(f"{TEXT}\n\n{OTHER}", made_at=made_at)).keys() == {"bob"}
    system.publish()
    assert paid(use(f"{TEXT}\n\n{OTHER}", made_at=made_at)).keys() == {"bob"}


@dataclass(frozen=True)
class Racing:
    """An attributor that is overtaken: what it finds is withdrawn before that can be recorded."""

    inner: Attributor
    system: System

    @property
    def identity(self) -> DecidedBy:
        return self.inner.identity

    @property
    def policy(self) -> DecisionPolicy:
        return self.inner.policy

    def as_of(self, registered: Registered) -> "Racing":
        return Racing(self.inner.as_of(registered), self.system)

    def attribute(self, text: str, *, prompt: str | None = None) -> PartDecision:
        found = self.inner.attribute(text, prompt=prompt)
        for attribution in roll_up([found]).attributions:
            take_back(self.system, attribution.work)
        return found


@pytest.mark.parametrize("copies", [1, ATTRIBUTED_TIMES_MAX])
def test_works_that_are_withdrawn_while_one_decides_are_left_out_or_nothing_is_recorded(
    system: System, register: Register, use: Use, monkeypatch: pytest.MonkeyPatch, copies: int
) -> None:
    for number in range(copies):
        register(f"copyist-{number}", "copy", NEARLY.replace("parlour", f"parlour of {number + 2} chairs"))
    system.publish()
    racing: Any = Racing(system.attributor(), system)
    monkeypatch.setattr(system, "attributor", lambda: racing)
    if copies < ATTRIBUTED_TIMES_MAX:
        assert paid(use(TEXT)) == {}
    else:
        with pytest.raises(StorageLocked):
            use(TEXT)
    with system.database.begin() as work:
        assert len(work.generations.page(limit=9).items) == (copies < ATTRIBUTED_TIMES_MAX)


def test_its_passages_go_to_the_next_work_that_has_them(system: System, register: Register, use: Use) -> None:
    assert register("copyist", "copy", NEARLY).error is None
    system.publish()
    assert paid(use(TEXT)).keys() == {"ann"}
    take_back(system)
    assert paid(use(TEXT)).keys() == {"copyist"}, "as if it were not in the index, before it is out of it"
    system.publish()
    assert paid(use(TEXT)).keys() == {"copyist"}


def test_a_repetition_of_what_was_sent_before_is_answered_as_before(system: System, use: Use) -> None:
    before = use(TEXT)
    take_back(system)
    generation = before.recorded.fact.generation
    again = submit(generation, system.database, system.attributor, system.clock, pool_basis_points=3_000)
    assert again.replayed
    assert again.recorded == before.recorded


def test_what_it_earned_is_explained_and_its_claims_can_change_hands(system: System, use: Use) -> None:
    done = use(TEXT)
    take_back(system)
    system.publish()
    register_party(system.database, Party(id="heir", name="Heir"), at=system.clock())
    state_claims(
        system.database, ONE, Claims(basis_points={"heir": 10_000}, valid_from=system.clock().date()), at=system.clock()
    )
    [detail] = use_details(system.database, "ann", done.recorded.fact.generation.id)
    assert detail.matches[0].source_excerpt in TEXT
    assert detail.withdrawal is not None
    assert detail.withdrawal.fact.reason == "=Sold."
    report = creator_report(system.database, "ann", period(system, "", ""), uses_max=10)
    assert ([line.key for line in report.by_work], report.withdrawn) == ([ONE], {ONE})
    assert creator_report(system.database, "bob", period(system, "", ""), uses_max=10).withdrawn == set()


def test_a_withdrawal_is_final(system: System, register: Register, use: Use) -> None:
    take_back(system)
    again = withdraw(system.database, ONE, by="ann", reason="=Sold.", at=system.clock())
    assert again.replayed
    with pytest.raises(Conflict):
        take_back(system, reason="Another.")
    for text in (TEXT, f"{TEXT}\n\nA new ending."):
        done = register("ann", "one", text)
        assert done.outcome is IngestOutcome.REJECTED
        assert done.error is not None
        assert "another source id" in done.error.mend
    with system.database.begin() as work:
        assert len(work.works.revisions(ONE)) == 1


def test_its_registrant_alone_registers_the_text_again(system: System, register: Register, use: Use) -> None:
    take_back(system)
    stolen = register("thief", "mine", TEXT)
    assert stolen.error is not None
    assert stolen.error.data["work"] == ONE
    assert register("ann", "one-again", TEXT).outcome is IngestOutcome.NEW
    for party, name in (("thief", "mine"), ("ann", "a third")):
        refused = register(party, name, TEXT)
        assert refused.error is not None
        assert refused.error.data["work"] == work_id("ann", "one-again"), "a text is registered once"
    system.publish()
    assert paid(use(TEXT)) == {"ann": 500_000}


def test_an_index_of_nothing_attributes_nothing(system: System, use: Use) -> None:
    for name in (ONE, TWO):
        take_back(system, name)
    publication = system.publish()
    assert (publication.snapshot.works, publication.snapshot.segments) == (0, 0)
    assert paid(use(TEXT)) == {}


@pytest.fixture
def forgery(system: System, register: Register, use: Use, tmp_path: Path) -> Forgery:
    """An export: a use of each of two works, the one withdrawn and registered again, the other used again."""
    use(TEXT)
    use(OTHER)
    take_back(system)
    register("ann", "one-again", TEXT)
    system.publish()
    use(OTHER)
    exports.write(system, tmp_path / "export.zip", period(system, "", ""))
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return Forgery(files, json.loads(files.pop("manifest.json")), tmp_path / "forged.zip")


def test_an_export_with_a_withdrawal_checks_out(forgery: Forgery) -> None:
    assert forgery.failed() == set()
    [check] = [c for c in check_export(ZipReader(forgery.path)) if c.name == CHECK]
    assert check.checked > 1
    assert b"withdrawal" in forgery.files["labels.csv"]
    assert b"'=Sold." in forgery.files["labels.csv"], "no formula"


@pytest.mark.parametrize(
    "members",
    [
        {"work": TWO},
        {"work": "work_none"},
        {"withdrawn_by": "nobody"},
        {"work": TWO, "id": "withdrawal_0"},
    ],
    ids=str,
)
def test_a_withdrawal_of_something_else_fails(forgery: Forgery, members: dict[str, str]) -> None:
    forgery.change("withdrawal", lambda form: form.update(members))
    assert CHECK in forgery.failed()


def test_a_withdrawal_that_was_taken_out_is_found(forgery: Forgery) -> None:
    forgery.put("withdrawal", [])
    assert COMPLETE in forgery.failed()


def test_another_reason_fails(forgery: Forgery) -> None:
    forgery.files["labels.csv"] = forgery.files["labels.csv"].replace(b"=Sold.", b"=Lost.")
    assert forgery.failed() == {LABELS}


def _move(forgery: Forgery, kind: str, *, before: str) -> None:
    """Put the one leaf of a kind before the first of another, the last of which so comes after it."""
    leaves = forgery.files["leaves.jsonl"].splitlines()
    kinds = [json.loads(leaf)["kind"] for leaf in leaves]
    moved = leaves.pop(kinds.index(kind))
    leaves.insert(kinds.index(before), moved)
    forgery.files["leaves.jsonl"] = b"".join(leaf + b"\n" for leaf in leaves)


@pytest.mark.parametrize("kind", ["generation", "revision", "work", "party"])
def test_a_withdrawal_that_stands_before_what_came_of_the_work_fails(forgery: Forgery, kind: str) -> None:
    _move(forgery, "withdrawal", before=kind)
    assert CHECK in forgery.failed()


def test_a_text_that_came_back_under_another_name_fails(forgery: Forgery) -> None:
    def steal(form: Form) -> None:
        if form["source_id"] == "one-again":
            form["registrant"] = "bob"

    forgery.change("work", steal)
    assert forgery.failed() == {CHECK}
