"""Statements on the terminal."""

from __future__ import annotations

from provenance.cli.render import amount, cell, console, fields, percent, table
from provenance.cli.visible import visible
from provenance.kernel.money import format_micros
from provenance.pages.statement_sheet import DIMENSION_WORDS, KIND_WORDS, balances, bars, drill_words
from provenance.services.statements import StatementSheet, UnderLine
from provenance.statements.line import StatementLine


def show(sheet: StatementSheet) -> None:
    """Print a statement: what it comes to, its lines with their rules, and its breakdowns."""
    out, statement = console(), sheet.statement
    out.print(cell(f"{visible(sheet.party_name)} ({statement.party}), {statement.period.name}", "bold"))
    out.print(fields([(name, amount(micros, statement.currency)) for name, micros in balances(statement)]))
    rows: list[tuple[object, ...]] = [("", "Opening balance", format_micros(statement.opening.micros), "")]
    rows += [
        (number, KIND_WORDS[line.kind], format_micros(line.micros), f"{line.explanation.rule} {_inputs(line)}")
        for number, line in enumerate(statement.lines, start=1)
    ]
    rows.append(("", "Closing balance", format_micros(statement.closing.micros), ""))
    out.print(table("Lines", (">no.", "what", f">{statement.currency}", "by which rule, from what"), rows))
    for breakdown in statement.breakdowns:
        shown = [(bar.amount, bar.percent, bar.label) for bar in bars(sheet, breakdown)]
        if shown:
            out.print(table(DIMENSION_WORDS[breakdown.dimension], (">earned", ">part", ""), shown))
    out.print(f"Look under a line: provenance statement {statement.party} --period {statement.period.name} --line 1")


def show_under(found: UnderLine) -> None:
    """Print what lies under a line."""
    out, line, currency = console(), found.line, found.statement.currency
    out.print(cell(f"Line {found.number}: {KIND_WORDS[line.kind]}, {format_micros(line.micros)} {currency}", "bold"))
    out.print(f"{line.explanation.rule} {_inputs(line)}; rounding: {line.explanation.rounding}.")
    if found.uses is not None:
        uses = [
            (
                f"{u.recorded_at:%Y-%m-%d}",
                amount(u.fact.micros, u.fact.currency),
                percent(u.fact.share_ppb),
                u.fact.title,
                u.fact.generation,
            )
            for u in found.uses.items
        ]
        out.print(table("Uses", ("day (UTC)", ">earned", ">share", "title", "=generation"), uses))
        out.print(f"Down to the words: provenance uses {found.statement.party} GENERATION")
    if found.transactions is not None:
        posted = [
            (f"{p.recorded_at:%Y-%m-%d}", format_micros(p.fact.micros), p.fact.cause, p.fact.transaction)
            for p in found.transactions.items
        ]
        out.print(table("Transactions", ("recorded", f">{currency}", "cause", "=transaction"), posted))
    page = found.uses or found.transactions
    if page is not None and page.next_after is not None:
        out.print("There are more: raise --limit.")
    if page is not None and not page.items:
        out.print(f"Nothing lies under it: {drill_words(line.drill)}.")


def _inputs(line: StatementLine) -> str:
    explanation = line.explanation
    return "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in explanation.inputs.items())
