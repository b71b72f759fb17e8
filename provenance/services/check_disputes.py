"""Check the disputes of an export: steps one after the other, holds of what was disputed, all settled in the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provenance.kernel.ids import derived_id
from provenance.services.check_rights import Leaves
from provenance.services.check_rows import Check, Form, ReadableArchive, forms_of, guarded

DISPUTE_CAUSES = ("dispute_hold", "dispute_settlement")


def hold_key(hold: Form) -> str:
    """The business key of a hold's transaction."""
    return f"dispute-hold:{hold['dispute']}:{hold['generation']}"


def settlement_key(settlement: Form, hold: Form) -> str:
    """The business key of a settlement's transaction."""
    return f"dispute-settle:{settlement['dispute']}:{hold['generation']}"


@dataclass(slots=True)
class _Disputes:
    """What was read so far of the disputes, and of what they name."""

    leaves: Leaves
    generations: Mapping[str, Form]
    posted: Mapping[str, Form]
    disputes: dict[str, Form] = field(default_factory=dict)
    steps: dict[str, list[Form]] = field(default_factory=lambda: defaultdict(list))
    holds: dict[str, Form] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)

    def dispute_problem(self, form: Form) -> str | None:
        named = {name: form[name] for name in ("disputant", "work", "claims", "generation")}
        self.disputes[form["id"]] = form
        if form["id"] != derived_id("dispute", named):
            return f"{form['id']}: its id doesn't follow from who disputes what"
        if form["held_from"] > form["recorded_at"] or not form["parts"] or form["in_favour_of"] in form["parts"]:
            return f"{form['id']}: it holds from a time that is to come, or is about nobody else's part"
        return self._after(form["id"], "dispute", "claims", form["claims"])

    def step_problem(self, form: Form) -> str | None:
        before = self.steps[form["dispute"]]
        before.append(form)
        if form["dispute"] not in self.disputes:
            return f"{form['id']}: its dispute is not in the export"
        if form["number"] != len(before) or any(s["returned_basis_points"] is not None for s in before[:-1]):
            return f"{form['id']}: it isn't the next step, or the dispute was over"
        return self._after(form["id"], "dispute_step", "dispute", form["dispute"])

    def hold_problem(self, form: Form) -> str | None:
        self.holds[form["id"]] = form
        dispute = self.disputes[form["dispute"]]
        if problem := self._after(form["id"], "dispute_hold", "generation", form["generation"]):
            return problem
        generation = self.generations.get(form["generation"])
        if generation is not None and (problem := _part_problem(form, dispute, generation)):
            return problem
        expected: Counter[str] = Counter()
        for part in form["parts"]:
            micros, currency = int(part["money"]["micros"]), part["money"]["currency"]
            expected[f"party_payable/{part['party']}/{currency}"] += micros
            expected[f"held/{currency}"] -= micros
        corrects = generation["transaction"] if generation else None
        return self._posting_problem(form, expected, corrects)

    def settlement_problem(self, form: Form) -> str | None:
        hold, dispute = self.holds[form["hold"]], self.disputes[form["dispute"]]
        if self.settled.setdefault(form["hold"], form["id"]) != form["id"] or hold["dispute"] != form["dispute"]:
            return f"{form['id']}: it settles what was settled before, or what another dispute holds"
        [back] = [s["returned_basis_points"] for s in self.steps[form["dispute"]] if _closes(s)]
        expected: Counter[str] = Counter()
        if [p["party"] for p in form["parts"]] != [p["party"] for p in hold["parts"]]:
            return f"{form['id']}: it settles the parts of others than the hold's"
        for held, part in zip(hold["parts"], form["parts"], strict=True):
            micros, currency = int(held["money"]["micros"]), held["money"]["currency"]
            returned = (2 * micros * back + 10_000) // 20_000  # to the nearest micro-unit, a half upwards
            if (int(part["returned"]["micros"]), int(part["released"]["micros"])) != (returned, micros - returned):
                return f"{form['id']}: what it releases and returns doesn't follow from the decision"
            favoured = dispute["in_favour_of"]
            goes_to = f"party_payable/{favoured}/{currency}" if favoured else f"unattributed_pool/{currency}"
            expected[f"held/{currency}"] += micros
            expected[f"party_payable/{held['party']}/{currency}"] -= micros - returned
            expected[goes_to] -= returned
        return self._posting_problem(form, expected, hold["transaction"])

    def open_problem(self, dispute: str) -> str | None:
        """A dispute that is over holds nothing."""
        if not any(map(_closes, self.steps[dispute])):
            return None
        left = [h["id"] for h in self.holds.values() if h["dispute"] == dispute and h["id"] not in self.settled]
        return f"{dispute}: it is over, and {left[0]} was never settled" if left else None

    def _after(self, name: str, kind: str, earlier_kind: str, earlier: str) -> str | None:
        same = self.leaves[earlier_kind, earlier][0] < self.leaves[kind, name][0]
        return None if same else f"{name}: it was recorded before {earlier_kind} {earlier}"

    def _posting_problem(self, form: Form, expected: Mapping[str, int], corrects: str | None) -> str | None:
        posted = self.posted.get(form["transaction"])
        if posted is None:  # of an earlier period
            return None if ("transaction", form["transaction"]) in self.leaves else f"{form['id']}: nothing was posted"
        entries = {e["account"]: int(e["micros"]) for e in posted["entries"]}
        if entries != {account: micros for account, micros in expected.items() if micros}:
            return f"{form['id']}: {form['transaction']} posted something else"
        same = corrects is None or posted["corrects"] == corrects
        return None if same else f"{form['id']}: {form['transaction']} names another transaction than it corrects"


def check_disputes(archive: ReadableArchive, leaves: Leaves) -> Check:
    """All disputes of the export."""
    check = Check(name="what disputes hold was disputed, and each micro-unit of it is released or returned in the end")
    holds, settlements = list(forms_of(archive, "dispute_hold")), list(forms_of(archive, "dispute_settlement"))
    wanted = {str(form.get("generation")) for form in holds}
    posted = {str(form.get("transaction")) for form in (*holds, *settlements)}
    found = _Disputes(
        leaves,
        {str(g["id"]): g for g in forms_of(archive, "generation") if str(g.get("id")) in wanted},
        {str(t["id"]): t for t in forms_of(archive, "transaction") if str(t.get("id")) in posted},
    )
    for form in forms_of(archive, "dispute"):
        check.note(guarded(form, found.dispute_problem))
    for form in forms_of(archive, "dispute_step"):
        check.note(guarded(form, found.step_problem))
    for form in holds:
        check.note(guarded(form, found.hold_problem))
    for form in settlements:
        check.note(guarded(form, found.settlement_problem))
    for dispute in found.disputes:
        check.note(guarded(dispute, found.open_problem))
    return check


def disputed_keys(archive: ReadableArchive) -> dict[str, list[str]]:
    """The business keys that holds and settlements call for, by transaction."""
    keys: dict[str, list[str]] = defaultdict(list)
    holds: dict[str, Form] = {}
    for form in forms_of(archive, "dispute_hold"):
        if guarded(form, lambda f: keys[f["transaction"]].append(hold_key(f))) is None:
            holds[str(form.get("id"))] = form
    for form in forms_of(archive, "dispute_settlement"):
        guarded(form, lambda f: keys[f["transaction"]].append(settlement_key(f, holds[f["hold"]])))
    return keys


def _closes(step: Form) -> bool:
    return step["returned_basis_points"] is not None


def _part_problem(form: Form, dispute: Form, generation: Form) -> str | None:
    """No more is held of anybody than is disputed of its claim; less, where other disputes hold the rest."""
    use = next((u for u in generation["uses"] if u["work"] == dispute["work"]), None)
    if use is None or use["claims"] != dispute["claims"] or not form["parts"]:
        return f"{form['id']}: {form['generation']} has no use of what is disputed"
    accrued: Sequence[Form] = use["accruals"]
    for part in form["parts"]:
        [accrual] = [a for a in accrued if a["party"] == part["party"]]
        whole, micros = accrual["basis_points"], int(accrual["money"]["micros"])
        disputed = (2 * micros * min(dispute["parts"][part["party"]], whole) + whole) // (2 * whole)
        held = part["money"]
        if held["currency"] != accrual["money"]["currency"] or not 0 < int(held["micros"]) <= disputed:
            return f"{form['id']}: it holds more of {part['party']} than is disputed"
    return None
