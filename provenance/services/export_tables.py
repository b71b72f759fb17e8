"""How the forms of facts become spreadsheets: for each kind, tables by name with their columns, and their CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from provenance.kernel.money import format_micros
from provenance.services.statement_tables import STATEMENT_TABLES

Row = tuple[object, ...]
Form = Mapping[str, Any]
Table = tuple[Sequence[str], Callable[[Form], Iterator[Row]]]


def table_csv(table: Table, forms: Iterable[Form]) -> Iterator[bytes]:
    """The CSV of a table from the forms of its kind, row by row: an export writes it, and its check compares it."""
    columns, rows = table
    return csv_rows(columns, (row for form in forms for row in rows(form)))


def csv_rows(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """CSV in UTF-8, row by row, under a row of column names."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in chain([columns], rows):
        writer.writerow([_cell(v) for v in row])
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


def texts_of_cell(cell: str) -> tuple[str, ...]:
    """The texts that could stand in a cell that reads so: the cell itself, and without the apostrophe that led it."""
    return (cell, cell[1:]) if cell[:1] == "'" and _cell(cell[1:]) == cell else (cell,)


def _cell(value: object) -> object:
    """A cell that a spreadsheet shows and never runs: text that would start a formula is led by an apostrophe."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(value):
        return f"'{value}"
    return "" if value is None else value


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def _plain(*columns: str) -> Table:
    return columns, lambda form: iter([tuple(form[c] for c in columns)])


def _subscriptions(form: Form) -> Iterator[Row]:
    money = form["money"]
    amount = format_micros(int(money["micros"]))
    yield (
        form["id"],
        form["service"],
        form["period"],
        amount,
        money["currency"],
        form["transaction"],
        form["recorded_at"],
    )


def _claims(form: Form) -> Iterator[Row]:
    for party, basis_points in form["basis_points"].items():
        yield form["id"], form["work"], form["valid_from"], party, basis_points, form["recorded_at"]


def _licences(form: Form) -> Iterator[Row]:
    terms = form["terms"]
    fee = terms.get("fee") or {}
    yield (
        form["id"],
        form["work"],
        form["number"],
        terms["kind"],
        terms.get("rate_basis_points"),
        fee.get("amount"),
        fee.get("currency"),
        form["valid_from"],
        form["valid_until"],
        form["territory"],
        form["purpose"],
        form.get("risk_basis_points_max"),
        form["recorded_at"],
    )


def _overlaps(form: Form) -> Iterator[Row]:
    sides = [form[side][c] for side in ("later", "earlier") for c in OVERLAP_SIDE]
    by = form["found_by"]
    row = (form["first"], form["passages_found"], by["method"], by["encoder"], by["snapshot"], form["recorded_at"])
    yield form["id"], *sides, *row


def _passages(form: Form) -> Iterator[Row]:
    for p in form["passages"]:
        yield form["id"], p["kind"], *p["later_span"], *p["earlier_span"], p["words"]


def _generations(form: Form) -> Iterator[Row]:
    price, by = form["price"], form["decided_by"]
    yield (
        form["id"],
        form["service"],
        form["external_id"],
        form["recorded_at"],
        format_micros(int(price["micros"])),
        price["currency"],
        len(form["parts"]),
        form["unattributed_ppb"],
        format_micros(int(form["unattributed"]["micros"])),
        form["transaction"],
        by["encoder"],
        by["snapshot"],
        by["calibration"],
        form.get("made_at"),
        form.get("prompt_sha256"),
    )


def _attributions(form: Form) -> Iterator[Row]:
    confidence = {a["work"]: a for a in form["attributions"]}
    for use in form["uses"]:
        found = confidence[use["work"]]
        royalty, held = use["royalty"], use["held"]
        money = royalty or held or {"micros": "0", "currency": form["price"]["currency"]}
        yield (
            form["id"],
            use["work"],
            use["share_ppb"],
            found["confidence_ppm"],
            len(found["matches"]),
            use["outcome"],
            use["licence"],
            use["claims"],
            format_micros(int(royalty["micros"])) if royalty else "",
            format_micros(int(held["micros"])) if held else "",
            money["currency"],
            use.get("threshold_ppm"),
        )


def _matches(form: Form) -> Iterator[Row]:
    for attribution in form["attributions"]:
        for m in attribution["matches"]:
            yield (
                form["id"],
                attribution["work"],
                m["revision"],
                m["part"],
                *m["part_span"],
                *m["source_span"],
                m["kind"],
                m["probability_ppm"],
                m["dense_ppm"],
                m["lexical_ppm"],
                m["run_words"],
            )


def _accruals(form: Form) -> Iterator[Row]:
    for use in form["uses"]:
        for a in use["accruals"]:
            money = a["money"]
            amount = format_micros(int(money["micros"]))
            yield form["id"], form["recorded_at"], use["work"], a["party"], a["basis_points"], amount, money["currency"]


def _parts(form: Form) -> Iterator[Row]:
    for number, p in enumerate(form["parts"]):
        yield form["id"], number, p["worker"], p["kind"], p["model"], p["model_version"], p["region"], p["text_sha256"]


def _entries(form: Form) -> Iterator[Row]:
    for entry in form["entries"]:
        currency = entry["account"].rsplit("/", 1)[1]
        amount = format_micros(int(entry["micros"]))
        yield form["id"], form["effective_at"], form["cause"], entry["account"], amount, currency, form["corrects"]


def _reviews(form: Form) -> Iterator[Row]:
    held = form["held"]
    yield (
        form["id"],
        form["generation"],
        form["work"],
        form["resolution"],
        form["decided_by"],
        form["reason_sha256"],
        format_micros(int(held["micros"])),
        held["currency"],
        form["transaction"],
        form["recorded_at"],
    )


def _releases(form: Form) -> Iterator[Row]:
    for a in form["released"]:
        amount, currency = format_micros(int(a["money"]["micros"])), a["money"]["currency"]
        yield form["id"], form["recorded_at"], form["work"], a["party"], a["basis_points"], amount, currency


def _disputes(form: Form) -> Iterator[Row]:
    for party, basis_points in form["parts"].items():
        named = (form[c] for c in ("id", "disputant", "work", "claims", "generation", "in_favour_of"))
        yield *named, party, basis_points, form["reason_sha256"], form["held_from"], form["recorded_at"]


def _held(form: Form) -> Iterator[Row]:
    for p in form["parts"]:
        amount, currency = format_micros(int(p["money"]["micros"])), p["money"]["currency"]
        yield form["id"], form["dispute"], form["generation"], p["party"], amount, currency, form["transaction"]


def _settled(form: Form) -> Iterator[Row]:
    for p in form["parts"]:
        released, returned = (format_micros(int(p[side]["micros"])) for side in ("released", "returned"))
        currency = p["released"]["currency"]
        yield form["hold"], form["dispute"], p["party"], released, returned, currency, form["transaction"]


OVERLAP_SIDE = ("work", "revision", "held_from", "shared_chars", "covered_ppm")

TABLES: Mapping[str, Mapping[str, Table]] = {
    **STATEMENT_TABLES,
    "tax_profile": {
        "tax_profiles": _plain(*"id party residence payer basis basis_points valid_from recorded_at".split())
    },
    "period_close": {"periods": _plain("id", "closed_by", "statements", "statements_sha256", "recorded_at")},
    "subscription": {
        "subscriptions": ("id service period money currency transaction recorded_at".split(), _subscriptions)
    },
    "party": {"parties": _plain("id", "name_sha256", "recorded_at")},
    "work": {"works": _plain("id", "registrant", "source_id", "title_sha256", "author_sha256", "recorded_at")},
    "revision": {"revisions": _plain("id", "work", "number", "text_sha256", "iscc", "chars", "recorded_at")},
    "claims": {"claims": (("claims", "work", "valid_from", "party", "basis_points", "recorded_at"), _claims)},
    "licence": {
        "licences": (
            (
                "licence work number terms rate_basis_points fee fee_currency "
                "valid_from valid_until territory purpose risk_basis_points_max recorded_at"
            ).split(),
            _licences,
        )
    },
    "withdrawal": {"withdrawals": _plain("id", "work", "withdrawn_by", "reason_sha256", "recorded_at")},
    "fx_rate": {"fx_rates": _plain("id", "base", "quote", "numerator", "denominator", "on", "source", "recorded_at")},
    "dispute": {
        "disputes": (
            (
                "dispute disputant work claims generation in_favour_of party basis_points reason_sha256 held_from "
                "recorded_at"
            ).split(),
            _disputes,
        )
    },
    "dispute_step": {
        "dispute_steps": _plain(
            "id", "dispute", "number", "action", "by", "reason_sha256", "returned_basis_points", "recorded_at"
        )
    },
    "dispute_hold": {
        "dispute_holds": ("hold dispute generation party held currency transaction".split(), _held),
    },
    "dispute_settlement": {
        "dispute_settlements": ("hold dispute party released returned currency transaction".split(), _settled),
    },
    "snapshot": {"snapshots": _plain("digest", "encoder", "works", "segments", "recorded_at")},
    "overlap": {
        "overlaps": (
            [
                "overlap",
                *(f"{side}_{column}" for side in ("later", "earlier") for column in OVERLAP_SIDE),
                *"first passages_found method encoder snapshot recorded_at".split(),
            ],
            _overlaps,
        ),
        "overlap_passages": (
            "overlap kind later_start later_end earlier_start earlier_end words".split(),
            _passages,
        ),
    },
    "generation": {
        "generations": (
            (
                "generation service external_id recorded_at price currency parts unattributed_ppb unattributed "
                "transaction encoder snapshot calibration made_at prompt_sha256"
            ).split(),
            _generations,
        ),
        "parts": ("generation part worker kind model model_version region text_sha256".split(), _parts),
        "attributions": (
            (
                "generation work share_ppb confidence_ppm matches outcome licence claims royalty held currency "
                "threshold_ppm"
            ).split(),
            _attributions,
        ),
        "matches": (
            (
                "generation work revision part part_start part_end source_start source_end kind probability_ppm "
                "dense_ppm lexical_ppm run_words"
            ).split(),
            _matches,
        ),
        "accruals": ("generation recorded_at work party basis_points amount currency".split(), _accruals),
    },
    "transaction": {
        "entries": ("transaction effective_at cause account amount currency corrects".split(), _entries),
    },
    "review": {
        "reviews": (
            (
                "review generation work resolution decided_by reason_sha256 held currency transaction recorded_at"
            ).split(),
            _reviews,
        ),
        "releases": ("review recorded_at work party basis_points amount currency".split(), _releases),
    },
}
