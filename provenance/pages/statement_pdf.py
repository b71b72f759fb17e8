"""A statement as a PDF: the lines, rules and charts of the page for a browser. The same sheet, the same bytes."""

from __future__ import annotations

from provenance.kernel.money import format_micros
from provenance.kernel.visible import excerpt
from provenance.pages.pdf_sheet import MARGIN, MISSING, RIGHT, PdfSheet
from provenance.pages.statement_sheet import (
    DIMENSION_WORDS,
    EVIDENCE,
    KIND_WORDS,
    Bar,
    balances,
    bars,
    drill_words,
)
from provenance.services.statements import StatementSheet
from provenance.statements.breakdown import Breakdown
from provenance.statements.line import StatementLine

NAME_CHARS_MAX = 240
LABEL_CHARS_MAX = 60
_NUMBER, _WORDS, _AMOUNT = MARGIN, MARGIN + 22, 110.0  # where columns start; the width of the amounts
_BAR_START, _BAR_WIDTH = MARGIN + 210, 150.0
_LINE_ROOM = 64.0  # a line's words are kept together as far as this
_LACKING = f"{MISSING} stands for a letter that this PDF can't draw; the JSON, CSV and HTML have it."


def statement_pdf(sheet: StatementSheet) -> bytes:
    """The document."""
    statement = sheet.statement
    heading = f"Royalty statement {statement.period.name}"
    pdf = PdfSheet(title=f"{heading}, {sheet.party_name}", subject=statement.id)
    pdf.text(heading, size=9, bold=True, soft=True)
    pdf.gap(4)
    pdf.text(excerpt(sheet.party_name, NAME_CHARS_MAX), size=18, bold=True)
    pdf.text(_facts(sheet), size=8, soft=True)
    pdf.gap(10)
    for name, micros in balances(statement):
        pdf.room(14)
        pdf.right(format_micros(micros), bold=name == "Payable")
        pdf.text(name, bold=name == "Payable")
    pdf.gap(12)
    _amount(pdf, "Opening balance", statement.opening.micros)
    for number, line in enumerate(statement.lines, start=1):
        _line(pdf, number, line)
    pdf.rule()
    _amount(pdf, f"Closing balance, carried on ({statement.currency})", statement.closing.micros)
    for tranche in statement.closing.reserves:
        words = f"In reserve since {tranche.held_in}, released by the close at {tranche.release_at:%Y-%m-%d}"
        pdf.room(14)
        pdf.right(format_micros(tranche.micros), size=8)
        pdf.text(words, x=_WORDS, size=8, soft=True)
    for breakdown in statement.breakdowns:
        if breakdown.rows:
            _chart(pdf, sheet, breakdown)
    pdf.gap(14)
    pdf.text(EVIDENCE, size=7, soft=True)
    if pdf.missing:
        pdf.text(_LACKING, size=7, soft=True)
    return pdf.bytes(f"{statement.id}   {statement.transaction or ''}")


def _facts(sheet: StatementSheet) -> str:
    period = sheet.statement.period
    return (
        f"{sheet.statement.party} · {period.since:%Y-%m-%d} to {period.until:%Y-%m-%d}, the last day excluded, UTC · "
        f"{sheet.statement.currency} · closed on {sheet.closed_at:%Y-%m-%d %H:%M:%S} UTC"
    )


def _amount(pdf: PdfSheet, words: str, micros: int) -> None:
    pdf.room(16)
    pdf.right(format_micros(micros), bold=True)
    pdf.text(words, x=_WORDS, bold=True)


def _line(pdf: PdfSheet, number: int, line: StatementLine) -> None:
    pdf.rule()
    pdf.room(_LINE_ROOM)
    said, width = line.explanation, RIGHT - _WORDS - _AMOUNT
    pdf.right(format_micros(line.micros))
    pdf.right(str(number), x=_NUMBER + 14, size=8)
    pdf.text(KIND_WORDS[line.kind], x=_WORDS, width=width, bold=True)
    under = f"{said.rule} Rounding: {said.rounding}. Under it: {drill_words(line.drill)}."
    pdf.text(under, x=_WORDS, width=width, size=7.5, soft=True)
    inputs = "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in said.inputs.items())
    pdf.text(inputs, x=_WORDS, width=width, size=7.5, soft=True)


def _chart(pdf: PdfSheet, sheet: StatementSheet, breakdown: Breakdown) -> None:
    pdf.gap(14)
    pdf.room(40)
    pdf.text(DIMENSION_WORDS[breakdown.dimension], bold=True)
    pdf.gap(3)
    for bar in bars(sheet, breakdown):
        _bar(pdf, bar)


def _bar(pdf: PdfSheet, bar: Bar) -> None:
    pdf.room(24)
    pdf.right(bar.amount, size=8)
    pdf.right(bar.percent, x=RIGHT - 90, size=8)
    pdf.bar(x=_BAR_START, width=_BAR_WIDTH * bar.length / 1_000, height=8)
    label = excerpt(bar.label, LABEL_CHARS_MAX)
    pdf.text(label if pdf.can_draw(label) else f"{label} {bar.key}", width=_BAR_START - MARGIN - 10, size=8)
    pdf.gap(3)
