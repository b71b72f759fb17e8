"""Whatever happens to a party: statements foot, follow one another, and lose nothing."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from provenance.kernel.canonical import canonical_bytes
from provenance.kernel.parts import WHOLE_BASIS_POINTS
from provenance.ledger.balance import balances
from provenance.ledger.transaction import Entry
from provenance.statements.accounting_period import AccountingPeriod, PeriodKind, parse_accounting_period, period_of
from provenance.statements.addition import Addition
from provenance.statements.close import Window
from provenance.statements.closing import NOTHING, ToClose, statement_of
from provenance.statements.form import statement_form, statement_from
from provenance.statements.line import MADE_BY_CLOSE, LineKind
from provenance.statements.movement import Movement
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.postings import close_transaction
from provenance.statements.statement import Statement

FIRST = parse_accounting_period("2026-01")
DAY = date(2026, 1, 1)
MICROS = st.one_of(st.integers(-20, 20), st.integers(-(10**15), 10**15))
CAUSES = st.sampled_from(["accrual", "release", "reversal", "correction", "exchange", "payout", "dispute_return"])


@st.composite
def movements(draw: st.DrawFn) -> tuple[Movement, ...]:
    keys = draw(st.sets(st.tuples(CAUSES, st.sampled_from([None, "2025-11", "2025-12"])), max_size=5))
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return tuple(
        Movement(cause=c, micros=draw(MICROS), count=1, first_at=at, last_at=at, late_from=late)
        for c, late in sorted(keys, key=str)
    )


@st.composite
def terms(draw: st.DrawFn) -> PayoutTerms:
    reserve = draw(st.integers(0, WHOLE_BASIS_POINTS))
    return PayoutTerms(
        party="ann",
        currency="USD",
        valid_from=DAY,
        threshold_micros=draw(st.one_of(st.integers(0, 20), st.integers(0, 10**15))),
        reserve_basis_points=reserve,
        reserve_periods=draw(st.integers(1, 5)) if reserve else 0,
    )


TAXES = st.builds(
    TaxProfile,
    party=st.just("ann"),
    residence=st.just("DE"),
    payer=st.just("US"),
    basis=st.just("Treaty"),
    basis_points=st.integers(0, WHOLE_BASIS_POINTS),
    valid_from=st.just(DAY),
)
MONTHS = st.lists(st.tuples(movements(), st.integers(0, 10**15), st.integers(0, 10**12)), min_size=1, max_size=8)


def _topped_up(micros: int) -> Addition:
    return Addition(kind=LineKind.TOPPED_UP, micros=micros, by_work=(("w", micros),))


def _run(months: list[tuple[tuple[Movement, ...], int, int]], paid: PayoutTerms, tax: TaxProfile) -> list[Statement]:
    made: list[Statement] = []
    opening, advance = NOTHING, 0
    for number, (moved, more, top) in enumerate(months):
        advance += more
        statement = statement_of(
            ToClose(
                period=FIRST.after(number),
                party="ann",
                currency="USD",
                opening=opening,
                movements=moved,
                additions=(_topped_up(top),) if top else (),
                advance_micros=advance,
                terms=paid,
                tax=tax,
            )
        )
        made.append(statement)
        opening, advance = statement.closing, statement.advance_micros
    return made


@given(MONTHS, terms(), TAXES)
def test_a_chain_of_statements_comes_to_what_was_posted(
    months: list[tuple[tuple[Movement, ...], int, int]], paid: PayoutTerms, tax: TaxProfile
) -> None:
    made = _run(months, paid, tax)
    entries: list[Entry] = []
    for statement in made:
        posted = close_transaction(statement.period, "ann", "USD", statement.lines)
        entries += posted.entries if posted else ()
        assert (posted.id if posted else None) == statement.transaction
    books = {account.kind.value: micros for account, micros in balances(entries).items()}
    moved = sum(m.micros for month in months for m in month[0])
    assert made[-1].closing.micros == moved - books.get("party_payable", 0)
    assert sum(t.micros for t in made[-1].closing.reserves) == -books.get("reserve", 0)
    assert made[-1].advance_micros == sum(m[1] for m in months) + books.get("advance_recoupable", 0)
    assert sum(books.values()) == 0


@given(MONTHS, terms(), TAXES)
def test_the_close_takes_nothing_that_is_not_there(
    months: list[tuple[tuple[Movement, ...], int, int]], paid: PayoutTerms, tax: TaxProfile
) -> None:
    for statement in _run(months, paid, tax):
        posted = sum(n.micros for n in statement.lines if n.kind not in MADE_BY_CLOSE)
        before = statement.opening.micros + posted + statement.total(LineKind.TOPPED_UP, LineKind.RELEASED)
        taken = statement.total(LineKind.RECOUPED, LineKind.RESERVED, LineKind.WITHHELD)
        assert taken == 0 or statement.closing.micros >= min(0, before)
        assert statement.advance_micros >= 0
        assert statement.payable_micros in (0, statement.closing.micros)
        if statement.payable_micros:
            assert statement.closing.micros > 0
        if statement.closing.micros < 0:
            assert not statement.total(LineKind.WITHHELD)


@given(MONTHS, terms(), st.integers(1, WHOLE_BASIS_POINTS))
def test_no_more_tax_is_withheld_than_the_rate_on_what_was_ever_earned(
    months: list[tuple[tuple[Movement, ...], int, int]], paid: PayoutTerms, rate: int
) -> None:
    tax = TaxProfile(party="ann", residence="DE", payer="US", basis="Treaty", basis_points=rate, valid_from=DAY)
    made = _run(months, paid, tax)
    gains = sum(max(0, m.micros) for month in months for m in month[0]) + sum(month[2] for month in months)
    withheld = -sum(s.total(LineKind.WITHHELD) for s in made)
    assert 0 <= withheld <= gains * rate // WHOLE_BASIS_POINTS + len(made)


@given(MONTHS, terms(), TAXES)
def test_the_same_inputs_give_the_same_bytes_and_a_form_reads_back(
    months: list[tuple[tuple[Movement, ...], int, int]], paid: PayoutTerms, tax: TaxProfile
) -> None:
    shuffled = [(tuple(reversed(moved)), more, top) for moved, more, top in months]
    for one, other in zip(_run(months, paid, tax), _run(shuffled, paid, tax), strict=True):
        assert canonical_bytes(statement_form(one)) == canonical_bytes(statement_form(other))
        assert statement_from(statement_form(one)) == one


MOMENTS = st.integers(0, 394 * 24).map(lambda hours: datetime(2025, 12, 1, tzinfo=UTC) + timedelta(hours=hours))


@given(st.lists(st.tuples(MOMENTS, st.integers(1, 60)), max_size=30), st.integers(1, 12))
def test_every_fact_is_counted_by_one_close_at_most_and_in_the_end_by_one(
    facts: list[tuple[datetime, int]], closes: int
) -> None:
    """Facts with their effective time and their number in the log; a close every five numbers."""
    windows, until, seq = [], None, None
    for number in range(closes):
        period = FIRST.after(number)
        windows.append(Window(until=period.until, closed_until=until, closed_seq=seq))
        until, seq = period.until, 5 * (number + 1)
        # A close sees what was recorded before it alone.
    for effective_at, recorded in facts:
        counted = [n for n, w in enumerate(windows) if recorded < 5 * (n + 1) and w.counts(effective_at, recorded)]
        assert len(counted) <= 1
        if effective_at < windows[-1].until and recorded < 5 * closes:
            assert len(counted) == 1
            assert windows[counted[0]].is_late(effective_at) == (
                counted[0] > 0 and effective_at < windows[counted[0] - 1].until
            )


@given(st.integers(1970, 9000), st.integers(1, 12), st.sampled_from(PeriodKind), st.integers(-30, 30))
def test_periods_meet_without_a_gap(year: int, month: int, kind: PeriodKind, count: int) -> None:
    number = month if kind is PeriodKind.MONTH else (month + 2) // 3
    period = AccountingPeriod(kind=kind, year=max(year, 1980), number=number)
    assert period.after(1).since == period.until > period.since
    assert period.after(count).after(-count) == period
    assert parse_accounting_period(period.name) == period
    assert period_of(period.since, kind) == period_of(period.until - timedelta(microseconds=1), kind) == period
