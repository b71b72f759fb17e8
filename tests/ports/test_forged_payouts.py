"""An export with payouts passes its checks; one in which a payout was bent, and all made to fit, doesn't."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.zip_archive import ZipReader, writing_zip
from provenance.ledger.journal import JournalFormat
from provenance.payouts.event import State
from provenance.payouts.outcome import Status
from provenance.services.check_export import check_export
from provenance.services.export import export_period
from provenance.services.journal import journal
from provenance.services.payout_decisions import cancel, write_off
from provenance.statements.period import THE_BEGINNING, Period

from .closing_story import close
from .payout_story import Payouts, lost, refused
from .test_forged_statements import OVERLAPS, Bent, Form

PAID = "payouts settle lines of closed statements, once, and post what they pay"
CAUSED = "each transaction has a cause in the export"
LABELS = "names, titles and reasons have the digests of the facts that they belong to"
SOURCES = "statements count every entry of the books, once"
LATER = datetime(2027, 1, 5, tzinfo=UTC)


@pytest.fixture(params=["sqlite"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def paid(database: SqlDatabase, opened: Any) -> Payouts:
    """One payout settled after a lost answer, one returned and one cancelled."""
    big = opened.generation("big", price="200.000001")
    with database.begin(write=True) as work:
        opened.record_generation(work, big)
        opened.record_review(work, big)
        work.commit()
    close(database)
    story = Payouts(database)
    story.ready("ann", "bob", "press")
    payouts = {p.party: p for p in story.run().payouts if p.currency == "USD"}
    story.provider.faults = [lost(story.provider)]
    for _ in range(3):
        story.advance(payouts["ann"])
        story.clock.forward(hours=1)
    story.provider.finish("payout")
    assert story.advance(payouts["ann"]).at.state is State.SETTLED
    story.provider.faults = [refused("declined", permanent=True)]
    assert story.advance(payouts["bob"]).at.state is State.RETURNED
    again = story.one("bob")
    story.advance(again)
    story.provider.finish("payout", Status.FAILED, "could_not_process")
    story.provider.faults = [refused("balance_insufficient", permanent=True)]
    story.advance(again)
    write_off(database, again.id, by="bot", reason="Emptied", at=story.clock())
    assert story.advance(again).at.state is State.RETURNED
    cancel(database, payouts["press"].id, by="press", reason="=Wrong", at=story.clock())
    story.run("press")
    return story


@pytest.fixture
def bent(database: SqlDatabase, paid: Payouts, tmp_path: Path) -> Bent:
    with writing_zip(tmp_path / "export.zip") as archive:
        period = Period(since=THE_BEGINNING, until=LATER)
        export_period(database, archive, period, at=LATER, progress=lambda _: None)
    reader = ZipReader(tmp_path / "export.zip")
    files = {name: b"".join(reader.lines(name)) for name in reader.names()}
    return Bent(files, tmp_path / "bent.zip")


def test_what_was_not_bent_passes(bent: Bent) -> None:
    assert bent.failed() == set()


def test_an_export_of_a_later_period_names_what_lies_before_it(
    database: SqlDatabase, paid: Payouts, tmp_path: Path
) -> None:
    with writing_zip(tmp_path / "export.zip") as archive:
        since = paid.clock() + timedelta(days=1)
        export_period(database, archive, Period(since=since, until=LATER), at=LATER, progress=lambda _: None)
    found = {check.name for check in check_export(ZipReader(tmp_path / "export.zip")) if check.failed}
    assert found <= {OVERLAPS}


def _of(happened: str, **changes: Any) -> Callable[[Form], None]:
    def change(form: Form) -> None:
        if form["what"] == happened:
            form.update(changes)

    return change


def _line(**changes: Any) -> Callable[[Form], None]:
    def change(form: Form) -> None:
        if form["party"] == "ann":
            form["lines"][0].update(changes)

    return change


FORGERIES: dict[str, tuple[str, Callable[[Form], None]]] = {
    "a line of another amount": ("payout", _line(micros="25004322")),
    "a line of another statement": ("payout", _line(statement="statement_none")),
    "a line twice": ("payout", lambda f: f["lines"].append(f["lines"][0])),
    "another amount": ("payout", lambda f: f.update(minor_units=f["minor_units"] + 1)),
    "more carried on": ("payout", lambda f: f.update(carried_out_micros="1")),
    "more carried in": ("payout", lambda f: f.update(carried_in_micros="1")),
    "another party": ("payout", lambda f: f.update(party="bob")),
    "another number": ("payout", lambda f: f.update(number=f["number"] + 1)),
    "more approvals needed": ("payout", lambda f: f.update(approvals=2)),
    "an approval of another payout": ("payout_approval", lambda f: f.update(payout="payout_none")),
    "an attempt out of turn": ("payout_attempt", lambda f: f.update(ordinal=f["ordinal"] + 1)),
    "an attempt of another leg": ("payout_attempt", lambda f: f.update(leg="wire")),
    "an event out of turn": ("payout_event", lambda f: f.update(number=f["number"] + 1)),
    "a state that moves back": ("payout_event", _of("accepted", state="planned")),
    "a payout that is settled, and isn't": ("payout_event", _of("begun", state="settled")),
    "what came back and didn't": ("payout_event", _of("declined", state="returned")),
    "nothing posted": ("payout_event", _of("reserved", transaction=None)),
    "nothing posted for what was sent": ("payout_event", _of("done", transaction=None)),
    "posted by another event": ("payout_event", _of("done", transaction="txn_none")),
    "a transaction under another key": ("payout_event", _of("returned", what="reserved")),
    "an attempt that isn't there": ("payout_event", _of("done", attempt="nobody:transfer:1")),
    "a loss that was none": ("payout_event", _of("written_off", what="bounced")),
    "no such word": ("payout_event", _of("done", what="paid")),
}


@pytest.mark.parametrize("name", sorted(FORGERIES))
def test_a_bent_payout_is_found_out(bent: Bent, name: str) -> None:
    kind, change = FORGERIES[name]
    bent.change(kind, change)
    assert PAID in bent.failed()


def test_less_cash_than_was_paid_is_found_out(bent: Bent) -> None:
    def change(form: Form) -> None:
        if form["cause"] == "payout_sent":
            for entry in form["entries"]:
                entry["micros"] = str(int(entry["micros"]) // 2)

    bent.change("transaction", change)
    assert PAID in bent.failed()


def test_a_payment_that_no_payout_made_is_found_out(bent: Bent) -> None:
    bent.change("transaction", lambda f: f.update(cause="payout_sent") if f["cause"] == "accrual" else None)
    assert CAUSED in bent.failed()


def test_another_reason_is_found_out(bent: Bent) -> None:
    bent.change("payout_event", _of("cancelled", reason_sha256="0" * 64))
    assert LABELS in bent.failed()


@pytest.mark.parametrize("form", list(JournalFormat))
def test_other_programs_get_the_accounts_of_payouts(database: SqlDatabase, paid: Payouts, form: JournalFormat) -> None:
    text = "".join(journal(database, form, at=LATER))
    assert "payout_cash" in text or "PayoutCash" in text
    assert ("liabilities:payout_clearing:ann" in text) or ("Liabilities:PayoutClearing:P-ann" in text)
