"""A statement as canonical JSON and back: what its leaf commits to, and what every rendering is made from.

It names works, parties and transactions by their ids: a title can be erased, and the leaf still verifies.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from provenance.kernel.canonical import Json
from provenance.kernel.money import MicroUnits
from provenance.royalties.recoupment import OpenAdvance
from provenance.statements.accounting_period import parse_accounting_period
from provenance.statements.breakdown import Breakdown, BreakdownRow, Dimension
from provenance.statements.line import Drill, DrillKind, Explanation, LineKind, StatementLine
from provenance.statements.statement import Carried, ReserveTranche, Statement

STATEMENT_FORMAT = "provenance-statement-1"

Form = Mapping[str, Any]


def statement_form(statement: Statement) -> dict[str, Json]:
    """The form; amounts are micro-units as strings, for they may exceed what a JSON number holds exactly."""
    return {
        "format": STATEMENT_FORMAT,
        "id": statement.id,
        "party": statement.party,
        "currency": statement.currency,
        "period": statement.period.name,
        "since": _moment(statement.period.since),
        "until": _moment(statement.period.until),
        "opening": _carried(statement.opening),
        "lines": [_line(line) for line in statement.lines],
        "closing": _carried(statement.closing),
        "payable_micros": str(statement.payable_micros),
        "threshold_micros": str(statement.threshold_micros),
        "advance_micros": str(statement.advance_micros),
        "payout_terms": statement.payout_terms,
        "tax_profile": statement.tax_profile,
        "transaction": statement.transaction,
        "royalties_micros": str(statement.royalties_micros),
        "breakdowns": [_breakdown(b) for b in statement.breakdowns],
    }


def statement_from(form: Form) -> Statement:
    """The statement of a form. `statement_form` of it is the same form.

    Raises:
        KeyError, TypeError, ValueError, InvalidInput, AssertionError: it is no form of a statement, or doesn't foot.
    """
    return Statement(
        party=form["party"],
        currency=form["currency"],
        period=parse_accounting_period(form["period"]),
        opening=_carried_from(form["opening"]),
        lines=tuple(_line_from(line) for line in form["lines"]),
        closing=_carried_from(form["closing"]),
        payable_micros=int(form["payable_micros"]),
        threshold_micros=int(form["threshold_micros"]),
        advance_micros=int(form["advance_micros"]),
        payout_terms=form["payout_terms"],
        tax_profile=form["tax_profile"],
        transaction=form["transaction"],
        royalties_micros=int(form["royalties_micros"]),
        breakdowns=tuple(_breakdown_from(b) for b in form["breakdowns"]),
    )


def _carried(carried: Carried) -> dict[str, Json]:
    form: dict[str, Json] = {
        "micros": str(carried.micros),
        "untaxed_micros": str(carried.untaxed_micros),
        "reserves": [
            {"held_in": t.held_in, "micros": str(t.micros), "release_at": _moment(t.release_at)}
            for t in carried.reserves
        ],
        "statement": carried.statement,
    }
    if carried.advances:  # a form of before there were any is the same
        form["advances"] = [_advance(a) for a in carried.advances]
    return form


def _advance(advance: OpenAdvance) -> dict[str, Json]:
    return {
        "id": advance.id,
        "paid_on": advance.paid_on.isoformat(),
        "micros": str(advance.outstanding),
        "work": advance.work,
        "basis_points": advance.basis_points,
    }


def _advance_from(form: Form) -> OpenAdvance:
    return OpenAdvance(
        id=form["id"],
        paid_on=date.fromisoformat(form["paid_on"]),
        outstanding=MicroUnits(int(form["micros"])),
        work=form["work"],
        basis_points=form["basis_points"],
    )


def _carried_from(form: Form) -> Carried:
    return Carried(
        micros=int(form["micros"]),
        untaxed_micros=int(form["untaxed_micros"]),
        reserves=tuple(
            ReserveTranche(
                held_in=t["held_in"], micros=int(t["micros"]), release_at=datetime.fromisoformat(t["release_at"])
            )
            for t in form["reserves"]
        ),
        advances=tuple(_advance_from(a) for a in form.get("advances", ())),
        statement=form["statement"],
    )


def _line(line: StatementLine) -> dict[str, Json]:
    said, drill = line.explanation, line.drill
    return {
        "kind": line.kind.value,
        "micros": str(line.micros),
        "count": line.count,
        "rule": said.rule,
        "inputs": dict(said.inputs),
        "rounding": said.rounding,
        "drill": {"kind": drill.kind.value, "cause": drill.cause, "late_from": drill.late_from},
    }


def _line_from(form: Form) -> StatementLine:
    drill = form["drill"]
    return StatementLine(
        kind=LineKind(form["kind"]),
        micros=int(form["micros"]),
        count=form["count"],
        explanation=Explanation(rule=form["rule"], inputs=dict(form["inputs"]), rounding=form["rounding"]),
        drill=Drill(kind=DrillKind(drill["kind"]), cause=drill["cause"], late_from=drill["late_from"]),
    )


def _breakdown(breakdown: Breakdown) -> dict[str, Json]:
    return {
        "dimension": breakdown.dimension.value,
        "rows": [{"key": row.key, "micros": str(row.micros), "uses": row.uses} for row in breakdown.rows],
        "others_micros": str(breakdown.others_micros),
        "others_count": breakdown.others_count,
    }


def _breakdown_from(form: Form) -> Breakdown:
    return Breakdown(
        dimension=Dimension(form["dimension"]),
        rows=tuple(BreakdownRow(key=r["key"], micros=int(r["micros"]), uses=r["uses"]) for r in form["rows"]),
        others_micros=int(form["others_micros"]),
        others_count=form["others_count"],
    )


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
