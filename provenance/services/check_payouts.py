"""Check the payouts of an export: each settles lines of closed statements, once; moves forward; and posts what it pays.

It shares no code with what makes payouts. The log says in which order all of it was recorded.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provenance.kernel.ids import derived_id
from provenance.kernel.minor_units import micros_per_minor_unit
from provenance.services.check_rights import Leaves
from provenance.services.check_rows import Check, Form, ReadableArchive, forms_of, guarded

PAYOUT_CAUSES = ("payout", "payout_sent", "payout_reversed", "payout_returned", "payout_written_off")

_ENDED = ("returned", "cancelled")
_RANKS = {
    state: rank for rank, state in enumerate("planned approved reserved sent confirmed settled failed returned".split())
} | {"cancelled": 7}
_SENT = 3
# Events that have a transaction, or may: the business key of each, and the signs of what it does to what is owed, to
# what is on its way, and to cash (debits positive).
_POSTINGS = {
    "reserved": ("payout:{payout}", (1, -1, 0)),
    "returned": ("payout-returned:{payout}", (-1, 1, 0)),
    "cancelled": ("payout-returned:{payout}", (-1, 1, 0)),
    "bounced": ("payout-reversed:{attempt}", (0, -1, 1)),
    "written_off": ("payout-written-off:{payout}", (0, -1, 1)),
}
_FORWARD = ("payout-sent:{attempt}", (0, 1, -1))
_BACK = ("payout-reversed:{attempt}", (0, -1, 1))

Line = tuple[str, int]


@dataclass(slots=True)
class _Payouts:
    """What was read so far, in the log's order."""

    leaves: Leaves
    statements: Mapping[str, Form]
    posted: Mapping[str, Form]
    payouts: dict[str, Form] = field(default_factory=dict)
    of: dict[tuple[str, str], list[Form]] = field(default_factory=lambda: defaultdict(list))
    attempts: dict[str, Form] = field(default_factory=dict)
    courses: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    approvals: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    events: dict[str, list[Form]] = field(default_factory=lambda: defaultdict(list))
    settled_by: dict[Line, str] = field(default_factory=dict)
    cash_out: Counter[str] = field(default_factory=Counter)

    def payout_problem(self, form: Form) -> str | None:
        """Its id, its amount, and the lines that it settles."""
        name, whose = form["id"], (form["party"], form["currency"])
        carried = self._carried(whose)
        self.payouts[name] = form
        self.of[whose].append(form)
        named = {"party": form["party"], "currency": form["currency"], "number": form["number"]}
        if name != derived_id("payout", named) or form["number"] != len(self.of[whose]):
            return f"{name}: its id or its number doesn't follow from whose it is"
        micros, lines = int(form["micros"]), form["lines"]
        if micros != form["minor_units"] * micros_per_minor_unit(form["currency"]) or micros <= 0:
            return f"{name}: it isn't whole minor units of its currency"
        left = sum(int(n["micros"]) for n in lines) + int(form["carried_in_micros"]) - micros
        if left != int(form["carried_out_micros"]) or left < 0:
            return f"{name}: its lines don't add up to what it pays and carries on"
        if int(form["carried_in_micros"]) != carried:
            return f"{name}: it carries in {form['carried_in_micros']}, and the payouts before it carried on {carried}"
        return self._lines_problem(form)

    def _lines_problem(self, form: Form) -> str | None:
        name = form["id"]
        for line in form["lines"]:
            key = (line["statement"], line["number"])
            if (other := self.settled_by.get(key)) is not None and self._state(other) not in _ENDED:
                return f"{name}: line {line['number']} of {line['statement']} is settled by {other} already"
            self.settled_by[key] = name
            if ("statement", line["statement"]) not in self.leaves:
                return f"{name}: {line['statement']} is not in the log"
            statement = self.statements.get(line["statement"])
            if statement is None:  # of an earlier period
                continue
            stated = statement["lines"][line["number"] - 1]
            if (statement["party"], statement["currency"]) != (form["party"], form["currency"]):
                return f"{name}: it settles a statement of another party or currency"
            if stated["micros"] != line["micros"] or stated["kind"] == "paid" or line["number"] < 1:
                return f"{name}: line {line['number']} of {line['statement']} says something else"
            if self.leaves["period_close", statement["period"]][0] > self.leaves["payout", name][0]:
                return f"{name}: it was planned before {statement['period']} was closed"
        return None

    def approval_problem(self, form: Form) -> str | None:
        """Nobody approves twice."""
        again = form["by"] in self.approvals[form["payout"]]
        self.approvals[form["payout"]].add(form["by"])
        return f"{form['id']}: {form['by']} approved it before" if again else None

    def attempt_problem(self, form: Form) -> str | None:
        """An attempt is the next one of its leg, of a payout that is reserved."""
        self.attempts[form["id"]] = form
        course = (form["payout"], form["leg"], bool(form["undoes"]))
        self.courses[course] += 1
        key = f"{form['payout']}:{'undo-' if form['undoes'] else ''}{form['leg']}:{form['ordinal']}"
        if form["id"] != key or form["ordinal"] != self.courses[course]:
            return f"{form['id']}: it isn't the next attempt"
        reserved = any(e["what"] == "reserved" for e in self.events[form["payout"]])
        return None if reserved else f"{form['id']}: it was begun before anything was reserved"

    def event_problem(self, form: Form) -> str | None:
        """An event is the next one, moves nothing back, and posts what it says."""
        name, payout, before = form["id"], self.payouts[form["payout"]], self._state(form["payout"])
        self.events[form["payout"]].append(form)
        if form["number"] != len(self.events[form["payout"]]):
            return f"{name}: it isn't the next event"
        if not _may_follow(before, form["state"]):
            return f"{name}: {before} is never followed by {form['state']}"
        if form["attempt"] is not None and self.attempts[form["attempt"]]["payout"] != form["payout"]:
            return f"{name}: its attempt is of another payout"
        if form["what"] == "approved" and len(self.approvals[form["payout"]]) < payout["approvals"]:
            return f"{name}: too few people have approved {form['payout']}"
        if form["what"] in ("reserved", "returned") and form["transaction"] is None:
            return f"{name}: nothing was posted"
        return None if form["transaction"] is None else self._posting_problem(form, payout)

    def _posting_problem(self, form: Form, payout: Form) -> str | None:
        key, (owed, clearing, cash) = self._posting(form)
        self.cash_out[payout["id"]] -= cash
        if form["transaction"] != derived_id("txn", {"business_key": key.format(**form)}):
            return f"{form['id']}: its transaction doesn't follow from it"
        transaction = self.posted.get(form["transaction"])
        if transaction is None:  # of an earlier period
            known = ("transaction", form["transaction"]) in self.leaves
            return None if known else f"{form['id']}: {form['transaction']} is not in the log"
        micros, currency, party = int(payout["micros"]), payout["currency"], payout["party"]
        entries = {e["account"]: int(e["micros"]) for e in transaction["entries"]}
        fee = entries.pop(f"payout_fees/{currency}", 0)
        expected = {
            f"party_payable/{party}/{currency}": owed * micros,
            f"payout_clearing/{party}/{currency}": clearing * micros,
            f"payout_cash/{currency}": cash * micros - fee,
        }
        if form["what"] == "written_off":  # what isn't got back in cash is a loss
            expected[f"payout_losses/{currency}"] = expected.pop(f"payout_cash/{currency}")
        if fee < 0 or (fee and cash >= 0) or entries != {account: m for account, m in expected.items() if m}:
            return f"{form['id']}: {form['transaction']} posted something else"
        return None

    def _posting(self, form: Form) -> tuple[str, tuple[int, int, int]]:
        if form["what"] == "done":
            return _BACK if self.attempts[form["attempt"]]["undoes"] else _FORWARD
        return _POSTINGS[form["what"]]

    def end_problem(self, form: Form) -> str | None:
        """What is settled is out once; what has ended is not out at all."""
        state, out = self._state(form["id"]), self.cash_out[form["id"]]
        allowed = (1,) if state == "settled" else (0,) if state in _ENDED else (0, 1)
        return None if out in allowed else f"{form['id']}: it is {state}, and its cash is out {out} times"

    def _state(self, payout: str) -> str:
        events = self.events[payout]
        return str(events[-1]["state"]) if events else "planned"

    def _carried(self, whose: tuple[str, str]) -> int:
        live = (p for p in self.of[whose] if self._state(p["id"]) not in _ENDED)
        return sum(sum(int(n["micros"]) for n in p["lines"]) - int(p["micros"]) for p in live)


def check_payouts(archive: ReadableArchive, leaves: Leaves) -> Check:
    """All payouts of the export, in the log's order."""
    check = Check(name="payouts settle lines of closed statements, once, and post what they pay")
    found = _Payouts(
        leaves,
        {str(f.get("id")): f for f in forms_of(archive, "statement")},
        {str(f.get("id")): f for f in forms_of(archive, "transaction") if f.get("cause") in PAYOUT_CAUSES},
    )
    problems = {
        "payout": found.payout_problem,
        "payout_approval": found.approval_problem,
        "payout_attempt": found.attempt_problem,
        "payout_event": found.event_problem,
    }
    forms: list[tuple[int, str, dict[str, Any]]] = [
        (leaves.get((kind, str(form.get("id"))), (0, ""))[0], kind, form)
        for kind in problems
        for form in forms_of(archive, kind)
    ]
    for _, kind, form in sorted(forms, key=lambda entry: entry[0]):
        check.note(guarded(form, problems[kind]))
    for payout in found.payouts.values():
        check.note(guarded(payout, found.end_problem))
    return check


def payout_keys(archive: ReadableArchive) -> dict[str, list[str]]:
    """The business keys that events of payouts call for, by transaction."""
    keys: dict[str, list[str]] = defaultdict(list)
    undoes = {str(f.get("id")): f.get("undoes") for f in forms_of(archive, "payout_attempt")}
    for form in forms_of(archive, "payout_event"):
        if form.get("transaction") is not None:
            guarded(form, lambda f: keys[f["transaction"]].append(_key(f, undoes)))
    return keys


def _key(form: Form, undoes: Mapping[str, Any]) -> str:
    if form["what"] == "done":
        return (_BACK if undoes[form["attempt"]] else _FORWARD)[0].format(**form)
    return _POSTINGS[form["what"]][0].format(**form)


def _may_follow(before: str, after: str) -> bool:
    if before in _ENDED or _RANKS[after] < _RANKS[before]:
        return False
    if after == "returned":
        return before == "failed"
    return after != "cancelled" or _RANKS[before] <= _SENT
