"""Money follows the rights that were stated, whatever anyone registers or reads in again."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from provenance.bootstrap import System
from provenance.kernel.money import MicroUnits, Money
from provenance.services.generations import submit
from provenance.services.ingest import Ingested, ingest
from provenance.services.ports import Encoder
from provenance.services.register import register_party, state_claims, state_licence
from provenance.settings import Settings
from provenance.sources.claim import Claims
from provenance.sources.document import Document
from provenance.sources.licence import FeePerUse, Licence, NotAllowed, ShareOfRevenue, Terms
from provenance.sources.party import Party
from provenance.sources.work import work_id
from provenance.workers.generation import Generation, Part
from provenance.workers.worker import Worker, WorkerKind

from .conftest import LIBRARY

TEXT = str(json.loads((LIBRARY / "works.jsonl").read_text("utf-8").splitlines()[0])["text"])
HALF = ShareOfRevenue(rate_basis_points=5_000)
WORK = work_id("victim", "original")
ALWAYS = date(2020, 1, 1)


@pytest.fixture
def system(encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    monkeypatch.setattr(System, "encoder", encoder)
    made = System(Settings(home=tmp_path / "home"))
    made.database.migrate()
    register_party(made.database, Party(id="studio", name="Studio"), at=made.clock())
    yield made
    made.close()


def register(system: System, party: str, name: str, text: str = TEXT, terms: Terms = HALF) -> Ingested:
    document = Document(
        origin="a test", source_id=name, title="", author="", text=text, claims={party: 10_000}, terms=terms
    )
    owner = Party(id=party, name=party)
    [done] = ingest([document], owner, system.database, system.encoder, system.clock)
    system.publish()
    return done


@pytest.fixture
def used(system: System) -> Callable[..., list[tuple[str, dict[str, int]]]]:
    """Use the work for a price of one dollar; the outcome and who earned what."""
    worker = Worker(id="w", kind=WorkerKind.BRAIN, model="m", model_version="1", region="eu")
    count = iter(range(100))

    def use(**where: Any) -> list[tuple[str, dict[str, int]]]:
        generation = Generation(
            service="studio",
            external_id=f"g-{next(count)}",
            price=Money("USD", MicroUnits(1_000_000)),
            parts=(Part(worker=worker, text=TEXT),),
            **where,
        )
        clock, database = system.clock, system.database
        done = submit(generation, database, system.attributor, clock, pool_basis_points=3_000).recorded.fact
        return [(u.outcome.value, {a.party: a.money.micros for a in u.accruals}) for u in done.accrual.uses]

    return use


PAID: list[tuple[str, dict[str, int]]] = [("paid", {"victim": 500_000})]
BLOCKED: list[tuple[str, dict[str, int]]] = [("blocked", {})]


def test_reading_an_old_file_again_does_not_undo_an_opt_out(system: System, used: Callable[..., Any]) -> None:
    register(system, "victim", "original")
    assert used() == PAID
    state_licence(system.database, WORK, Licence(terms=NotAllowed(reason="out"), valid_from=ALWAYS), at=system.clock())
    assert register(system, "victim", "original").outcome == "unchanged"
    assert used() == BLOCKED


def test_reading_an_old_file_again_does_not_take_back_a_sale(system: System, used: Callable[..., Any]) -> None:
    register(system, "victim", "original")
    register_party(system.database, Party(id="buyer", name="Buyer"), at=system.clock())
    today = system.clock().date()
    state_claims(system.database, WORK, Claims(basis_points={"buyer": 10_000}, valid_from=today), at=system.clock())
    register(system, "victim", "original")
    assert used() == [("paid", {"buyer": 500_000})]


def test_a_copy_under_any_name_is_refused_and_earns_nothing(system: System, used: Callable[..., Any]) -> None:
    register(system, "victim", "original")
    for number in range(8):
        done = register(system, "attacker", f"copy-{number}")
        assert done.error is not None
        assert (done.outcome, done.error.code) == ("rejected", "conflict")
    assert used() == PAID


def test_a_block_somewhere_holds_where_a_use_does_not_say_where(system: System, used: Callable[..., Any]) -> None:
    register(system, "victim", "original")
    block = Licence(terms=NotAllowed(reason="not there"), valid_from=ALWAYS, territory="DE")
    state_licence(system.database, WORK, block, at=system.clock())
    assert [used(territory=t) for t in ("DE", "FR", "*")] == [BLOCKED, PAID, BLOCKED]


def test_fees_above_the_price_are_the_services_and_the_books_balance(system: System, used: Callable[..., Any]) -> None:
    register(system, "victim", "original", terms=FeePerUse(fee=Money("USD", MicroUnits(5_000_000))))
    assert used() == [("paid", {"victim": 5_000_000})]
    with system.database.begin() as work:
        sums = {account.id: micros for account, micros in work.books.balances().items()}
    assert sums == {"service_receivable/studio/USD": 5_000_000, "party_payable/victim/USD": -5_000_000}
