"""Check an auditors' export with nothing but the export: digests, leaves, rights, accruals, entries, spreadsheets.

It computes again what the export claims and lists every difference. It says that records are unaltered and that the
money follows from the shares; it can't say that an attribution is true.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from provenance.kernel.canonical import canonical_bytes, digest, sha256_hex
from provenance.kernel.errors import InvalidInput
from provenance.kernel.ids import derived_id
from provenance.kernel.parts import WHOLE_PPB
from provenance.services.check_deductions import check_deductions
from provenance.services.check_disputes import DISPUTE_CAUSES, check_disputes, disputed_keys
from provenance.services.check_made import ExportedRevisions
from provenance.services.check_overlaps import check_overlaps
from provenance.services.check_pools import POOL_CAUSES, PoolMoney, check_pools
from provenance.services.check_reviews import REVIEW_CAUSES, check_reviews, review_key
from provenance.services.check_rights import ExportedRights, Leaves
from provenance.services.check_rows import (
    PROBLEMS_SHOWN_MAX,
    Check,
    Form,
    ReadableArchive,
    check_labels,
    check_tables,
    check_trial_balance,
    forms_of,
    guarded,
    json_object,
)
from provenance.services.check_statements import CLOSE, check_statements, close_key
from provenance.services.check_withdrawals import check_withdrawals
from provenance.services.expected_entries import expected_entries
from provenance.services.export import EXPORT_FORMAT, FROM_THE_BEGINNING, MANIFEST, MANIFEST_NOTE, OF_THE_PERIOD
from provenance.statements.period import THE_BEGINNING
from provenance.transparency.merkle import Tree

__all__ = ["PROBLEMS_SHOWN_MAX", "Check", "ReadableArchive", "check_export"]

KINDS = (*FROM_THE_BEGINNING, *OF_THE_PERIOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manifest:
    files: Mapping[str, Any]
    log: Any
    facts: Mapping[str, int]
    later: Mapping[str, int]
    since: datetime
    until: datetime
    exported_at: datetime

    @classmethod
    def read(cls, archive: ReadableArchive) -> _Manifest:
        """Raises `InvalidInput` where this is no export."""
        try:
            form = json.loads(next(archive.lines(MANIFEST), b""))  # canonical JSON is one line
            if form["format"] != EXPORT_FORMAT:
                raise InvalidInput(f"This is an export of format {form['format']!r}.", mend=f"Export {EXPORT_FORMAT}.")
            since, until, at = (datetime.fromisoformat(form[name]) for name in ("since", "until", "exported_at"))
            assert all(time.tzinfo for time in (since, until, at))
            facts, later = ({kind: int(form[name][kind]) for kind in KINDS} for name in ("facts", "later"))
            log, files = form.get("log"), dict(form["files"])
            return cls(files=files, log=log, facts=facts, later=later, since=since, until=until, exported_at=at)
        except (ValueError, KeyError, TypeError, RecursionError, AssertionError, OverflowError) as error:
            raise InvalidInput(
                "This isn't an export: its manifest can't be read.", mend="provenance export."
            ) from error


def check_export(archive: ReadableArchive) -> list[Check]:
    """All checks, in order, each with its problems.

    Raises:
        InvalidInput: this isn't an export, or one of another format.
    """
    manifest = _Manifest.read(archive)
    files = Check(name="files have the manifest's digests")
    for name in sorted(archive.names() | set(manifest.files)):
        if name not in (MANIFEST, MANIFEST_NOTE):
            files.note(_file_problem(archive, name, manifest.files))
    if files.failed:
        return [files]
    log, readable = Check(name="the log's root follows from its leaves"), Check(name="every line can be read")
    leaves = _leaves(archive, manifest.log, log, readable)
    facts = _check_facts(archive, manifest, leaves, readable)
    rights = ExportedRights.read(archive, readable, leaves, whole=manifest.since <= THE_BEGINNING)
    overlaps, withdrawals = check_overlaps(archive, leaves), check_withdrawals(archive, leaves)
    revisions = ExportedRevisions.read(archive, readable)
    pools = PoolMoney.read(archive)
    generations, money = _check_generations(archive, rights, revisions, leaves, pools)
    reviews, disputes = check_reviews(archive, rights), check_disputes(archive, leaves)
    spreadsheets = Check(name="spreadsheets hold the rows that follow from the facts")
    labels = Check(name="names, titles and reasons have the digests of the facts that they belong to")
    balance = Check(name="the trial balance comes to zero and follows from the entries")
    check_tables(archive, spreadsheets)
    check_labels(archive, labels)
    whole = manifest.since <= THE_BEGINNING and manifest.later["transaction"] == 0
    check_trial_balance(archive, balance, whole=whole)
    statements = (*check_statements(archive, leaves, whole=whole), *check_deductions(archive, leaves))
    sources, books = (overlaps, withdrawals), (*money, reviews, disputes, *statements, check_pools(pools, whole=whole))
    return [files, log, readable, *facts, *sources, *generations, *books, spreadsheets, labels, balance]


def _file_problem(archive: ReadableArchive, name: str, files: Mapping[str, Any]) -> str | None:
    if name not in files:
        return f"{name} isn't in the manifest"
    if name not in archive.names():
        return f"{name} is missing"
    return None if dict(archive.describe(name)) == files[name] else f"{name} was altered"


def _leaves(archive: ReadableArchive, claimed: object, log: Check, readable: Check) -> Leaves:
    """Position and digest of each fact's leaf, by kind and name."""
    tree, found = Tree(), dict[tuple[str, str], tuple[int, str]]()
    for number, line in enumerate(archive.lines("leaves.jsonl"), start=1):
        data = line.rstrip(b"\n")
        leaf = json_object(data)
        problem = _canonical_problem(leaf, data, f"leaves.jsonl, line {number}")
        if leaf is not None:
            name = (str(leaf.get("kind")), str(leaf.get("fact")))
            if name in found:
                problem = f"{' '.join(name)} has two leaves"
            found[name] = (number, str(leaf.get("sha256")))
        readable.note(problem)
        tree = tree.after(data)
    same = claimed == {"leaves": tree.size, "root": tree.root.hex()}
    log.note(None if same else f"{tree.size} leaves have the root {tree.root.hex()}, and the manifest says {claimed}")
    return found


def _canonical_problem(form: Form | None, data: bytes, name: str) -> str | None:
    """A line with a key twice, say, would read in two ways."""
    if form is None:
        return f"{name} is no object"
    return guarded(form, lambda f: None if canonical_bytes(dict(f)) == data else f"{name} is not canonical", name)


def _check_facts(archive: ReadableArchive, manifest: _Manifest, leaves: Leaves, readable: Check) -> tuple[Check, ...]:
    known = Check(name="every fact is a leaf of the log")
    timely = Check(name="every fact was recorded in the period, and once")
    complete = Check(name="no fact of the period was left out")
    for kind in KINDS:
        names: set[str] = set()
        for number, line in enumerate(archive.lines(f"{kind}.jsonl"), start=1):
            form = json_object(line)
            readable.note(_canonical_problem(form, line.rstrip(b"\n"), f"{kind}.jsonl, line {number}"))
            if form is None:
                continue
            name = str(form.get("digest" if kind == "snapshot" else "id"))
            known.note(_leaf_problem(kind, name, line, leaves))
            since = manifest.since if kind in OF_THE_PERIOD else THE_BEGINNING
            timely.note(guarded(form, partial(_time_problem, kind, since, manifest.until)))
            if name in names:
                timely.note(f"{kind} {name} occurs twice")
            names.add(name)
        _check_complete(kind, names, manifest, leaves, complete)
    return known, timely, complete


def _leaf_problem(kind: str, name: str, line: bytes, leaves: Leaves) -> str | None:
    if (kind, name) not in leaves:
        return f"{kind} {name} is not in the log"
    same = leaves[kind, name][1] == sha256_hex(line.rstrip(b"\n"))
    return None if same else f"{kind} {name} was altered"


def _time_problem(kind: str, since: datetime, until: datetime, form: Form) -> str | None:
    if form["kind"] != kind:
        return f"{form['id']} calls itself a {form['kind']}"
    inside = since <= datetime.fromisoformat(form["recorded_at"]) < until
    return None if inside else f"{kind} {form.get('id')} was recorded at {form['recorded_at']}, outside of the period"


def _check_complete(kind: str, names: set[str], manifest: _Manifest, leaves: Leaves, complete: Check) -> None:
    """Every leaf of a kind has its fact: up to those that the manifest calls later, from the first of the period on."""
    logged = [name for leaf_kind, name in leaves if leaf_kind == kind]  # in the log's order
    later = manifest.later[kind]
    if not 0 <= later <= len(logged) or (later and manifest.until >= manifest.exported_at):
        complete.note(f"the manifest says that {later} of {len(logged)} {kind} facts were recorded after the export")
    due = logged[: max(len(logged) - later, 0)] if later > 0 else logged
    if kind in OF_THE_PERIOD and manifest.since > THE_BEGINNING:
        due = due[next((at for at, name in enumerate(due) if name in names), len(due)) :]
    for name in due:
        complete.note(None if name in names else f"{kind} {name} is in the log, and not in the export")
    if not len(names) == len(due) == manifest.facts[kind]:
        complete.note(f"{kind}: {len(names)} exported, {len(due)} in the log, {manifest.facts[kind]} by the manifest")


@dataclass(slots=True)
class _Posted:
    """What was posted, by ids and digests: transactions, the generations and reviews that name them, reversals.

    ``reviewed`` and ``closed`` hold, by transaction, the business keys that reviews and disputes, and statements, call
    for.
    """

    entries: dict[str, str] = field(default_factory=dict)
    named_by: dict[str, list[str]] = field(default_factory=dict)
    reviewed: dict[str | None, list[str]] = field(default_factory=dict)
    closed: dict[str | None, str] = field(default_factory=dict)
    reversals: list[tuple[str, str, str]] = field(default_factory=list)

    def read_statement(self, form: Form) -> None:
        """Remember what a statement's close posted."""
        self.closed[form["transaction"]] = close_key(form)


def _check_generations(
    archive: ReadableArchive, rights: ExportedRights, revisions: ExportedRevisions, leaves: Leaves, pools: PoolMoney
) -> tuple[tuple[Check, ...], tuple[Check, ...]]:
    shares = Check(name="shares and the unattributed share add up to one")
    covered = Check(name="each use is under a licence and claims of its own work, in force and recorded before")
    made = Check(name="outputs derive from nothing that was registered after they were made")
    accruals = Check(name="accruals follow from shares, terms and claims")
    caused = Check(name="each transaction has a cause in the export")
    balanced = Check(name="entries of each transaction add up to zero per currency")
    posted = Check(name="each transaction posts what its generation accrued")
    books = _Posted()
    for form in forms_of(archive, "generation"):
        shares.note(guarded(form, _shares_problem))
        covered.note(guarded(form, rights.in_force_problem))
        made.note(guarded(form, revisions.made_problem))
        accruals.note(guarded(form, rights.accrual_problem))
        books.named_by.setdefault(str(form.get("transaction")), []).append(str(form.get("id")))
    for form in forms_of(archive, "review"):
        if problem := guarded(form, lambda f: books.reviewed.setdefault(f["transaction"], []).append(review_key(f))):
            caused.note(problem)
    for form in forms_of(archive, "statement"):
        if problem := guarded(form, books.read_statement):
            caused.note(problem)
    books.reviewed.update(disputed_keys(archive))
    for form in forms_of(archive, "transaction"):
        balanced.note(guarded(form, _balance_problem))
        caused.note(guarded(form, lambda f: _cause_problem(f, books, leaves, pools)))
    for name, corrects, undone in books.reversals:
        if books.entries.get(corrects, undone) != undone:
            caused.note(f"{name} reverses other entries than those of {corrects}")
    for form in forms_of(archive, "generation"):
        posted.note(guarded(form, lambda f: _posting_problem(f, books.entries)))
    return (shares, covered, made, accruals), (caused, balanced, posted)


def _shares_problem(form: Form) -> str | None:
    total = sum(a["share_ppb"] for a in form["attributions"]) + form["unattributed_ppb"]
    return None if total == WHOLE_PPB else f"{form['id']}: shares add up to {total} parts per billion"


def _balance_problem(form: Form) -> str | None:
    accounts, sums = [e["account"] for e in form["entries"]], Counter[str]()
    for entry in form["entries"]:
        sums[entry["account"].rsplit("/", 1)[1]] += int(entry["micros"])
    if len(set(accounts)) != len(accounts):
        return f"{form['id']}: an account occurs twice"
    return f"{form['id']}: off by {dict(sums)} micro-units" if any(sums.values()) else None


def _cause_problem(form: Form, books: _Posted, leaves: Leaves, pools: PoolMoney) -> str | None:
    name, key, cause = form["id"], form["business_key"], form["cause"]
    books.entries[name] = _entries_digest(form, 1)
    if name != _transaction_id(key):
        return f"{name}: its id doesn't follow from its business key {key!r}"
    if cause == "accrual":
        named_by = books.named_by.get(name, [])
        same = len(named_by) == 1 and key == f"accrual:{named_by[0]}" and form["corrects"] is None
        return None if same else f"{name}: no generation of the export caused it, or not just one: {named_by}"
    if cause == CLOSE:
        same = books.closed.get(name) == key and form["corrects"] is None
        return None if same else f"{name}: no statement of the export caused it"
    if cause in POOL_CAUSES:
        return pools.cause_problem(form)
    if cause in (*REVIEW_CAUSES, *DISPUTE_CAUSES):
        same = books.reviewed.get(name) == [key] and ("transaction", form["corrects"]) in leaves
        return None if same else f"{name}: no review or dispute of the export caused it, or not just one"
    if cause != "reversal":
        return f"{name}: its cause is {cause!r}, which is unknown"
    corrects = form["corrects"]
    books.reversals.append((name, corrects, _entries_digest(form, -1)))
    same = ("transaction", corrects) in leaves and corrects == _transaction_id(key.removeprefix("reversal:"))
    return (
        None if same and key != key.removeprefix("reversal:") else f"{name}: it reverses {corrects!r}, not in the log"
    )


def _transaction_id(business_key: str) -> str:
    return derived_id("txn", {"business_key": business_key})


def _entries_digest(form: Form, sign: int) -> str:
    return digest(sorted([e["account"], str(sign * int(e["micros"]))] for e in form["entries"]))


def _posting_problem(form: Form, entries: Mapping[str, str]) -> str | None:
    expected, transaction = expected_entries(form), form["transaction"]
    if transaction is None:
        return f"{form['id']}: nothing was posted, and it accrued {expected}" if expected else None
    if transaction not in entries:
        return f"{form['id']}: its transaction {transaction} is not in the export"
    accrued = digest(sorted([account, str(micros)] for account, micros in expected.items()))
    same = entries[transaction] == accrued
    return None if same else f"{form['id']}: {transaction} posted something else, and it accrued {expected}"
