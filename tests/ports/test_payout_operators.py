"""Operators: who approves, who cancels, what goes on after a person has looked; and several of them at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from provenance.ledger.accounts import AccountKind
from provenance.payouts.approval import parse_limits
from provenance.payouts.event import State, What
from provenance.payouts.next_step import AskPerson
from provenance.payouts.outcome import Outcome, Status
from provenance.payouts.reported import About, Made, Reported
from provenance.services.payment_provider import Instruction
from provenance.services.payout_advance import advance, advance_all, watch
from provenance.services.payout_decisions import approve, cancel, retry, write_off
from provenance.services.payout_explain import explain
from provenance.services.payout_plan import preview, run
from provenance.services.payout_reports import process, take_in

from .closing_story import post
from .payout_story import NO_LIMIT, Payouts, lost, refused, unanswered

PAYABLE, CLEARING, CASH = AccountKind.PARTY_PAYABLE, AccountKind.PAYOUT_CLEARING, AccountKind.PAYOUT_CASH
AT_ONCE = 4


@pytest.fixture
def careful(payouts: Payouts) -> Payouts:
    """Every payout needs two people."""
    payouts.limits = parse_limits("")
    return payouts


def test_two_people_approve_above_a_limit_and_one_twice_is_one(careful: Payouts) -> None:
    payout = careful.one()
    database, at = careful.database, careful.clock()
    assert careful.state(payout) is State.PLANNED
    approve(database, payout.id, by="press", at=at)
    assert careful.state(payout) is State.PLANNED, "who planned it has approved it already"
    assert approve(database, payout.id, by="bot", at=at).at.state is State.RESERVED
    assert [a.by for a in careful.standing(payout).history.approvals] == ["press", "bot"]
    approve(database, payout.id, by="bot", at=at)
    with pytest.raises(Conflict, match="nothing to approve"):
        approve(database, payout.id, by="ann", at=at)


def test_nothing_moves_before_it_is_approved(careful: Payouts) -> None:
    payout = careful.one()
    assert careful.advance(payout).at.state is State.PLANNED
    assert careful.provider.calls == []
    assert careful.balance(CLEARING, "ann") == 0
    assert careful.run("ann").payouts == (), "its lines are taken all the same"


def test_what_is_owed_no_longer_when_it_is_approved_is_cancelled(careful: Payouts) -> None:
    payout = careful.one()
    at = careful.clock()
    post(careful.database, "back", "correction", -20_000_000, effective=at, at=at)
    assert approve(careful.database, payout.id, by="bot", at=at).at.state is State.CANCELLED
    smaller = careful.one()
    assert smaller.number == 2
    assert smaller.minor_units == payout.minor_units - 2_000


@pytest.mark.parametrize("by", ["nobody", ""])
def test_a_stranger_decides_nothing(careful: Payouts, by: str) -> None:
    payout, at = careful.one().id, careful.clock()
    for decide in (
        lambda: approve(careful.database, payout, by=by, at=at),
        lambda: cancel(careful.database, payout, by=by, reason="x", at=at),
        lambda: retry(careful.database, payout, by=by, reason="x", at=at),
        lambda: careful.run(by=by),
    ):
        with pytest.raises(NotFound):
            decide()


def _cancel(payouts: Payouts, payout: Any) -> State:
    return cancel(payouts.database, payout.id, by="press", reason="Wrong", at=payouts.clock()).at.state


def test_what_was_not_sent_is_cancelled_and_owed_again(payouts: Payouts) -> None:
    owed = -payouts.balance(PAYABLE, "ann")
    payout = payouts.one()
    assert _cancel(payouts, payout) is State.CANCELLED
    assert _cancel(payouts, payout) is State.CANCELLED, "again does nothing"
    assert -payouts.balance(PAYABLE, "ann") == owed
    assert payouts.advance(payout).at.state is State.CANCELLED
    assert payouts.provider.calls == []
    events = payouts.standing(payout).history.events
    assert (events[-1].by, events[-1].reason) == ("press", "Wrong"), "its history stays"
    assert payouts.one().lines == payout.lines


def test_what_surely_had_no_effect_can_be_cancelled(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.provider.faults = [refused("balance_insufficient")]
    payouts.advance(payout)
    assert _cancel(payouts, payout) is State.CANCELLED
    assert payouts.balance(CLEARING, "ann") == payouts.balance(CASH) == 0


@pytest.mark.parametrize("fault", ["lost", "unanswered"])
def test_what_may_be_out_can_not_be_cancelled_before_that_is_known(payouts: Payouts, fault: str) -> None:
    payout = payouts.one()
    payouts.provider.faults = [lost(payouts.provider) if fault == "lost" else unanswered]
    payouts.advance(payout)
    with pytest.raises(Conflict, match="isn't known yet"):
        _cancel(payouts, payout)


def test_what_is_out_in_part_is_taken_back_when_it_is_cancelled(payouts: Payouts) -> None:
    owed = -payouts.balance(PAYABLE, "ann")
    payout = payouts.one()
    payouts.provider.faults = [lambda _: None, refused("balance_insufficient")]
    payouts.advance(payout)
    assert payouts.balance(CASH) == -payout.money.micros
    assert _cancel(payouts, payout) is State.FAILED
    assert payouts.advance(payout).at.state is State.RETURNED
    assert (payouts.balance(CASH), -payouts.balance(PAYABLE, "ann")) == (0, owed)


@pytest.mark.parametrize("finished", [False, True])
def test_what_the_provider_has_is_not_cancelled(payouts: Payouts, finished: bool) -> None:
    payout = payouts.one()
    payouts.advance(payout)
    if finished:
        payouts.provider.finish("payout")
        payouts.advance(payout)
    with pytest.raises(Conflict, match="can't be cancelled"):
        _cancel(payouts, payout)


def test_a_person_lets_go_on_what_was_refused_too_often(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.provider.faults = [refused("balance_insufficient")] * 8
    for _ in range(10):
        payouts.clock.forward(hours=7)
        payouts.advance(payout)
    found = explain(payouts.database, {"fake": payouts.provider}, payout.id, payouts.clock)
    assert "retry" in found.mend
    retry(payouts.database, payout.id, by="press", reason="Funded", at=payouts.clock())
    assert payouts.advance(payout).at.state is State.CONFIRMED


def test_a_person_looks_at_what_differs_and_it_goes_on_where_it_is_right(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.advance(payout)
    payouts.provider.change("obj_2", minor_units=1)
    payouts.advance(payout)
    for _ in range(2):
        retry(payouts.database, payout.id, by="press", reason="Looked", at=payouts.clock())
        payouts.advance(payout)
        assert payouts.standing(payout).at.differs == "another_amount", "it differs still"
    payouts.provider.change("obj_2", minor_units=payout.minor_units, status=Status.DONE)
    retry(payouts.database, payout.id, by="press", reason="Mended", at=payouts.clock())
    assert payouts.advance(payout).at.state is State.SETTLED


def test_what_is_over_is_not_retried(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.advance(payout)
    payouts.provider.finish("payout")
    payouts.advance(payout)
    with pytest.raises(Conflict, match="nothing to retry"):
        retry(payouts.database, payout.id, by="press", reason="x", at=payouts.clock())


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "\x1b[2J", "x" * 1_001])
def test_a_decision_has_a_reason_of_a_line(payouts: Payouts, reason: str) -> None:
    payout = payouts.one()
    for decide in (cancel, retry):
        with pytest.raises(InvalidInput):
            decide(payouts.database, payout.id, by="press", reason=reason, at=payouts.clock())


def test_a_provider_that_is_gone_is_named(payouts: Payouts) -> None:
    payout = payouts.one()
    with pytest.raises(Unavailable, match="fake"):
        advance(payouts.database, {}, payout.id, payouts.clock)


def test_an_explanation_leads_down_to_the_lines(payouts: Payouts) -> None:
    payout = payouts.one()
    found = explain(payouts.database, {"fake": payouts.provider}, payout.id, payouts.clock)
    lines = [found.statements[n.statement].lines[n.number - 1] for n in payout.lines]
    assert sum(line.micros for line in lines) == payout.settles_micros
    assert found.mend == "It goes on with: provenance payouts advance."


def test_a_preview_is_what_a_run_plans_and_records_nothing(payouts: Payouts) -> None:
    way = payouts.provider.way
    foretold = preview(payouts.database, way, NO_LIMIT, by="press")
    assert preview(payouts.database, way, NO_LIMIT, by="press") == foretold
    assert payouts.run() == foretold
    assert {s.why for s in foretold.skipped} <= {"below_minimum", "no_account"}


# -- several at once ---------------------------------------------------------------------------------------------------


def test_operators_who_run_at_once_plan_everything_once(payouts: Payouts) -> None:
    owed = -payouts.balance(PAYABLE, "ann")
    barrier = Barrier(AT_ONCE)

    def go(_: int) -> Any:
        barrier.wait(30)
        return payouts.run()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = list(threads.map(go, range(AT_ONCE)))
    planned = [p for f in found for p in f.payouts if (p.party, p.currency) == ("ann", "USD")]
    assert len(planned) == 1
    assert -payouts.balance(CLEARING, "ann") == planned[0].money.micros <= owed


def test_a_second_session_waits_for_the_first_and_finds_nothing_left(
    payouts: Payouts, open_database: Any, url: str
) -> None:
    """The first one's transaction is open while the second one's begins."""
    other, entered, go = open_database(url), Event(), Event()

    class Slow:
        """A database whose unit of work waits before it commits."""

        def begin(self, *, write: bool = False) -> Any:
            work = payouts.database.begin(write=write)
            commit = work.commit

            def late() -> None:
                entered.set()
                assert go.wait(30)
                commit()

            work.commit = late  # type: ignore[method-assign]  # this one alone
            return work

    way, at = payouts.provider.way, payouts.clock()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(run, Slow(), way, NO_LIMIT, by="press", at=at, party="ann")
        assert entered.wait(30)
        second = threads.submit(run, other, way, NO_LIMIT, by="bot", at=at, party="ann")
        go.set()
        assert len(first.result(30).payouts) == 1
        assert second.result(30).payouts == ()


def test_two_who_approve_at_once_reserve_it_once(careful: Payouts) -> None:
    payout = careful.one()
    with ThreadPoolExecutor(3) as threads:
        done = [
            threads.submit(approve, careful.database, payout.id, by=by, at=careful.clock())
            for by in ("bot", "ann", "bob")
        ]
    failed = [d.exception() for d in done if d.exception() is not None]
    assert len(failed) == 2
    assert all(isinstance(error, Conflict) for error in failed)
    assert -careful.balance(CLEARING, "ann") == payout.money.micros


def test_workers_who_advance_at_once_pay_once(payouts: Payouts) -> None:
    payout = payouts.one()
    meet = Barrier(2)

    def together(instruction: Instruction) -> Outcome | None:
        meet.wait(30)  # both have asked before either hears an answer
        return None

    payouts.provider.faults = [together, together]
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(payouts.advance, payout) for _ in range(2)]:
            done.result(60)
    payouts.provider.finish("payout")
    assert payouts.advance(payout).at.state is State.SETTLED
    assert payouts.provider.paid("acct_ann") == payout.minor_units
    assert payouts.balance(CASH) == -payout.money.micros
    whats = [e.what for e in payouts.standing(payout).history.events]
    assert whats.count(What.DONE) == whats.count(What.ACCEPTED) == 2, "one a leg"


def test_all_that_is_under_way_is_moved_on(payouts: Payouts) -> None:
    planned = payouts.run().payouts
    providers = {"fake": payouts.provider}
    moved = [*advance_all(payouts.database, providers, payouts.clock)]
    assert {a.payout for a in moved} == {p.id for p in planned}
    payouts.provider.finish("payout")
    payouts.clock.now += timedelta(minutes=1)
    assert all(a.at.state is State.SETTLED for a in advance_all(payouts.database, providers, payouts.clock))
    assert [*advance_all(payouts.database, providers, payouts.clock)] == []


def test_an_account_belongs_to_one_party(payouts: Payouts, database: SqlDatabase) -> None:
    from provenance.services.payees import state_account

    state_account(database, "press", "bank-file", "DE89370400440532013000", at=payouts.clock())
    with pytest.raises(Conflict, match="another party's"):
        state_account(database, "ann", "bank-file", "DE89370400440532013000", at=payouts.clock())
    found = state_account(database, "press", "bank-file", "NL91ABNA0417164300", at=payouts.clock())
    assert found.account is not None
    assert found.account.number == 2


def test_what_was_settled_is_watched_for_a_while(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.advance(payout)
    payouts.provider.finish("payout")
    assert payouts.advance(payout).at.state is State.SETTLED
    payouts.provider.change("obj_2", status=Status.FAILED, code="could_not_process")
    providers = {"fake": payouts.provider}
    payouts.clock.forward(days=15)
    assert [*watch(payouts.database, providers, payouts.clock)] == []
    payouts.clock.forward(days=-10)
    assert [a.at.state for a in watch(payouts.database, providers, payouts.clock)] == [State.RETURNED]


def test_a_report_whose_provider_does_not_answer_waits_and_holds_up_no_other(payouts: Payouts) -> None:
    payout = payouts.one()
    payouts.advance(payout)
    for name, found in (("evt_1", "obj_2"), ("evt_2", "nobody")):
        report = Reported(
            provider="fake",
            id=name,
            type="x",
            about=About.PAYMENT,
            object=found,
            account="acct_ann",
            currency="USD",
            minor_units=payout.minor_units,
            key=None,
            payload_sha256="0" * 64,
        )
        assert take_in(payouts.database, report, at=payouts.clock())
        assert not take_in(payouts.database, report, at=payouts.clock()), "once"
    made = [p.made for p in process(payouts.database, {}, None, payouts.clock)]
    assert made == [None, Made.UNKNOWN_OBJECT]
    payouts.clock.forward(days=31)
    assert [p.made for p in process(payouts.database, {}, None, payouts.clock)] == [Made.EXPIRED]
    assert [*process(payouts.database, {}, None, payouts.clock)] == []


@pytest.fixture
def emptied(payouts: Payouts) -> tuple[Payouts, Any]:
    """A payout whose second leg failed, and whose first one the provider won't give back."""
    payout = payouts.one()
    payouts.advance(payout)
    payouts.provider.finish("payout", Status.FAILED, "account_closed")
    payouts.provider.faults = [refused("balance_insufficient", permanent=True)]
    assert payouts.advance(payout).next == AskPerson(why="undo_refused", code="balance_insufficient")
    return payouts, payout


def test_what_will_not_come_back_is_a_loss_and_owed_again(emptied: tuple[Payouts, Any]) -> None:
    payouts, payout = emptied
    before = -payouts.balance(PAYABLE, "ann")
    for _ in range(2):
        write_off(payouts.database, payout.id, by="bot", reason="Emptied", at=payouts.clock())
    assert payouts.advance(payout).at.state is State.RETURNED
    assert -payouts.balance(PAYABLE, "ann") == before + payout.money.micros
    assert payouts.balance(AccountKind.PAYOUT_LOSSES) == payout.money.micros == -payouts.balance(CASH)
    assert payouts.balance(CLEARING, "ann") == 0
    assert payouts.books_balance()


def test_who_planned_it_writes_nothing_off(emptied: tuple[Payouts, Any]) -> None:
    payouts, payout = emptied
    with pytest.raises(Forbidden):
        write_off(payouts.database, payout.id, by="press", reason="Emptied", at=payouts.clock())


@pytest.mark.parametrize("stage", ["reserved", "confirmed", "settled"])
def test_what_may_still_come_is_not_written_off(payouts: Payouts, stage: str) -> None:
    payout = payouts.one()
    if stage != "reserved":
        payouts.advance(payout)
    if stage == "settled":
        payouts.provider.finish("payout")
        payouts.advance(payout)
    with pytest.raises(Conflict, match="refused to give back"):
        write_off(payouts.database, payout.id, by="bot", reason="x", at=payouts.clock())


def test_why_somebody_is_not_paid_is_recorded_once(payouts: Payouts) -> None:
    payouts.provider.minimums = {"USD": 10_000}
    payouts.run()
    payouts.run()
    with payouts.database.begin() as work:
        found = [r.fact for r in work.payouts.refusals(limit=100).items]
        of_ann = [r.fact for r in work.payouts.refusals(limit=100, party="ann").items]
    assert [(r.party, r.why) for r in of_ann] == [("ann", "below_minimum")]
    assert len({r.id for r in found}) == len(found) > 1
    payouts.provider.minimums = {}
    assert payouts.one().minor_units, "and it is paid when it can be"
