"""Terms and disputes from a use to the export: figures computed by hand, and an export that computes them again."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.zip_archive import ZipReader, writing_zip
from provenance.bootstrap import System
from provenance.kernel.errors import InDispute, ProvenanceError
from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.dispute import Action, Clocks
from provenance.services.check_export import check_export
from provenance.services.disputes import Raising, dispute_claims, dispute_use, lapse_due, take_step
from provenance.services.export import export_period
from provenance.services.generations import submit
from provenance.services.ingest import ingest
from provenance.services.ports import Encoder
from provenance.services.records import GenerationRecord
from provenance.services.register import register_party, state_claims, state_licence, state_licences
from provenance.settings import Settings
from provenance.sources.claim import Claims
from provenance.sources.document import Document
from provenance.sources.licence import FeePerUse, Licence, ShareOfRevenue, Terms
from provenance.sources.party import Party
from provenance.sources.period_bounds import PeriodBounds, TermPeriod, Tier
from provenance.sources.work import work_id
from provenance.sources.worker_class import WorkerClass
from provenance.statements.period import THE_BEGINNING, Period
from provenance.workers.generation import Generation, Part
from provenance.workers.worker import Worker, WorkerKind

from .conftest import LIBRARY

TEXT = str(json.loads((LIBRARY / "works.jsonl").read_text("utf-8").splitlines()[0])["text"])
WORK = work_id("ann", "w")
START = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ALWAYS = date(2020, 1, 1)
HALF = ShareOfRevenue(rate_basis_points=5_000)


def usd(micros: int) -> Money:
    return Money("USD", MicroUnits(micros))


@dataclass
class Story:
    """One work of ann's, a service, and a clock that stands where it is put."""

    system: System
    now: datetime = START
    count: int = 0
    paid: list[GenerationRecord] = field(default_factory=list)

    def licence(self, terms: Terms, **reach: Any) -> None:
        stated = Licence(terms=terms, **({"valid_from": ALWAYS} | reach))
        state_licence(self.system.database, WORK, stated, at=self.now)

    def claims(self, **basis_points: int) -> None:
        claims = Claims(basis_points=basis_points, valid_from=self.now.date())
        state_claims(self.system.database, WORK, claims, at=self.now)

    def use(self, price: int = 1_000_000, *, on: datetime | None = None, region: str = "eu") -> dict[str, int]:
        """Use all of the work for a price in micro-units of a dollar; who earned what."""
        self.now = on or self.now
        self.count += 1
        worker = Worker(id="w", kind=WorkerKind.BRAIN, model="m", model_version="1", region=region)
        generation = Generation(
            service="studio", external_id=f"g{self.count}", price=usd(price), parts=(Part(worker=worker, text=TEXT),)
        )
        done = submit(
            generation, self.system.database, self.system.attributor, lambda: self.now, pool_basis_points=3_000
        )
        self.paid.append(done.recorded.fact)
        [used] = done.recorded.fact.accrual.uses
        return {a.party: a.money.micros for a in used.accruals} or {used.outcome.value: (used.held or usd(0)).micros}

    def balances(self) -> dict[str, int]:
        """What is owed, held and pooled, as positive figures; zeros left out."""
        with self.system.database.begin() as work:
            sums = {account.id: -micros for account, micros in work.books.balances().items() if micros}
        assert sum(sums.values()) == 0
        return {a: m for a, m in sums.items() if not a.startswith(("service_receivable", "generation_revenue"))}

    def raising(self, disputant: str = "bob", in_favour_of: str | None = "bob") -> Raising:
        return Raising(disputant=disputant, in_favour_of=in_favour_of, reason="It is mine.", clocks=Clocks())

    def dispute(self, parts: dict[str, int]) -> str:
        raised = dispute_claims(self.system.database, WORK, parts, self.raising(), at=self.now)
        return raised.recorded.fact.id

    def step(self, dispute: str, action: Action, by: str, *, days: int = 0, returned: int | None = None) -> None:
        self.now += days * DAY
        take_step(
            self.system.database, dispute, action, by=by, reason="So.", at=self.now, returned_basis_points=returned
        )

    def check(self, folder: Path) -> None:
        """Export everything, and let the export compute it again."""
        path = folder / "export.zip"
        period = Period(since=THE_BEGINNING, until=self.now + DAY)
        with writing_zip(path) as archive:
            export_period(self.system.database, archive, period, at=self.now + DAY, progress=lambda _: None)
        problems = [problem for check in check_export(ZipReader(path)) for problem in check.problems]
        assert problems == []


@pytest.fixture
def story(encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.setattr(System, "encoder", encoder)
    system = System(Settings(home=tmp_path / "home"), clock=lambda: START - 30 * DAY)
    system.database.migrate()
    for party in ("studio", "bob", "cy", "judge"):
        register_party(system.database, Party(id=party, name=party), at=system.clock())
    document = Document(
        origin="a test", source_id="w", title="", author="", text=TEXT, claims={"ann": 10_000}, terms=HALF
    )
    owner = Party(id="ann", name="Ann")
    [_] = ingest([document], owner, system.database, system.encoder, system.clock)
    system.publish()
    yield Story(system)
    system.close()


@pytest.fixture
def checked(story: Story, tmp_path: Path) -> Iterator[Story]:
    """The story, whose export is checked when the test is over."""
    yield story
    story.check(tmp_path)


def test_tiers_a_minimum_and_a_cap_over_two_periods(checked: Story) -> None:
    tiers = (Tier(from_uses=1, rate_basis_points=4_000), Tier(from_uses=3, rate_basis_points=1_000))
    bounds = PeriodBounds(cap=usd(1_350_000))
    checked.licence(ShareOfRevenue(rate_basis_points=5_000, tiers=tiers, fee_min=usd(200_000), bounds=bounds))
    # 50 % of 1.000000, then 40 %, 40 % cut at the cap (500 + 400 + 400 = 1,300 of 1,350 thousand).
    assert [checked.use()["ann"] for _ in range(3)] == [500_000, 400_000, 400_000]
    assert checked.use()["ann"] == 50_000  # 10 % are 100,000, raised to 200,000, cut to what the cap leaves
    assert checked.use()["ann"] == 0
    december = datetime(2026, 12, 1, tzinfo=UTC)
    assert checked.use(on=december)["ann"] == 500_000  # a new period: the first rate, and all of the cap
    assert checked.use(100_000)["ann"] == 200_000  # 40 % of 100,000 are 40,000: the minimum


def test_a_version_goes_on_where_the_one_before_it_stopped(checked: Story) -> None:
    checked.licence(FeePerUse(fee=usd(300_000), bounds=PeriodBounds(cap=usd(1_000_000))))
    assert [checked.use()["ann"] for _ in range(2)] == [300_000, 300_000]
    checked.licence(FeePerUse(fee=usd(500_000), bounds=PeriodBounds(cap=usd(1_000_000))))
    assert [checked.use()["ann"] for _ in range(2)] == [400_000, 0]


def test_a_quarters_cap_lasts_three_months(checked: Story) -> None:
    bounds = PeriodBounds(period=TermPeriod.QUARTER, cap=usd(700_000))
    checked.licence(ShareOfRevenue(rate_basis_points=5_000, bounds=bounds))
    assert checked.use()["ann"] == 500_000
    assert checked.use(on=datetime(2026, 12, 31, tzinfo=UTC))["ann"] == 200_000
    assert checked.use(on=datetime(2027, 1, 1, tzinfo=UTC))["ann"] == 500_000


def test_leftover_micro_units_go_round_among_claimants(checked: Story) -> None:
    checked.claims(ann=5_000, bob=5_000)
    checked.licence(FeePerUse(fee=usd(1)))
    earned = [checked.use() for _ in range(4)]
    assert sorted(e["ann"] for e in earned) == [0, 0, 1, 1]
    assert checked.balances() == {"party_payable/ann/USD": 2, "party_payable/bob/USD": 2}


def test_the_most_favoured_version_by_date_of_use(checked: Story) -> None:
    checked.licence(ShareOfRevenue(rate_basis_points=6_000), valid_until=date(2026, 11, 30))
    checked.licence(ShareOfRevenue(rate_basis_points=4_000), most_favoured=True)
    assert checked.use()["ann"] == 600_000
    # In December the better version has ended; what was read in first (50 %) still holds.
    assert checked.use(on=datetime(2026, 12, 1, tzinfo=UTC))["ann"] == 500_000


def test_an_opt_out_from_a_date_and_a_licence_for_hosted_workers_alone(checked: Story) -> None:
    checked.licence(HALF, opt_out_from=date(2026, 11, 10))
    assert checked.use() == {"ann": 500_000}
    assert checked.use(on=datetime(2026, 11, 10, tzinfo=UTC)) == {"blocked": 300_000}
    checked.licence(ShareOfRevenue(rate_basis_points=7_000), workers=WorkerClass(hosting="on_premises"))
    assert checked.use(region="on-prem-lyon") == {"ann": 700_000}
    assert checked.use(region="eu") == {"blocked": 300_000}


def test_a_dispute_that_is_lost_releases_what_was_held(checked: Story) -> None:
    checked.use()
    dispute = checked.dispute({"ann": 4_000})
    checked.use()
    # Late after the claims: the use before it stays paid; of the one after it 40 % are held.
    assert checked.balances() == {"party_payable/ann/USD": 800_000, "held/USD": 200_000}
    checked.step(dispute, Action.REJECT, "ann", days=29)
    checked.step(dispute, Action.APPEAL, "bob", days=5)
    checked.step(dispute, Action.INSIST, "ann", days=7)
    checked.step(dispute, Action.DECIDE, "judge", days=60, returned=0)
    assert checked.balances() == {"party_payable/ann/USD": 1_000_000}
    assert checked.use() == {"ann": 500_000}


def test_a_dispute_raised_in_time_is_held_from_the_first_day_and_won_by_silence(checked: Story) -> None:
    checked.claims(ann=10_000 - 1, cy=1)
    checked.now += DAY
    checked.use()  # 499,950 and 50
    checked.now += 2 * DAY
    dispute = checked.dispute({"ann": 9_999})
    assert checked.balances() == {"party_payable/cy/USD": 50, "held/USD": 499_950}
    assert lapse_due(checked.system.database, now=checked.now + 30 * DAY) == []
    checked.now += 30 * DAY + timedelta(seconds=1)
    [step] = lapse_due(checked.system.database, now=checked.now)
    assert (step.dispute, step.returned_basis_points) == (dispute, 10_000)
    assert checked.balances() == {"party_payable/bob/USD": 499_950, "party_payable/cy/USD": 50}
    checked.now += DAY
    assert checked.use() == {"bob": 499_950, "cy": 50}  # the claims follow from the dispute


def test_a_dispute_that_is_split(checked: Story) -> None:
    dispute = checked.dispute({"ann": 10_000})
    checked.use()
    assert checked.balances() == {"held/USD": 500_000}
    checked.step(dispute, Action.DECIDE, "judge", days=3, returned=2_500)
    assert checked.balances() == {"party_payable/ann/USD": 375_000, "party_payable/bob/USD": 125_000}
    assert checked.use() == {"ann": 375_000, "bob": 125_000}


def test_a_use_that_is_disputed_and_falls_to_the_pool(checked: Story) -> None:
    checked.use()
    generation = checked.paid[0].generation.id
    raising = checked.raising("studio", None)
    dispute = dispute_use(checked.system.database, generation, WORK, raising, at=checked.now).recorded.fact
    assert dispute_use(checked.system.database, generation, WORK, raising, at=checked.now).replayed
    assert checked.balances() == {"held/USD": 500_000}
    checked.use()  # others aren't held
    checked.step(dispute.id, Action.CONCEDE, "ann", days=2)
    assert checked.balances() == {"party_payable/ann/USD": 500_000, "unattributed_pool/USD": 500_000}


def test_a_use_is_disputed_out_of_time(checked: Story) -> None:
    checked.use()
    before = checked.balances()
    checked.now += 91 * DAY
    with pytest.raises(ProvenanceError) as refused:
        dispute_use(checked.system.database, checked.paid[0].generation.id, WORK, checked.raising(), at=checked.now)
    assert refused.value.code == "out_of_time"
    assert checked.balances() == before


def test_disputed_claims_stand_still_and_are_disputed_once(checked: Story) -> None:
    dispute = checked.dispute({"ann": 6_000})
    with pytest.raises(InDispute, match="stand until"):
        checked.claims(cy=10_000)
    cys = Raising(disputant="cy", in_favour_of="cy", reason="No, mine.", clocks=Clocks())
    with pytest.raises(InDispute, match="6000 of the 10000"):
        dispute_claims(checked.system.database, WORK, {"ann": 4_001}, cys, at=checked.now)
    dispute_claims(checked.system.database, WORK, {"ann": 4_000}, cys, at=checked.now)
    checked.use()
    assert checked.balances() == {"held/USD": 500_000}  # both parts, each by its own dispute
    checked.step(dispute, Action.WITHDRAW, "bob")
    assert checked.balances() == {"party_payable/ann/USD": 300_000, "held/USD": 200_000}


def test_two_versions_that_overlap_are_refused_and_nothing_is_written(story: Story) -> None:
    versions = [Licence(terms=HALF, valid_from=ALWAYS), Licence(terms=HALF, valid_from=date(2026, 1, 1))]
    with pytest.raises(ProvenanceError) as refused:
        state_licences(story.system.database, WORK, versions, at=story.now)
    assert refused.value.code == "overlapping_validity"
    with story.system.database.begin() as work:
        assert len(work.rights.licences_of(WORK)) == 1


FORGERIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "a use that forgets one before it": lambda use: use["standing"].update(uses_before=0, earned_before="0"),
    "a cap that left more": lambda use: use["standing"].update(earned_before="1"),
    "a count of another line": lambda use: use["standing"].update(line="x"),
    "no count at all": lambda use: use.pop("standing"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_count_is_found_by_computing_it_again(story: Story, name: str) -> None:
    from provenance.services.check_counted import CountedUses
    from provenance.services.facts import describe

    story.licence(ShareOfRevenue(rate_basis_points=5_000, bounds=PeriodBounds(cap=usd(700_000))))
    story.use()
    story.use()
    with story.system.database.begin() as work:
        forms = [describe(r.fact, r.recorded_at)[2] for r in work.generations.page(limit=5).items]
        licences = {r.fact.id: describe(r.fact, r.recorded_at)[2] for r in work.rights.licences_of(WORK)}
    first, second = (json.loads(json.dumps(form)) for form in forms)
    assert _wrong(CountedUses(licences), first, second) is False
    FORGERIES[name](second["uses"][0])
    assert _wrong(CountedUses(licences), first, second) is True


def _wrong(counted: Any, *forms: dict[str, Any]) -> bool:
    """Whether what the last form says of itself isn't what the forms before it come to."""
    for form in forms[:-1]:
        counted.note(form)
    last = forms[-1]
    [standing] = list(counted.counts.values())
    stated = last["uses"][0].get("standing")
    try:
        differs = stated is None or stated["earned_before"] != str(standing.earned_before)
        return counted.problem(last) is not None or differs or stated["uses_before"] != standing.uses_before
    except ValueError:
        return True
