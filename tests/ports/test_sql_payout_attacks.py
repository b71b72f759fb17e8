"""What the database refuses of payouts in raw SQL, past all of our code."""

from typing import Any

import pytest

from provenance.adapters.sql.tables import metadata
from provenance.migrations.r0011.guards import APPEND_ONLY
from provenance.payouts.event import RANKS, State, may_follow

from .payout_story import Payouts

NOW = "'2026-12-06T08:00:00.000000Z'"
LAST = "(SELECT max(seq) FROM leaf)"
ANN = "(SELECT id FROM payout WHERE party = 'ann' AND currency = 'USD' AND number = 1)"
EVENTS = "payout_event WHERE payout = " + ANN
BOBS = (
    "l.statement, l.number, l.micros FROM statement_line l JOIN statement s ON s.id = l.statement"
    " WHERE s.party = 'bob' AND s.currency = 'USD' AND l.kind <> 'paid'"
)


def leaf(kind: str, fact: str) -> str:
    number = "(SELECT coalesce(max(seq), 0) + 1 FROM leaf)"
    return f"INSERT INTO leaf (seq, kind, fact, fact_sha256) VALUES ({number}, '{kind}', '{fact}', '{'0' * 64}')"


def insert(table: str, id_: str, columns: dict[str, str]) -> tuple[str, str]:
    row = {"seq": LAST, "id": f"'{id_}'", "recorded_at": NOW} | columns
    return leaf(table, id_), f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})"


def event(what: str = "retried", state: str = "", **columns: str) -> tuple[str, str]:
    """The next event of ann's payout."""
    row = {
        "payout": ANN,
        "number": f"(SELECT max(number) + 1 FROM {EVENTS})",
        "what": f"'{what}'",
        "state": f"'{state}'" if state else f"(SELECT state FROM {EVENTS} ORDER BY number DESC LIMIT 1)",
        "code": "''",
        "reason": "''",
    }
    return insert("payout_event", "new", row | columns)


def payout(lines: tuple[str, ...] = (), **columns: str) -> tuple[str, ...]:
    """Another payout of ann's, with the lines of the first one unless others are given."""
    row = {
        "party": "'ann'",
        "currency": "'USD'",
        "number": "2",
        "statement": f"(SELECT statement FROM payout WHERE id = {ANN})",
        "carried_in_micros": "0",
        "minor_units": "1",
        "micros": "10000",
        "provider": "'fake'",
        "account": f"(SELECT account FROM payout WHERE id = {ANN})",
        "legs": "'transfer*'",
        "approvals": "1",
        "planned_by": "'press'",
    }
    of_first = f"INSERT INTO payout_line SELECT 'new', statement, number, micros FROM payout_line WHERE payout = {ANN}"
    return (*(lines or (of_first,)), *insert("payout", "new", row | columns))


@pytest.fixture
def sent(payouts: Payouts) -> Payouts:
    """Ann's payout is confirmed; what the provider has reported is in the inbox."""
    from provenance.payouts.reported import About, Made, Reported

    payouts.advance(payouts.one())
    payouts.run("press")  # which is owed less than a cent
    with payouts.database.begin(write=True) as work:
        work.inbox.add(
            Reported(
                provider="fake",
                id="evt_1",
                type="x",
                about=About.OTHER,
                object="o",
                account=None,
                currency=None,
                minor_units=None,
                key=None,
                payload_sha256="0" * 64,
            ),
            payouts.clock(),
        )
        work.inbox.settle(1, Made.UNKNOWN_TYPE, None, payouts.clock())
        work.commit()
    return payouts


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_no_row_is_changed_or_removed(sent: Payouts, raw: Any, table: str, change: str) -> None:
    column = next(iter(metadata.tables[table].columns)).name
    assert raw(f"SELECT count(*) FROM {table}")[0][0] > 0
    assert "append-only" in raw.refused(change.format(table, column, column))


ATTACKS: dict[str, tuple[tuple[str, ...], str]] = {
    "a line that a live payout settles": (payout(), "another one settles a line"),
    "more than its lines come to": (payout(("SELECT 1",)), "more than its lines"),
    "a number that isn't the next": (payout(("SELECT 1",), number="3"), "number is not the next|more than its lines"),
    "the statement of another party": (payout((f"INSERT INTO payout_line SELECT 'new', {BOBS}",)), "another party"),
    "the account of another party": (
        payout(account="(SELECT id FROM payee_account WHERE party = 'bob')"),
        "another party|settles a line",
    ),
    "a line of another amount": (
        payout(
            (
                "INSERT INTO payout_line SELECT 'new', statement, number, micros + 1 FROM payout_line WHERE payout = "
                + ANN,
            )
        ),
        "not what its statement says",
    ),
    "a line after the payout": (
        (f"INSERT INTO payout_line SELECT {ANN}, {BOBS}",),
        "sealed",
    ),
    "an amount of nothing": (payout(minor_units="0", micros="0"), "ck_payout_amount|CHECK|settles a line"),
    "an account that is another's": (
        insert(
            "payee_account",
            "new",
            {"party": "'press'", "provider": "'fake'", "account": "'acct_ann'", "number": "1"},
        ),
        "another party",
    ),
    "an attempt of what is not reserved": (
        insert(
            "payout_attempt", "new", {"payout": "'payout_none'", "leg": "'transfer'", "ordinal": "1", "undoes": "NULL"}
        ),
        "before it is reserved",
    ),
    "an attempt out of turn": (
        insert("payout_attempt", "new", {"payout": ANN, "leg": "'transfer'", "ordinal": "3", "undoes": "NULL"}),
        "attempt is not the next",
    ),
    "the attempt again": (
        insert("payout_attempt", "new", {"payout": ANN, "leg": "'transfer'", "ordinal": "1", "undoes": "NULL"}),
        "attempt is not the next",
    ),
    "an event out of turn": (event(number="99"), "event is not the next"),
    "a state that moves back": (event(state="planned"), "only moves forward"),
    "returned without having failed": (event("returned", "returned"), "only moves forward|transaction"),
    "cancelled while it is out": (event("cancelled", "cancelled"), "only moves forward"),
    "reserved by nobody's transaction": (event("reserved"), "transaction"),
    "the transaction of something else": (
        event("done", transaction_id="(SELECT id FROM ledger_transaction WHERE cause = 'accrual' LIMIT 1)"),
        "transaction",
    ),
    "an attempt that is another payout's": (event("unknown", attempt="'payout_none:transfer:1'"), "another one"),
    "an approval twice": (
        insert("payout_approval", "new", {"payout": ANN, "approved_by": "'press'"}),
        "duplicate|uq_payout_approval",
    ),
    "a report twice": (
        (
            "INSERT INTO webhook_event (seq, provider, id, type, about, object, payload_sha256, received_at)"
            f" VALUES (2, 'fake', 'evt_1', 'x', 'other', 'o', '{'0' * 64}', {NOW})",
        ),
        "duplicate|uq_webhook_event",
    ),
    "a report that is told twice": (
        (f"INSERT INTO webhook_outcome (event, outcome, processed_at) VALUES (1, 'looked', {NOW})",),
        "duplicate|pk_webhook_outcome",
    ),
    "a payout without a leaf": ((payout()[0], payout(seq="999")[-1]), "FOREIGN KEY|fk_payout|settles a line"),
}


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_is_refused(sent: Payouts, raw: Any, name: str) -> None:
    import re

    statements, words = ATTACKS[name]
    said = raw.refused(*statements)
    assert re.search(words, said), said


def test_what_ended_takes_no_event(payouts: Payouts, raw: Any) -> None:
    from provenance.services.payout_decisions import cancel

    cancel(payouts.database, payouts.one().id, by="press", reason="x", at=payouts.clock())
    assert "only moves forward" in raw.refused(*event())
    raw(*payout())  # and another one settles its lines


def test_nothing_is_settled_that_was_not_sent(payouts: Payouts, raw: Any) -> None:
    payouts.one()
    assert "on its way" in raw.refused(*event("done", "settled"))
    assert "on its way" in raw.refused(*event("cancelled", "cancelled"))


def test_nothing_is_returned_while_its_cash_is_out(sent: Payouts, raw: Any) -> None:
    from provenance.payouts import postings

    with sent.database.begin() as work:
        found = work.payouts.page(limit=1).items[0].fact.payout
    with sent.database.begin(write=True) as work:
        work.books.post(postings.returned(found, at=sent.clock()), sent.clock())
        work.commit()
    raw(*event("failed", "failed"))
    posted = "(SELECT id FROM ledger_transaction WHERE cause = 'payout_returned')"
    last = [s.replace("'new'", "'newer'") for s in event("returned", "returned", transaction_id=posted)]
    assert "on its way" in raw.refused(*last)


def test_a_payout_is_approved_by_as_many_as_it_needs(payouts: Payouts, raw: Any) -> None:
    from provenance.payouts.approval import parse_limits

    payouts.limits = parse_limits("")
    payouts.one()
    assert "too few" in raw.refused(*event("approved", "approved", number="1"))


@pytest.mark.parametrize("before", list(State))
def test_the_database_allows_the_moves_that_the_states_allow(before: State) -> None:
    """The rule stands twice: here, and in the words of the trigger, which the ranks below are those of."""
    from provenance.migrations.r0011.guards import REFUSED

    words = next(wrong for table, wrong, message in REFUSED if message.endswith("forward"))
    for state, rank in RANKS.items():
        assert f"WHEN '{state}' THEN {rank}" in words or rank == 7
    ended = {State.RETURNED, State.CANCELLED}
    for after in State:
        refused = (
            before in ended
            or RANKS[after] < RANKS[before]
            or (after is State.RETURNED and before is not State.FAILED)
            or (after is State.CANCELLED and RANKS[before] > 3)
        )
        assert may_follow(before, after) is not refused, (before, after)
