"""Check what an export's uses say that came before them: counted again in the order of the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from provenance.royalties.standing import Count, Standing, count_of, split_count
from provenance.services.check_rows import Form
from provenance.services.expected_royalty import expected_line, expected_royalty
from provenance.services.facts import standing_form
from provenance.sources.claim import Claims
from provenance.sources.licence import Licence


@dataclass(slots=True)
class CountedUses:
    """The counts of the generations that were read so far, in the order of the log.

    In an export that doesn't begin with the log, the first use of each count is taken at its word.
    """

    licences: Mapping[str, Form]
    whole: bool = True
    counts: dict[Count, Standing] = field(default_factory=dict)
    split: dict[Count, Counter[str]] = field(default_factory=dict)

    def before(self, form: Form) -> FormBefore:
        """What came before the uses of a generation."""
        return FormBefore(self, form)

    def note(self, form: Form) -> None:
        """Count a generation's uses."""
        for use in form["uses"]:
            for stated in (use.get("standing"), use.get("split")):
                if stated is not None:
                    standing = standing_of(stated)
                    self.counts[standing.count] = standing.after(int((use["royalty"] or use["held"])["micros"]))

    def problem(self, form: Form) -> str | None:
        """Compute each royalty again, apart from the program's own terms, and hold shares of claims against drift."""
        on = datetime.fromisoformat(form["recorded_at"]).date()
        for use in form["uses"]:
            licence = self.licences.get(use["licence"])
            if licence is None or not _pays(licence, use):
                continue
            owed = use["royalty"] or use["held"]
            if expected_royalty(licence["terms"], use) != (owed["currency"], int(owed["micros"])):
                return f"{form['id']}: the royalty of {use['work']} doesn't follow from its terms"
            stated = use.get("standing")
            if stated and (stated["line"], stated["period_from"]) != expected_line(licence, use, on=on):
                return f"{form['id']}: the use of {use['work']} is counted elsewhere than its licence says"
            if use.get("split") and (problem := self._drift(form, use)):
                return problem
        return None

    def _drift(self, form: Form, use: Form) -> str | None:
        """Nobody is a micro-unit, or more, from its part of all that was split by the same claims so far."""
        standing = standing_of(use["split"])
        if not self.whole and standing.count not in self.split and standing.earned_before:
            return None  # what each had before isn't in this export
        got = self.split.setdefault(standing.count, Counter())
        for accrual in use["accruals"]:
            got[accrual["party"]] += int(accrual["money"]["micros"])
        total = sum(got.values())
        for accrual in use["accruals"]:
            if abs(got[accrual["party"]] * 10_000 - total * accrual["basis_points"]) >= 10_000:
                return f"{form['id']}: {accrual['party']} is a micro-unit or more from its part of {use['work']}"
        return None


@dataclass(frozen=True, slots=True)
class FormBefore:
    """What came before the uses of one generation. Implements `royalties.standing.Before`."""

    counted: CountedUses
    form: Form

    def standing(self, work: str, licence: Licence) -> Standing | None:
        """As counted so far; None where the licence counts none."""
        on, currency = datetime.fromisoformat(self.form["recorded_at"]).date(), self.form["price"]["currency"]
        count = count_of(work, licence, on=on, price_currency=currency)
        return self._found(count, "standing") if count else None

    def split(self, claims_id: str, claims: Claims, currency: str) -> Standing | None:
        """As counted so far; None for uses that were recorded before splits were counted."""
        count = split_count(claims_id, claims, currency)
        if count is None or (count not in self.counted.counts and self._stated(count, "split") is None):
            return None
        return self._found(count, "split")

    def _found(self, count: Count, member: str) -> Standing:
        if count in self.counted.counts:
            return self.counted.counts[count]
        stated = None if self.counted.whole else self._stated(count, member)
        return stated or Standing(count=count)

    def _stated(self, count: Count, member: str) -> Standing | None:
        found = (standing_of(use[member]) for use in self.form["uses"] if use.get(member))
        return next((standing for standing in found if standing.count == count), None)


def standing_of(form: Form) -> Standing:
    """The standing that a form states. Raises `ValueError` where it isn't written as the form of one."""
    count = Count(line=form["line"], period_from=datetime.fromisoformat(form["period_from"]).date())
    standing = Standing(count=count, uses_before=form["uses_before"], earned_before=int(form["earned_before"]))
    if standing_form(standing) != form:
        raise ValueError("what came before isn't written as it is elsewhere")
    return standing


def _pays(licence: Form, use: Form) -> bool:
    return use["outcome"] in ("paid", "review", "unclaimed") and licence["terms"]["kind"] in (
        "share_of_revenue",
        "fee_per_use",
    )
