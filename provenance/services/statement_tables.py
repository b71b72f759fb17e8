"""How the forms of periods, statements and payees become spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from provenance.kernel.money import format_micros

Form = Mapping[str, Any]
Rows = Callable[[Form], Iterator[tuple[object, ...]]]


def _payout_terms(form: Form) -> Iterator[tuple[object, ...]]:
    yield (
        form["id"],
        form["party"],
        form["currency"],
        form["valid_from"],
        format_micros(int(form["threshold_micros"])),
        form["reserve_basis_points"],
        form["reserve_periods"],
        form["recorded_at"],
    )


def _statements(form: Form) -> Iterator[tuple[object, ...]]:
    yield (
        form["id"],
        form["period"],
        form["party"],
        form["currency"],
        format_micros(int(form["opening"]["micros"])),
        format_micros(int(form["closing"]["micros"])),
        format_micros(int(form["payable_micros"])),
        form["transaction"],
        form["recorded_at"],
    )


def _lines(form: Form) -> Iterator[tuple[object, ...]]:
    for number, line in enumerate(form["lines"], start=1):
        drill = line["drill"]
        amount = format_micros(int(line["micros"]))
        said = (line["rule"], line["rounding"], drill["kind"], drill["cause"], drill["late_from"])
        yield form["id"], number, line["kind"], amount, form["currency"], line["count"], *said


STATEMENT_TABLES: Mapping[str, Mapping[str, tuple[Sequence[str], Rows]]] = {
    "payout_terms": {
        "payout_terms": (
            "id party currency valid_from threshold reserve_basis_points reserve_periods recorded_at".split(),
            _payout_terms,
        )
    },
    "statement": {
        "statements": (
            "statement period party currency opening closing payable transaction recorded_at".split(),
            _statements,
        ),
        "statement_lines": (
            "statement line kind amount currency count rule rounding under cause late_from".split(),
            _lines,
        ),
    },
}
