"""Check what closes took, by the terms that statements name: recoupment, the reserve, tax, and what is payable.

It shares no code with what makes statements. Recoupment can be computed again where a statement shows what each work
earned: not where other works are summed up, nor where pools were shared out, of which it shows each party's sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provenance.kernel.parts import split_exactly
from provenance.services.check_rights import Leaves
from provenance.services.check_rows import Check, Form, ReadableArchive, forms_of, guarded

_EARNED = ("accrued", "late", "adjusted", "topped_up", "subscribed", "spread")
_WHOLE = 10_000
_POOLS = ("subscribed", "spread")


@dataclass(slots=True)
class _Terms:
    """Payout terms, tax profiles and licences of the export, by id."""

    leaves: Leaves
    payout: dict[str, Form] = field(default_factory=dict)
    tax: dict[str, Form] = field(default_factory=dict)
    licences: dict[str, Form] = field(default_factory=dict)

    def named_problem(self, form: Form) -> str | None:
        """It names the terms and the profile that were in force at the end of the period, or none where none was."""
        payout = self._in_force("payout_terms", self.payout.values(), form, currency=form["currency"])
        tax = self._in_force("tax_profile", self.tax.values(), form)
        if form["payout_terms"] != payout:
            return f"{form['id']}: payout terms {payout} were in force, and it names {form['payout_terms']}"
        return None if form["tax_profile"] == tax else f"{form['id']}: the tax profile {tax} was in force"

    def _in_force(self, kind: str, forms: Iterable[Form], statement: Form, **same: str) -> str | None:
        last_day, place = statement["until"][:10], self.leaves["statement", statement["id"]][0]
        found = [
            (f["valid_from"], self.leaves[kind, f["id"]][0], f["id"])
            for f in forms
            if f["party"] == statement["party"] and all(f[k] == v for k, v in same.items())
        ]
        # ``until`` is the day after the last one.
        return max((f for f in found if f[0] < last_day and f[1] < place), default=(None, 0, None))[2]

    def taken_problem(self, form: Form) -> str | None:
        """Reserve, tax, and what is payable."""
        money = _Money(form)
        payout, tax = self.payout.get(form["payout_terms"]), self.tax.get(form["tax_profile"])
        reserved = _part(money.free + money.sum("recouped"), payout["reserve_basis_points"] if payout else 0)
        if -money.sum("reserved") != reserved:
            return f"{form['id']}: {reserved} are to be reserved, and {-money.sum('reserved')} were"
        threshold = int(payout["threshold_micros"]) if payout else 0
        before_tax = money.closing - money.sum("withheld")
        due = before_tax > 0 and before_tax >= threshold
        taxable = max(0, min(money.untaxed, before_tax)) if due else 0
        withheld = _part(taxable, tax["basis_points"] if tax else 0)
        if -money.sum("withheld") != withheld or int(form["closing"]["untaxed_micros"]) != money.untaxed - taxable:
            return f"{form['id']}: {withheld} of {taxable} are to be withheld"
        payable = money.closing if due else 0
        same = (int(form["payable_micros"]), int(form["threshold_micros"])) == (payable, threshold)
        return None if same else f"{form['id']}: {payable} are payable from {threshold} on"

    def recouped_problem(self, form: Form) -> str | None:
        """Advances are carried, and recouped in order from what may recoup them."""
        found = {a["id"]: {**a, "left": int(a["micros"])} for a in form["opening"].get("advances", ())}
        for line in form["lines"]:
            said = line["inputs"]
            if line["kind"] == "advanced":
                found[said["licence"]] = self._advanced(line, form)
            if line["kind"] == "recouped" and said["advance"] not in found:
                found[said["advance"]] = _of_books(said)
        closing = {a["id"]: int(a["micros"]) for a in form["closing"].get("advances", ())}
        taken = {n["inputs"]["advance"]: -int(n["micros"]) for n in form["lines"] if n["kind"] == "recouped"}
        for name, advance in found.items():
            if advance["left"] - taken.get(name, 0) != closing.get(name, 0) and not name.startswith("books:"):
                return f"{form['id']}: of the advance {name} {advance['left']} were left, and it carries another sum"
        earned = self._earned(form)
        if earned is None or sum(closing.values()) != int(form["advance_micros"]):
            return None if earned is None else f"{form['id']}: the advances don't come to what is left"
        expected = _recoup(earned, _Money(form).free, list(found.values()))
        return None if expected == taken else f"{form['id']}: {expected} are to be recouped, and {taken} were"

    def _advanced(self, line: Form, form: Form) -> dict[str, Any]:
        licence = self.licences[line["inputs"]["licence"]]
        stated = licence["terms"]["advance"]
        return {
            "id": licence["id"],
            "paid_on": form["until"],  # after all that were paid before
            "left": int(line["micros"]),
            "work": None if stated.get("across_works") else licence["work"],
            "basis_points": stated.get("basis_points", _WHOLE),
        }

    def _earned(self, form: Form) -> dict[str, int] | None:
        """Micro-units by work, with what is no work's; None where the statement doesn't show it."""
        by_work = next((b for b in form["breakdowns"] if b["dimension"] == "work"), None)
        if (by_work and by_work["others_count"]) or any(line["kind"] in _POOLS for line in form["lines"]):
            return None
        found = {row["key"]: int(row["micros"]) for row in by_work["rows"]} if by_work else {}
        for line in form["lines"]:
            if line["kind"] == "topped_up":
                work = self.licences[line["inputs"]["licence"]]["work"]
                found[work] = found.get(work, 0) + int(line["micros"])
        return {**found, "": _Money(form).sum(*_EARNED) - sum(found.values())}


class _Money:
    """What the lines of a statement come to."""

    def __init__(self, form: Form) -> None:
        self._lines = form["lines"]
        self.closing = int(form["closing"]["micros"])
        earned = self.sum(*_EARNED)
        available = int(form["opening"]["micros"]) + earned + self.sum("exchanged", "paid")
        self.free = max(0, min(earned, available))
        taken = self.sum("recouped", "reserved", "released")
        self.untaxed = int(form["opening"]["untaxed_micros"]) + earned + self.sum("advanced", "exchanged") + taken

    def sum(self, *kinds: str) -> int:
        return sum(int(line["micros"]) for line in self._lines if line["kind"] in kinds)


def _of_books(said: Mapping[str, str]) -> dict[str, Any]:
    left = int(said["advance_before"].replace(".", ""))  # six decimals
    return {"id": said["advance"], "paid_on": said["paid_on"], "left": left, "work": None, "basis_points": _WHOLE}


def _recoup(earned: Mapping[str, int], free: int, advances: list[dict[str, Any]]) -> dict[str, int]:
    above = {w: m for w, m in sorted(earned.items()) if m > 0}
    if sum(above.values()) > free:
        above = dict(zip(above, split_exactly(free, list(above.values())), strict=True))
    found = {}
    for advance in sorted(advances, key=_order):
        parts = {
            w: m * advance["basis_points"] // _WHOLE for w, m in above.items() if m > 0 and advance["work"] in (None, w)
        }
        taken = min(advance["left"], sum(parts.values()))
        if taken:
            found[advance["id"]] = taken
            for work, part in zip(parts, split_exactly(taken, list(parts.values())), strict=True):
                above[work] -= part
    return found


def _order(advance: Mapping[str, Any]) -> tuple[bool, str, str]:
    """Those of one work first, then the one that was paid first."""
    return advance["work"] is None, advance["paid_on"][:10], advance["id"]


def _part(micros: int, basis_points: int) -> int:
    """To the nearest micro-unit, a half upwards; nothing of what is below zero."""
    return (2 * max(0, micros) * basis_points + _WHOLE) // (2 * _WHOLE)


def check_deductions(archive: ReadableArchive, leaves: Leaves) -> tuple[Check, ...]:
    """All statements of the export."""
    named = Check(name="each statement names the payout terms and the tax profile that were in force")
    taken = Check(name="reserve, tax and what is payable follow from the terms that a statement names")
    recouped = Check(name="advances are carried from statement to statement, and recouped as they were stated")
    terms = _Terms(leaves)
    for kind, found in (("payout_terms", terms.payout), ("tax_profile", terms.tax), ("licence", terms.licences)):
        for form in forms_of(archive, kind):
            found[str(form.get("id"))] = form
    for form in forms_of(archive, "statement"):
        named.note(guarded(form, terms.named_problem))
        taken.note(guarded(form, terms.taken_problem))
        recouped.note(guarded(form, terms.recouped_problem))
    return named, taken, recouped
