"""Closed periods and their statements: lines first, then statements, and last the close that seals them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import closing_sums, line_facts, tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session
from provenance.kernel.canonical import canonical_bytes
from provenance.royalties.pool import PoolPolicy
from provenance.services.records import Page, Recorded, UseLine
from provenance.services.statement_stores import AccountMovement, LineSpan, PostedLine, StatedUse
from provenance.statements.accounting_period import AccountingPeriod, parse_accounting_period
from provenance.statements.close import PeriodClose, Window
from provenance.statements.form import statement_form, statement_from
from provenance.statements.line import LineKind
from provenance.statements.statement import Statement


class SqlStatements:
    """Implements the port `StatementStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def last_close(self) -> Recorded[PeriodClose] | None:
        """The newest."""
        return CLOSES.one(self._session)

    def close_of(self, period: AccountingPeriod) -> Recorded[PeriodClose] | None:
        """The close of a period, None where it is open."""
        return CLOSES.one(self._session, tables.period_close.c.period == period.name)

    def window_of(self, period: AccountingPeriod) -> Window:
        """Which facts a closed period's statements counted."""
        before = CLOSES.one(self._session, tables.period_close.c.until <= period.since)
        return Window(
            until=period.until,
            closed_until=before.fact.period.until if before else None,
            closed_seq=before.seq if before else None,
        )

    def closes(self) -> Sequence[Recorded[PeriodClose]]:
        """All closed periods, oldest first."""
        return CLOSES.all(self._session)

    def add(self, statements: Sequence[tuple[Statement, Sequence[LineSpan]]], at: datetime) -> None:
        """Record statements of a period that isn't closed yet, each with the spans of its lines.

        Raises:
            PeriodClosed: it is.
            Conflict: one doesn't open with what the one before closed with.
        """
        lines = [row for statement, spans in statements for row in _line_rows(statement, spans)]
        self._session.insert(tables.statement_line, lines)
        numbers = self._session.record_all([s for s, _ in statements], at)
        rows = [statement_row(s, seq, at) for (s, _), seq in zip(statements, numbers, strict=True)]
        self._session.insert(tables.statement, rows)

    def close(self, close: PeriodClose, at: datetime) -> None:
        """Seal a period. `PeriodClosed` where it isn't the next one."""
        row = {
            "seq": self._session.record(close, at),
            "period": close.period.name,
            "since": close.period.since,
            "until": close.period.until,
            "closed_by": close.closed_by,
            "statements": close.statements,
            "statements_sha256": close.statements_sha256,
            "recorded_at": at,
            "pool_policy": None if close.pool_policy is PoolPolicy.KEEP else close.pool_policy.value,
        }
        self._session.insert(tables.period_close, [row])

    def get(self, statement: str) -> Recorded[Statement] | None:
        """The statement of this id."""
        return STATEMENTS.one(self._session, tables.statement.c.id == statement)

    def currencies(self, party: str, period: AccountingPeriod) -> Sequence[str]:
        """In which currencies a party has statements of a period."""
        table = tables.statement
        of_both = sa.select(table.c.currency).where(table.c.party == party, table.c.period == period.name)
        return [row.currency for row in self._session.rows(of_both.order_by(table.c.currency))]

    def of_period(self, period: AccountingPeriod, *, after: int = 0, limit: int) -> Page[Recorded[Statement]]:
        """A period's statements, by party and currency."""
        return STATEMENTS.page(self._session, tables.statement.c.period == period.name, after=after, limit=limit)

    def of_party(self, party: str, *, after: int = 0, limit: int) -> Page[Recorded[Statement]]:
        """A party's statements, oldest first."""
        return STATEMENTS.page(self._session, tables.statement.c.party == party, after=after, limit=limit)

    def first_effective(self) -> datetime | None:
        """When money first moved."""
        table = tables.ledger_transaction
        found = self._session.first(sa.select(table.c.effective_at).order_by(table.c.effective_at).limit(1))
        return found.effective_at if found else None

    def movements(self, window: Window) -> Iterator[AccountMovement]:
        """What was posted to parties' accounts, by party, currency, cause and closed month."""
        return closing_sums.movements(self._session, window)

    def uses(self, window: Window) -> Iterator[StatedUse]:
        """All accruals and releases that count, streamed."""
        return closing_sums.uses(self._session, window)

    def advances(self, window: Window) -> Mapping[tuple[str, str], int]:
        """Micro-units of advances that were not recouped yet, by party and currency."""
        return closing_sums.advances(self._session, window)

    def works_stating(self, bound: str) -> Sequence[str]:
        """Works of which a licence states, or stated, this bound of a period: ``guarantee``, ``advance``."""
        return closing_sums.works_stating(self._session, bound)

    def advanced_licences(self) -> Set[str]:
        """Versions of licences whose advance a statement paid."""
        line, table = tables.statement_line, tables.statement
        paying = sa.select(line.c.statement).where(line.c.kind == sa.literal_column("'advanced'"))
        forms = self._session.rows(sa.select(table.c.form).where(table.c.id.in_(paying)))
        lines = (line for row in forms for line in json.loads(row.form)["lines"])
        return {line["inputs"]["licence"] for line in lines if line["kind"] == LineKind.ADVANCED.value}

    def earned_under(self, licences: Collection[str], since: datetime, until: datetime, currency: str) -> int:
        """What uses under these licences earned all claimants, effective from ``since`` on and before ``until``."""
        return closing_sums.earned_under(self._session, licences, since, until, currency)

    def line_uses(
        self, statement: Statement, number: int, window: Window, *, after: int = 0, limit: int
    ) -> Page[Recorded[UseLine]]:
        """The accruals and releases under a line; ``recorded_at`` is when each was effective."""
        span = self._span(statement, number)
        return line_facts.uses(self._session, statement, number, window, span, after=after, limit=limit)

    def line_transactions(
        self, statement: Statement, number: int, window: Window, *, after: int = 0, limit: int
    ) -> Page[Recorded[PostedLine]]:
        """The transactions under a line."""
        span = self._span(statement, number)
        return line_facts.transactions(self._session, statement, number, window, span, after=after, limit=limit)

    def _span(self, statement: Statement, number: int) -> LineSpan:
        line = tables.statement_line
        found = self._session.first(
            sa.select(line.c.first, line.c.last).where(line.c.statement == statement.id, line.c.number == number)
        )
        return LineSpan(first=found.first, last=found.last) if found else LineSpan()


def _line_rows(statement: Statement, spans: Sequence[LineSpan]) -> list[dict[str, object]]:
    return [
        {
            "statement": statement.id,
            "number": number,
            "kind": line.kind.value,
            "micros": line.micros,
            "first": span.first,
            "last": span.last,
        }
        for number, (line, span) in enumerate(zip(statement.lines, spans, strict=True), start=1)
    ]


def statement_row(statement: Statement, seq: int, at: datetime) -> dict[str, object]:
    """All columns of a statement's row."""
    return {
        "seq": seq,
        "id": statement.id,
        "period": statement.period.name,
        "party": statement.party,
        "currency": statement.currency,
        "opening_micros": statement.opening.micros,
        "closing_micros": statement.closing.micros,
        "payable_micros": statement.payable_micros,
        "transaction_id": statement.transaction,
        "form": canonical_bytes(statement_form(statement)).decode(),
        "recorded_at": at,
    }


def _statements(_: Session, rows: Sequence[Row]) -> list[Statement]:
    return [statement_from(json.loads(row.form)) for row in rows]


def _closes(_: Session, rows: Sequence[Row]) -> list[PeriodClose]:
    return [
        PeriodClose(
            period=parse_accounting_period(row.period),
            closed_by=row.closed_by,
            statements=row.statements,
            statements_sha256=row.statements_sha256,
            pool_policy=PoolPolicy(row.pool_policy) if row.pool_policy else PoolPolicy.KEEP,
        )
        for row in rows
    ]


STATEMENTS = FactRows(table=tables.statement, select=sa.select(tables.statement), rebuild=_statements)
CLOSES = FactRows(table=tables.period_close, select=sa.select(tables.period_close), rebuild=_closes)
