"""Facts beside their leaves, and what is wrong with one by itself. Batches of them are checked on all cores."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

PERIODIC = ("generation", "transaction", "review", "statement")
BATCH_LINES, BATCH_BYTES = 500, 1024 * 1024
WHOLE_PPB = 1_000_000_000
WHOLE_BASIS_POINTS = 10_000
SAME, READABLE, TIMELY = "every fact is what its leaf commits to", "facts can be read", "facts are of the period"
# What a form of the wrong shape makes code raise that was written for a right one.
MISSHAPEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)

# Kind, from and until when, and (name, leaf's digest, line) of each fact.
Batch = tuple[str, str, str, list[tuple[str, str, bytes]]]
Problems = dict[str, tuple[int, list[str]]]


def check_batch(batch: Batch) -> Problems:
    """How many were checked, and what was wrong, by check. Runs in a process of its own."""
    kind, since, until, facts = batch
    found: Problems = {SAME: (len(facts), []), TIMELY: (len(facts), []), READABLE: (len(facts), [])}
    if kind in CHECKS:
        found[CHECKS[kind][0]] = (len(facts), [])
    for name, digest, line in facts:
        if hashlib.sha256(line).hexdigest() != digest:
            found[SAME][1].append(f"{kind} {name} was altered")
        try:
            for check, problem in form_problems(kind, name, since, until, json.loads(line)):
                found[check][1].append(problem)
        except MISSHAPEN as error:
            found[READABLE][1].append(f"{kind} {name}: {type(error).__name__}: {error}")
    return found


def form_problems(kind: str, name: str, since: str, until: str, form: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Problems of one fact, each with the check that it fails."""
    named = form["digest" if kind == "snapshot" else "id"]
    if form["kind"] != kind or named != name:
        yield SAME, f"{kind} {name} calls itself {form['kind']} {named}"
    if not (since if kind in PERIODIC else "") <= form["recorded_at"] < until:
        yield TIMELY, f"{kind} {name} was recorded at {form['recorded_at']}"
    if kind in CHECKS:
        check, problem = CHECKS[kind]
        if why := problem(form):
            yield check, f"{kind} {name}: {why}"


def generation_problem(form: dict[str, Any]) -> str | None:
    """Shares add up to one; parts of a royalty to the royalty."""
    total = sum(a["share_ppb"] for a in form["attributions"]) + form["unattributed_ppb"]
    if total != WHOLE_PPB:
        return f"shares add up to {total} parts per billion"
    for use in form["uses"]:
        parts = sum(int(a["money"]["micros"]) for a in use["accruals"])
        if parts != (int(use["royalty"]["micros"]) if use["accruals"] else 0):
            return f"what the parties of {use['work']} get doesn't add up to its royalty"
    return None


def transaction_problem(form: dict[str, Any]) -> str | None:
    """Entries add up to zero in each currency."""
    sums: Counter[str] = Counter()
    for entry in form["entries"]:
        sums[entry["account"].rsplit("/", 1)[1]] += int(entry["micros"])
    return f"off by {dict(sums)} micro-units" if any(sums.values()) else None


def statement_problem(form: dict[str, Any]) -> str | None:
    """Opening balance and lines come to the closing balance."""
    opening, closing = int(form["opening"]["micros"]), int(form["closing"]["micros"])
    total = opening + sum(int(line["micros"]) for line in form["lines"])
    return None if total == closing else f"opening and lines come to {total}, and it closes with {closing}"


def claims_problem(form: dict[str, Any]) -> str | None:
    """Parts of a work add up to the whole."""
    total = sum(form["basis_points"].values())
    return None if total == WHOLE_BASIS_POINTS else f"claims add up to {total} basis points"


CHECKS = {
    "generation": ("shares add up to one, and royalties to their parts", generation_problem),
    "transaction": ("entries of each transaction add up to zero", transaction_problem),
    "statement": ("statements foot", statement_problem),
    "claims": ("claims add up to the whole of a work", claims_problem),
}


class Facts:
    """The facts of one kind beside their leaves, in the order of the log."""

    def __init__(self, kind: str, lines: Iterator[bytes], *, whole: bool) -> None:
        self.kind, self._lines = kind, lines
        self._next = next(lines, None)
        # In a period that starts later, leaves before its first fact have none.
        self._first = None if whole or self._next is None else name_of(self._next)
        self.batch: list[tuple[str, str, bytes]] = []
        self.bytes, self.later, self.count = 0, 0, 0

    def take(self, name: str, digest: str) -> bool:
        """Take the fact of a leaf, where it has one; whether the batch is full."""
        if self._first is not None and name != self._first:
            return False
        self._first = None
        if self._next is None:
            self.later += 1
            return False
        self.batch.append((name, digest, self._next))
        self.bytes += len(self._next)
        self.count += 1
        self._next = next(self._lines, None)
        return len(self.batch) >= BATCH_LINES or self.bytes >= BATCH_BYTES

    def full(self) -> list[tuple[str, str, bytes]]:
        """The batch; the next one is empty."""
        batch, self.batch, self.bytes = self.batch, [], 0
        return batch

    def rest(self) -> int:
        """How many facts are left without a leaf."""
        return (self._next is not None) + sum(1 for _ in self._lines)


def name_of(line: bytes) -> str:
    """The name of a fact."""
    try:
        form = json.loads(line)
        return str(form.get("digest") if form.get("kind") == "snapshot" else form.get("id"))
    except (ValueError, AttributeError):
        return ""
