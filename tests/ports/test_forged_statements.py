"""An export with closed periods passes its checks; one with a bent statement, and all made to fit, doesn't."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.zip_archive import ZipReader, writing_zip
from provenance.kernel.canonical import canonical_bytes, digest
from provenance.kernel.money import parse_money
from provenance.ledger.transaction import Transaction, reversal
from provenance.services.check_export import check_export
from provenance.services.close import close_period
from provenance.services.exchange import exchange_owed
from provenance.services.export import export_period
from provenance.services.export_tables import TABLES, table_csv
from provenance.services.rates import record_rate
from provenance.statements.accounting_period import parse_accounting_period
from provenance.statements.payee import PayoutTerms, TaxProfile
from provenance.statements.period import THE_BEGINNING, Period
from provenance.transparency.leaf import leaf_of
from provenance.transparency.merkle import Tree

from .closing_values import subscribe
from .test_closing_advances import record_licence

FOOT = "statements foot, and so do their reserves and breakdowns"
CHAIN = "each statement opens with what the one before closed with, and is sealed by its period"
POSTED = "each close posts what its statements say, and nothing else"
SOURCES = "statements count every entry of the books, once"
PLACED = "subscription money is taken in, and shared out to the micro-unit"
TAKEN = "reserve, tax and what is payable follow from the terms that a statement names"
NAMED = "each statement names the payout terms and the tax profile that were in force"
RECOUPED = "advances are carried from statement to statement, and recouped as they were stated"
CAUSED = "each transaction has a cause in the export"
# The story's overlap is made up.
OVERLAPS = "each overlap is between earlier texts of two works, and says rightly which had it first"
LATER = datetime(2027, 1, 5, tzinfo=UTC)

Form = dict[str, Any]


class Bent:
    """An export in a forger's hands."""

    def __init__(self, files: dict[str, bytes], path: Path) -> None:
        self.files, self.path = files, path

    def change(self, kind: str, change: Callable[[Form], None]) -> None:
        """Change the facts of a kind, their leaves, digests and spreadsheets."""
        forms = [json.loads(line) for line in self.files[f"{kind}.jsonl"].splitlines()]
        for form in forms:
            change(form)
        self.files[f"{kind}.jsonl"] = b"".join(canonical_bytes(form) + b"\n" for form in forms)
        for name, table in TABLES[kind].items():
            self.files[f"{name}.csv"] = b"".join(table_csv(table, forms))
        made = {form["id"]: leaf_of(kind, form["id"], form).data for form in forms}
        leaves = [(line, json.loads(line)) for line in self.files["leaves.jsonl"].splitlines()]
        new = [made.get(leaf["fact"], line) if leaf["kind"] == kind else line for line, leaf in leaves]
        self.files["leaves.jsonl"] = b"".join(line + b"\n" for line in new)

    def seal(self) -> None:
        """Let the closes name the statements as they are now."""
        forms = [json.loads(line) for line in self.files["statement.jsonl"].splitlines()]

        def again(close: Form) -> None:
            of = sorted((f for f in forms if f["period"] == close["id"]), key=lambda f: (f["party"], f["currency"]))
            bare = [{k: v for k, v in f.items() if k not in ("kind", "recorded_at")} for f in of]
            close["statements_sha256"] = digest([[f["id"], digest(f)] for f in bare])

        self.change("period_close", again)

    def failed(self) -> set[str]:
        """Names of the checks that fail, with the manifest made to fit."""
        manifest = json.loads(self.files["manifest.json"])
        tree = Tree()
        for line in self.files["leaves.jsonl"].splitlines():
            tree = tree.after(line)
        with writing_zip(self.path) as archive:
            for name, data in self.files.items():
                if name != "manifest.json":
                    with archive.file(name) as out:
                        out.write(data)
            manifest["files"] = {name: dict(d) for name, d in archive.described().items()}
            manifest["log"] = {"leaves": tree.size, "root": tree.root.hex()}
            with archive.file("manifest.json") as out:
                out.write(canonical_bytes(manifest))
        return {check.name for check in check_export(ZipReader(self.path)) if check.failed} - {OVERLAPS}


@pytest.fixture
def bent(database: SqlDatabase, recorded: Any, tmp_path: Path) -> Bent:
    """Two closed months: the second with a reserve, a late reversal, an advance, a subscription and an exchange."""
    at = recorded.at + timedelta(days=20)
    terms = PayoutTerms(
        party="press", currency="USD", valid_from=at.date(), reserve_basis_points=1_000, reserve_periods=3
    )
    generation = recorded.generation("g9")
    with database.begin(write=True) as work:
        work.payees.add_terms(terms, at)
        tax: Any = {"residence": "FR", "payer": "US", "basis": "Treaty", "basis_points": 500}
        work.payees.add_tax(TaxProfile(party="press", valid_from=at.date(), **tax), at)
        first = work.books.page(limit=1).items[0].fact
        work.books.post(reversal(first, effective_at=recorded.at), at)
        posted = recorded.transaction(generation)
        work.books.post(
            Transaction(business_key=posted.business_key, cause=posted.cause, entries=posted.entries, effective_at=at),
            at,
        )
        work.generations.add(generation, None, at)
        recorded.record_review(work, generation)
        work.commit()
    record_licence(database, recorded, "careful", 2, amount="0.01", across=False)
    subscribe(database, at)
    record_rate(database, replace(recorded.rate, on=at.date()), at=at)
    money = parse_money("0.000400", "USD")
    exchange_owed(database, "bob", money, "EUR", reference="r", on=at.date(), days_old_max=0, at=at)
    close_period(database, parse_accounting_period("2026-12"), closed_by="press", at=LATER)
    path = tmp_path / "export.zip"
    period = Period(since=THE_BEGINNING, until=LATER + timedelta(days=1))
    with writing_zip(path) as archive:
        export_period(database, archive, period, at=LATER + timedelta(days=2), progress=lambda _: None)
    reader = ZipReader(path)
    files = {name: b"".join(reader.lines(name)) for name in reader.names()}
    return Bent(files, tmp_path / "bent.zip")


def test_an_export_with_closed_periods_passes(bent: Bent) -> None:
    assert bent.failed() == set()
    statements = [json.loads(line) for line in bent.files["statement.jsonl"].splitlines()]
    kinds = {line["kind"] for f in statements for line in f["lines"]}
    assert {"accrued", "late", "adjusted", "advanced", "recouped", "reserved", "withheld", "exchanged"} <= kinds


def _of(form: Form, kind: str) -> Form | None:
    return next((line for line in form["lines"] if line["kind"] == kind), None)


def _more(form: Form) -> None:
    if line := _of(form, "accrued"):
        line["micros"] = str(int(line["micros"]) + 1)


def _more_and_foots(form: Form) -> None:
    if (line := _of(form, "accrued")) and form["period"] == "2026-12":
        line["micros"] = str(int(line["micros"]) + 1)
        form["closing"]["micros"] = str(int(form["closing"]["micros"]) + 1)
        form["royalties_micros"] = str(int(form["royalties_micros"]) + 1)
        for breakdown in form["breakdowns"]:
            breakdown["rows"][0]["micros"] = str(int(breakdown["rows"][0]["micros"]) + 1)
        if form["payable_micros"] != "0":
            form["payable_micros"] = form["closing"]["micros"]


def _breakdown(form: Form) -> None:
    for breakdown in form["breakdowns"][:1]:
        breakdown["rows"][0]["micros"] = str(int(breakdown["rows"][0]["micros"]) - 1)


def _payable(form: Form) -> None:
    form["payable_micros"] = "7"


def _opening(form: Form) -> None:
    if form["period"] == "2026-12":
        form["opening"]["micros"] = str(int(form["opening"]["micros"]) + 5)
        form["closing"]["micros"] = str(int(form["closing"]["micros"]) + 5)
        if form["payable_micros"] != "0":
            form["payable_micros"] = form["closing"]["micros"]


def _another_month(form: Form) -> None:
    if line := _of(form, "late"):
        line["drill"]["late_from"] = "2026-10"


def _withheld(form: Form) -> None:
    if form["period"] == "2026-12" and form["party"] == "ann":
        said = {"rule": "Tax", "inputs": {}, "rounding": "none", "count": 1}
        drill = {"kind": "close", "cause": "", "late_from": None}
        form["lines"].append({"kind": "withheld", "micros": "-3", **said, "drill": drill})
        form["closing"]["micros"] = str(int(form["closing"]["micros"]) - 3)
        if form["payable_micros"] != "0":
            form["payable_micros"] = form["closing"]["micros"]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (_more, FOOT),
        (_more_and_foots, SOURCES),
        (_breakdown, FOOT),
        (_payable, FOOT),
        (_opening, CHAIN),
        (_another_month, SOURCES),
        (_withheld, POSTED),
    ],
)
def test_a_statement_that_was_bent_is_found_out(bent: Bent, change: Callable[[Form], None], check: str) -> None:
    bent.change("statement", change)
    bent.seal()
    assert check in bent.failed()


def test_a_close_names_its_statements(bent: Bent) -> None:
    bent.change("statement", lambda form: form["lines"][0].update(rule="Another.") if form["lines"] else None)
    assert SOURCES in bent.failed()
    bent.seal()
    assert bent.failed() == set(), "words alone can't be held against the books"


def test_a_closing_transaction_that_no_statement_names_is_found_out(bent: Bent) -> None:
    bent.change("statement", lambda form: form.update(transaction=None))
    bent.seal()
    assert {POSTED, CAUSED} <= bent.failed()


def test_money_that_moved_in_a_period_and_in_no_statement_is_found_out(bent: Bent) -> None:
    def later(form: Form) -> None:
        form["effective_at"] = "2027-06-01T00:00:00.000000Z"

    bent.change("transaction", later)
    assert SOURCES in bent.failed()


def _money_of(form: Form) -> None:
    form["money"]["micros"] = str(int(form["money"]["micros"]) - 1)


def test_subscription_money_that_was_bent_is_found_out(bent: Bent) -> None:
    bent.change("subscription", _money_of)
    assert {CAUSED, PLACED} <= bent.failed()


def test_a_rate_that_was_bent_is_found_out(bent: Bent) -> None:
    bent.change("fx_rate", lambda form: form.update(numerator="11000"))
    assert CAUSED in bent.failed()


def test_terms_that_were_bent_are_found_out(bent: Bent) -> None:
    bent.change("payout_terms", lambda form: form.update(reserve_basis_points=1_001))
    assert TAKEN in bent.failed()


def test_terms_that_were_not_in_force_are_found_out(bent: Bent) -> None:
    bent.change("payout_terms", lambda form: form.update(valid_from="2027-01-01"))
    assert NAMED in bent.failed()


def test_a_tax_profile_that_was_bent_is_found_out(bent: Bent) -> None:
    bent.change("tax_profile", lambda form: form.update(basis_points=700))
    assert TAKEN in bent.failed()


def _less_recouped(form: Form) -> None:
    """A forger leaves a micro-unit of an advance unrecouped, and makes all sums fit."""
    if line := _of(form, "recouped"):
        line["micros"] = str(int(line["micros"]) + 1)
        form["closing"]["micros"] = str(int(form["closing"]["micros"]) + 1)
        form["closing"]["advances"][0]["micros"] = str(int(form["closing"]["advances"][0]["micros"]) + 1)
        form["advance_micros"] = str(int(form["advance_micros"]) + 1)


def test_an_advance_that_was_recouped_otherwise_is_found_out(bent: Bent) -> None:
    bent.change("statement", _less_recouped)
    bent.seal()
    assert RECOUPED in bent.failed()
