"""Check the statements of an export: they foot, follow one another, post what they say, and count every entry once.

It shares no code with what makes statements. What a statement counts is told by the log: what is effective before its
period's end and recorded before its close, and that no close before it has counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from provenance.kernel.canonical import digest
from provenance.kernel.ids import derived_id
from provenance.services.check_rights import Leaves
from provenance.services.check_rows import Check, Form, ReadableArchive, forms_of, guarded

CLOSE = "close"
_PAYABLE = "party_payable"
# The account on the other side of each line that a close makes; %s is the party.
_OTHER_SIDE = {
    "topped_up": "generation_revenue",
    "subscribed": "royalty_pool",
    "spread": "unattributed_pool",
    "advanced": "advance_recoupable/%s",
    "recouped": "advance_recoupable/%s",
    "reserved": "reserve/%s",
    "released": "reserve/%s",
    "withheld": "withholding",
}


def close_key(form: Form) -> str:
    """The business key of what a statement posts."""
    return f"{CLOSE}:{form['period']}:{form['party']}:{form['currency']}"


@dataclass(frozen=True, slots=True)
class _Close:
    name: str
    until: datetime
    place: int


@dataclass(slots=True)
class _Stated:
    """Statements of the export, and what they claim of the books; closes in order of the log."""

    leaves: Leaves
    closes: list[_Close] = field(default_factory=list)
    forms: dict[str, Form] = field(default_factory=dict)
    sums: dict[tuple[str, str], Counter[tuple[str, str | None]]] = field(default_factory=dict)
    posted: dict[str, Mapping[str, int]] = field(default_factory=dict)

    def read_close(self, form: Form) -> None:
        self.closes.append(_Close(form["id"], _end(form["id"]), self.leaves["period_close", form["id"]][0]))

    def read_transaction(self, form: Form) -> None:
        """Count its entries on parties' accounts in the statement that they belong to."""
        if form["cause"] == CLOSE:
            self.posted[form["id"]] = {e["account"]: int(e["micros"]) for e in form["entries"]}
            return
        at, place = datetime.fromisoformat(form["effective_at"]), self.leaves["transaction", form["id"]][0]
        number = next((n for n, c in enumerate(self.closes) if at < c.until and place < c.place), None)
        if number is None:
            return
        late = number > 0 and at < self.closes[number - 1].until
        for entry in form["entries"]:
            kind, *rest = entry["account"].split("/")
            if kind == _PAYABLE:
                party, currency = rest
                name = _id(self.closes[number].name, party, currency)
                of_statement = self.sums.setdefault((self.closes[number].name, name), Counter())
                of_statement[form["cause"], form["effective_at"][:7] if late else None] -= int(entry["micros"])

    def footing_problem(self, form: Form) -> str | None:
        """Opening, lines, closing, reserves and breakdowns."""
        name, lines = form["id"], form["lines"]
        if name != _id(form["period"], form["party"], form["currency"]):
            return f"{name}: its id doesn't follow from its period, party and currency"
        opening, closing = int(form["opening"]["micros"]), int(form["closing"]["micros"])
        if opening + sum(int(n["micros"]) for n in lines) != closing:
            return f"{name}: opening and lines don't add up to the closing balance"
        if form["payable_micros"] != "0" and (int(form["payable_micros"]) != closing or closing <= 0):
            return f"{name}: what is payable isn't the closing balance"
        if _reserves(form["opening"]) - _sum(lines, "reserved", "released") != _reserves(form["closing"]):
            return f"{name}: reserves don't foot"
        royalties = sum(int(n["micros"]) for n in lines if n["drill"]["kind"] == "accruals")
        parts = [sum(int(r["micros"]) for r in b["rows"]) + int(b["others_micros"]) for b in form["breakdowns"]]
        if any(part != royalties for part in (*parts, int(form["royalties_micros"]))):
            return f"{name}: a breakdown doesn't add up to the royalties"
        return None

    def chain_problem(self, form: Form) -> str | None:
        """It opens with what the one before handed on, and was recorded before its period was sealed."""
        name, before = form["id"], form["opening"]["statement"]
        if before in self.forms and self.forms[before]["closing"] != form["opening"]:
            return f"{name}: it doesn't open with what {before} closed with"
        if before is not None and ("statement", before) not in self.leaves:
            return f"{name}: {before}, which it follows, is not in the log"
        sealed = self.leaves.get(("period_close", form["period"]))
        if sealed is None or self.leaves["statement", name][0] >= sealed[0]:
            return f"{name}: it was recorded after {form['period']} was closed, or that never was"
        return None

    def posting_problem(self, form: Form) -> str | None:
        """What the close posted is what its lines say."""
        name, party, currency = form["id"], form["party"], form["currency"]
        expected: Counter[str] = Counter()
        for line in form["lines"]:
            if line["kind"] in _OTHER_SIDE:
                other = _OTHER_SIDE[line["kind"]].replace("%s", party)
                expected[f"{other}/{currency}"] += int(line["micros"])
                expected[f"{_PAYABLE}/{party}/{currency}"] -= int(line["micros"])
        moved = {account: micros for account, micros in expected.items() if micros}
        if form["transaction"] is None:
            return f"{name}: nothing was posted, and its lines move {moved}" if moved else None
        if form["transaction"] != derived_id("txn", {"business_key": close_key(form)}):
            return f"{name}: its transaction doesn't follow from it"
        same = self.posted.get(form["transaction"]) == moved
        return None if same else f"{name}: {form['transaction']} posted something else than {moved}"

    def source_problem(self, form: Form) -> str | None:
        """Its other lines are the sums of what was posted to the account."""
        found = self.sums.get((form["period"], form["id"]), Counter())
        stated: Counter[tuple[str, str | None]] = Counter()
        for line in form["lines"]:
            if line["drill"]["kind"] != CLOSE:
                stated[line["drill"]["cause"], line["drill"]["late_from"]] += int(line["micros"])
        wrong = {k for k in found.keys() | stated.keys() if found[k] != stated[k]}
        return f"{form['id']}: the books have other sums of {sorted(map(str, wrong))}" if wrong else None

    def close_problem(self, form: Form) -> str | None:
        """A close names the digest of its statements."""
        statements = sorted(self._of(form["id"]), key=lambda f: (f["party"], f["currency"]))
        stripped = [{k: v for k, v in f.items() if k not in ("kind", "recorded_at")} for f in statements]
        sha256 = digest([[f["id"], digest(f)] for f in stripped])
        same = (form["statements"], form["statements_sha256"]) == (len(statements), sha256)
        return None if same else f"{form['id']}: its statements have another number or digest"

    def _of(self, period: str) -> list[Form]:
        return [f for f in self.forms.values() if f["period"] == period]


def check_statements(archive: ReadableArchive, leaves: Leaves, *, whole: bool) -> tuple[Check, ...]:
    """All statements of the export. Where it isn't ``whole``, some transactions lie outside: sums can't be told."""
    foot = Check(name="statements foot, and so do their reserves and breakdowns")
    chain = Check(name="each statement opens with what the one before closed with, and is sealed by its period")
    posted = Check(name="each close posts what its statements say, and nothing else")
    stated = _Stated(leaves)
    for form in forms_of(archive, "statement"):
        stated.forms[str(form.get("id"))] = form
    for form in forms_of(archive, "period_close"):
        chain.note(guarded(form, stated.read_close))
    for form in forms_of(archive, "transaction"):
        guarded(form, stated.read_transaction)  # what can't be read is another check's problem
    for statement in stated.forms.values():
        foot.note(guarded(statement, stated.footing_problem))
        chain.note(guarded(statement, stated.chain_problem))
        posted.note(guarded(statement, stated.posting_problem))
    named = {f.get("transaction") for f in stated.forms.values()}
    for transaction in stated.posted:
        posted.note(None if transaction in named else f"{transaction}: no statement of the export posted it")
    checks = [foot, chain, posted]
    if whole:
        sources = Check(name="statements count every entry of the books, once")
        for statement in stated.forms.values():
            sources.note(guarded(statement, stated.source_problem))
        for period, name in stated.sums:
            known = name in stated.forms or not any(stated.sums[period, name].values())
            sources.note(None if known else f"{name} of {period} is missing, and the books have entries for it")
        for form in forms_of(archive, "period_close"):
            sources.note(guarded(form, stated.close_problem))
        checks.append(sources)
    return tuple(checks)


def _id(period: str, party: str, currency: str) -> str:
    return derived_id("statement", {"period": period, "party": party, "currency": currency})


def _sum(lines: list[Any], *kinds: str) -> int:
    return sum(int(n["micros"]) for n in lines if n["kind"] in kinds)


def _reserves(carried: Form) -> int:
    return sum(int(t["micros"]) for t in carried["reserves"])


def _end(period: str) -> datetime:
    """The first moment after a month or quarter, by its name."""
    year, _, rest = period.partition("-")
    month = int(rest[1:]) * 3 if rest.startswith("Q") else int(rest)
    return datetime.fromisoformat(f"{int(year) + month // 12:04d}-{month % 12 + 1:02d}-01T00:00:00+00:00")
