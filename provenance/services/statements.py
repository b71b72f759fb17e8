"""Find a party's statements, and what lies under each of their lines. Reads alone: a statement was made by a close."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.errors import InvalidInput, NotFound
from provenance.services.ports import Database, UnitOfWork
from provenance.services.records import Page, Recorded, UseLine
from provenance.services.statement_stores import PostedLine
from provenance.statements.accounting_period import AccountingPeriod
from provenance.statements.breakdown import Dimension
from provenance.statements.line import DrillKind, StatementLine
from provenance.statements.postings import CLOSE
from provenance.statements.statement import Statement, statement_id

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSheet:
    """A statement, its party's name, the titles of its works by id, and when its period was closed."""

    statement: Statement
    party_name: str
    titles: Mapping[str, str]
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderLine:
    """A line, and a page of what lies under it: single uses, or transactions; one of the two pages is None."""

    statement: Statement
    number: int
    uses: Page[Recorded[UseLine]] | None = None
    transactions: Page[Recorded[PostedLine]] | None = None

    @property
    def line(self) -> StatementLine:
        """The line itself."""
        return self.statement.lines[self.number - 1]


def find_statement(
    database: Database, party: str, period: AccountingPeriod, *, currency: str | None = None
) -> StatementSheet:
    """The statement of a party's period; ``currency`` may be left out where there is one.

    Raises:
        NotFound: there is none.
        InvalidInput: there are several, and none was asked for.
    """
    with database.begin() as work:
        return _sheets(work, [_one(work, party, period, currency)])[0]


def with_names(database: Database, statement: Statement, *, at: datetime) -> StatementSheet:
    """A statement that isn't recorded, as of ``at``, with the names that it would be shown under."""
    with database.begin() as work:
        return _sheets(work, [Recorded(seq=0, fact=statement, recorded_at=at)])[0]


def sheets_of_period(database: Database, period: AccountingPeriod) -> Iterator[StatementSheet]:
    """All statements of a closed period, by party and currency, `PAGE` in memory at a time."""
    after: int | None = 0
    while after is not None:
        with database.begin() as work:
            page = work.statements.of_period(period, after=after, limit=PAGE)
            sheets = _sheets(work, page.items)
        yield from sheets
        after = page.next_after


def _sheets(work: UnitOfWork, recorded: Sequence[Recorded[Statement]]) -> list[StatementSheet]:
    """Statements with the names that they are shown under: asked for once, for all."""
    of = {
        r.fact.id: {row.key for b in r.fact.breakdowns if b.dimension is Dimension.WORK for row in b.rows}
        for r in recorded
    }
    works = work.works.many({name for names in of.values() for name in names})
    parties = work.parties.many({r.fact.party for r in recorded})
    return [
        StatementSheet(
            statement=r.fact,
            party_name=parties[r.fact.party].name,
            titles={name: works[name].title for name in sorted(of[r.fact.id])},
            closed_at=r.recorded_at,
        )
        for r in recorded
    ]


def _works(statement: Statement) -> set[str]:
    return {row.key for b in statement.breakdowns if b.dimension is Dimension.WORK for row in b.rows}


def under_line(
    database: Database,
    party: str,
    period: AccountingPeriod,
    number: int,
    *,
    currency: str | None = None,
    after: int = 0,
    limit: int,
) -> UnderLine:
    """A page of what a line sums; lines count from 1. From a use `report.use_details` leads to spans and evidence.

    Raises:
        NotFound: no such statement, or no such line.
        InvalidInput: there are several statements, and no currency was asked for.
    """
    with database.begin() as work:
        statement = _one(work, party, period, currency).fact
        if not 1 <= number <= len(statement.lines):
            raise NotFound(f"There is no line {number}.", mend=f"It has {len(statement.lines)}.", line=number)
        drill, window = statement.lines[number - 1].drill, work.statements.window_of(period)
        if drill.kind is DrillKind.ACCRUALS:
            uses = work.statements.line_uses(statement, number, window, after=after, limit=limit)
            return UnderLine(statement=statement, number=number, uses=uses)
        if drill.kind is DrillKind.TRANSACTIONS:
            posted = work.statements.line_transactions(statement, number, window, after=after, limit=limit)
        else:
            posted = _closing(work, statement)
        return UnderLine(statement=statement, number=number, transactions=posted)


def _one(work: UnitOfWork, party: str, period: AccountingPeriod, currency: str | None) -> Recorded[Statement]:
    if currency is None:
        found = work.statements.currencies(party, period)
        if len(found) > 1:
            raise InvalidInput(
                f"There are statements of {period.name} in {', '.join(found)}.",
                mend="Say which currency.",
                field="currency",
            )
        currency = found[0] if found else ""
    recorded = work.statements.get(statement_id(period, party, currency)) if currency else None
    if recorded is None:
        raise NotFound(
            f"There is no statement of {period.name} for {party!r}.",
            mend="Only closed periods have statements, of parties that something was owed to.",
            party=party,
            period=period.name,
        )
    return recorded


def _closing(work: UnitOfWork, statement: Statement) -> Page[Recorded[PostedLine]]:
    """The one transaction that the close posted, if it posted any: some lines cancel each other out."""
    posted = work.books.get(statement.transaction) if statement.transaction else None
    if posted is None:
        return Page(items=(), next_after=None)
    transaction = posted.fact
    assert transaction.cause == CLOSE, "a statement names what its close posted"
    micros = sum(-e.micros for e in transaction.entries if e.account.id.startswith("party_payable/"))
    line = PostedLine(
        transaction=transaction.id,
        business_key=transaction.business_key,
        cause=transaction.cause,
        effective_at=transaction.effective_at,
        corrects=transaction.corrects,
        micros=micros,
    )
    return Page(items=(Recorded(seq=posted.seq, fact=line, recorded_at=posted.recorded_at),), next_after=None)
