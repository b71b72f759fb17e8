"""Read the forms of an export, and hold its spreadsheets against them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, zip_longest
from typing import Any, Protocol, TypeVar

from provenance.kernel.canonical import sha256_hex
from provenance.kernel.errors import ProvenanceError
from provenance.services.export import LABELS_COLUMNS, TRIAL_BALANCE_COLUMNS
from provenance.services.export_tables import TABLES, Table, table_csv, texts_of_cell

PROBLEMS_SHOWN_MAX = 20
# Kinds whose words stand in labels.csv, and where their forms have the digests of them.
LABELLED: Mapping[str, tuple[str, str | None]] = {
    "party": ("name_sha256", None),
    "work": ("title_sha256", "author_sha256"),
    "withdrawal": ("reason_sha256", None),
    "review": ("reason_sha256", None),
    "dispute": ("reason_sha256", None),
    "dispute_step": ("reason_sha256", None),
    "payout_event": ("reason_sha256", None),
}
Form = Mapping[str, Any]
_Subject = TypeVar("_Subject")
_AMOUNT = re.compile(r"\d{1,60}\.\d{6}", re.ASCII)
# What a form of the wrong shape makes code raise that was written for a right one.
MISSHAPEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    ProvenanceError,
    RecursionError,
    TypeError,
    ValueError,
    csv.Error,
)


class ReadableArchive(Protocol):
    """An export that can be read: lines of a file by name, and its size and SHA-256 as they are now."""

    def lines(self, name: str) -> Iterator[bytes]:
        """Raises `InvalidInput` where there is no such file."""

    def describe(self, name: str) -> Mapping[str, Any]:
        """Size in bytes and SHA-256."""

    def names(self) -> frozenset[str]:
        """Names of all files."""


@dataclass(slots=True, kw_only=True)
class Check:
    """One thing that was checked: on how many facts, and what was wrong (the first few)."""

    name: str
    checked: int = 0
    failed: int = 0
    problems: list[str] = field(default_factory=list)

    def note(self, problem: str | None) -> None:
        """Count one fact, with its problem where it has one."""
        self.checked += 1
        if problem is not None:
            self.failed += 1
            if len(self.problems) < PROBLEMS_SHOWN_MAX:
                self.problems.append(problem)


def forms_of(archive: ReadableArchive, kind: str) -> Iterator[dict[str, Any]]:
    """Forms of a kind. Lines that hold none are left out."""
    return (form for form in map(json_object, archive.lines(f"{kind}.jsonl")) if form is not None)


def json_object(line: bytes) -> dict[str, Any] | None:
    """The object that a line holds, or None where it holds none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def guarded(subject: _Subject, problem: Callable[[_Subject], str | None], name: str | None = None) -> str | None:
    """The problem of something. What can't even be read is a problem, not a crash."""
    try:
        return problem(subject)
    except MISSHAPEN as error:
        named = name or (subject.get("id") if isinstance(subject, Mapping) else subject)
        return f"{named}: {type(error).__name__}: {error}"


def check_tables(archive: ReadableArchive, check: Check) -> None:
    """Write each spreadsheet again from its forms, and compare."""
    for kind, tables in TABLES.items():
        for name, table in tables.items():
            check.note(guarded(table, partial(_table_problem, archive, kind, name), f"{name}.csv"))


def _table_problem(archive: ReadableArchive, kind: str, name: str, table: Table) -> str | None:
    if f"{name}.csv" not in archive.names():
        return f"{name}.csv is missing"
    sha256 = hashlib.sha256()
    for row in table_csv(table, forms_of(archive, kind)):
        sha256.update(row)
    same = archive.describe(f"{name}.csv")["sha256"] == sha256.hexdigest()
    return None if same else f"{name}.csv holds other rows than {kind}.jsonl"


def check_labels(archive: ReadableArchive, check: Check) -> None:
    """Names, titles and reasons have the digests that the facts of `LABELLED` commit to: a row each, in order."""
    check.note(guarded("labels.csv", lambda name: _note_labels(archive, name, check)))


def _note_labels(archive: ReadableArchive, name: str, check: Check) -> str | None:
    rows = _csv(archive, name)
    if next(rows, None) != list(LABELS_COLUMNS):
        return f"{name} has other columns"
    forms = chain.from_iterable(forms_of(archive, kind) for kind in LABELLED)
    for form, row in zip_longest(forms, rows):
        check.note(guarded(form, partial(_label_problem, row), name))
    return None


def _label_problem(row: list[str] | None, form: Form | None) -> str | None:
    if form is None or row is None:
        return f"labels.csv has no row for {form['id']}" if form else f"labels.csv has another row: {row}"
    kind, name, label, author = row
    first, second = LABELLED[form["kind"]]
    digests = form[first], form[second] if second else None
    same = (kind, name) == (form["kind"], form["id"]) and _reads(label, digests[0])
    same = same and (_reads(author, digests[1]) if digests[1] else author == "")
    return None if same else f"{form['id']}: labels.csv says {label!r} by {author!r}, and its digest is of another"


def _reads(cell: str, digest: str) -> bool:
    return digest in [sha256_hex(text.encode()) for text in texts_of_cell(cell)]


def check_trial_balance(archive: ReadableArchive, check: Check, *, whole: bool) -> None:
    """Debits equal credits, and, where the export holds the ``whole`` books, each line is the sum of its entries."""
    check.note(guarded("trial_balance.csv", lambda name: _trial_balance_problem(archive, name, whole=whole)))


def _trial_balance_problem(archive: ReadableArchive, name: str, *, whole: bool) -> str | None:
    rows = _csv(archive, name)
    if next(rows, None) != list(TRIAL_BALANCE_COLUMNS):
        return f"{name} has other columns"
    balances: dict[str, int] = {}
    for account, currency, debit, credit in rows:
        if account in balances or account.rsplit("/", 1)[1] != currency:
            return f"{name}: {account} occurs twice, or in another currency"
        balances[account] = _micros(debit) - _micros(credit)
    sums = sum_entries({"account": account, "micros": micros} for account, micros in balances.items())
    by_currency: Counter[str] = Counter()
    for account, micros in sums.items():
        by_currency[account.rsplit("/", 1)[1]] += micros
    if any(by_currency.values()):
        return f"{name} is off by {dict(by_currency)} micro-units"
    if not whole or sums == sum_entries(e for form in forms_of(archive, "transaction") for e in form["entries"]):
        return None
    return f"{name} differs from the sums of the entries"


def sum_entries(entries: Iterable[Form]) -> dict[str, int]:
    """Micro-units by account, zeros left out."""
    sums: Counter[str] = Counter()
    for entry in entries:
        sums[entry["account"]] += int(entry["micros"])
    return {account: micros for account, micros in sums.items() if micros}


def _micros(amount: str) -> int:
    if not _AMOUNT.fullmatch(amount):
        raise ValueError(f"{amount[:80]!r} is no amount")
    return int(amount.replace(".", ""))


def _csv(archive: ReadableArchive, name: str) -> Iterator[list[str]]:
    return csv.reader((line.decode() for line in archive.lines(name)), strict=True)
