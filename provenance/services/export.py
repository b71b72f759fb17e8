"""The auditors' export: rights up to a day, the generations and transactions of a period, all leaves of the log.

Each dataset comes as JSON Lines, where a line is the canonical form that its leaf commits to, and as CSV for a
spreadsheet. Rights and works are exported from the beginning, because a period's accruals follow from older ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Protocol

from provenance.kernel.canonical import Json, canonical_bytes
from provenance.kernel.money import format_micros
from provenance.ledger.balance import trial_balance
from provenance.payouts.event import Event
from provenance.royalties.dispute import Dispute, Step
from provenance.royalties.review import Review
from provenance.services.export_tables import TABLES, Row, csv_rows, table_csv
from provenance.services.facts import describe, utc
from provenance.services.ports import Database, UnitOfWork
from provenance.sources.party import Party
from provenance.sources.withdrawal import Withdrawal
from provenance.sources.work import Work
from provenance.statements.period import THE_BEGINNING, Period
from provenance.transparency.merkle import Tree

EXPORT_FORMAT = "provenance-export-5"
FROM_THE_BEGINNING = (
    *("party", "work", "revision", "claims", "licence", "withdrawal", "snapshot", "overlap"),
    *("fx_rate", "dispute", "dispute_step", "dispute_hold", "dispute_settlement"),
    *("payout_terms", "tax_profile", "period_close"),
    *("payee_account", "payee_account_state"),
    *("payout", "payout_approval", "payout_attempt", "payout_event", "payout_refusal"),
)
OF_THE_PERIOD = ("generation", "transaction", "review", "statement")
LABELS_COLUMNS = ("kind", "id", "name", "author")
TRIAL_BALANCE_COLUMNS = ("account", "currency", "debit", "credit")
CLAIM = "Attributions are evidence of reuse, not of causal influence. Proofs show that records are unaltered."
CLOCKS_APART_MAX = timedelta(days=1)  # a fact may be recorded while the export starts, by another machine's clock

Progress = Callable[[int], None]


class Archive(Protocol):
    """Where an export is written to: files by name, one open at a time, each digested as it is written."""

    def file(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A new file to write to."""

    def described(self) -> Mapping[str, Mapping[str, Any]]:
        """Size in bytes and SHA-256 of every file written so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """How many facts of each kind went out, and the log that they can be held against."""

    facts: Mapping[str, int]
    leaves: int
    root: str


def export_period(
    database: Database, archive: Archive, period: Period, *, at: datetime, progress: Progress
) -> Exported:
    """Write the export of ``period`` to ``archive``, streaming."""
    with database.begin() as work:
        counts, later = {}, {}
        for kind in (*FROM_THE_BEGINNING, *OF_THE_PERIOD):
            start = period.since if kind in OF_THE_PERIOD else THE_BEGINNING
            counts[kind] = _write_facts(work, archive, kind, start, period.until, progress)
            later[kind] = _count_later(work, kind, period.until, at)
        _write_labels(work, archive, period)
        _write_trial_balance(work, archive)
        tree = _write_leaves(work, archive)
    exported = Exported(facts=counts, leaves=tree.size, root=tree.root.hex())
    manifest: dict[str, Json] = {
        "format": EXPORT_FORMAT,
        "claim": CLAIM,
        "since": utc(period.since),
        "until": utc(period.until),
        "exported_at": utc(at),
        "facts": dict(counts),
        "later": dict(later),  # facts of the log that were recorded after the period, and so are left out
        "log": {"leaves": tree.size, "root": exported.root},
        "files": {name: dict(described) for name, described in archive.described().items()},
    }
    with archive.file("manifest.json") as out:
        out.write(canonical_bytes(manifest))
    return exported


def _write_facts(
    work: UnitOfWork, archive: Archive, kind: str, since: datetime, until: datetime, progress: Progress
) -> int:
    count = 0
    with archive.file(f"{kind}.jsonl") as out:
        for form in _forms(work, kind, since, until):
            out.write(canonical_bytes(form) + b"\n")
            count += 1
            progress(1)
    for name, table in TABLES[kind].items():
        _write_csv(archive, name, table_csv(table, _forms(work, kind, since, until)))
    return count


def _count_later(work: UnitOfWork, kind: str, until: datetime, at: datetime) -> int:
    return sum(1 for _ in work.facts.facts(kind, until, max(until, at) + CLOCKS_APART_MAX))


def _forms(work: UnitOfWork, kind: str, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    for fact, recorded_at in work.facts.facts(kind, since, until):
        yield describe(fact, recorded_at)[2]


def _write_csv(archive: Archive, name: str, rows: Iterator[bytes]) -> None:
    with archive.file(f"{name}.csv") as out:
        out.writelines(rows)


def _write_labels(work: UnitOfWork, archive: Archive, period: Period) -> None:
    """Names, titles and reasons beside the ids. The log commits to their digests only, so that they can be erased."""

    def rows() -> Iterator[Row]:
        for fact, _ in work.facts.facts("party", THE_BEGINNING, period.until):
            assert isinstance(fact, Party)
            yield "party", fact.id, fact.name, ""
        for fact, _ in work.facts.facts("work", THE_BEGINNING, period.until):
            assert isinstance(fact, Work)
            yield "work", fact.id, fact.title, fact.author
        for fact, _ in work.facts.facts("withdrawal", THE_BEGINNING, period.until):
            assert isinstance(fact, Withdrawal)
            yield "withdrawal", fact.id, fact.reason, ""
        for fact, _ in work.facts.facts("review", period.since, period.until):
            assert isinstance(fact, Review)
            yield "review", fact.id, fact.reason, ""
        for kind in ("dispute", "dispute_step", "payout_event"):
            for fact, _ in work.facts.facts(kind, THE_BEGINNING, period.until):
                assert isinstance(fact, Dispute | Step | Event)
                yield kind, fact.id, fact.reason, ""

    _write_csv(archive, "labels", csv_rows(LABELS_COLUMNS, rows()))


def _write_trial_balance(work: UnitOfWork, archive: Archive) -> None:
    rows: Iterator[Row] = (
        (n.account.id, n.account.currency, format_micros(n.debit_micros), format_micros(n.credit_micros))
        for n in trial_balance(work.books.balances()).lines
    )
    _write_csv(archive, "trial_balance", csv_rows(TRIAL_BALANCE_COLUMNS, rows))


def _write_leaves(work: UnitOfWork, archive: Archive) -> Tree:
    tree = Tree()
    with archive.file("leaves.jsonl") as out:
        for _, leaf in work.log.leaves():
            out.write(leaf.data + b"\n")
            tree = tree.after(leaf.data)
    return tree
