"""Check the reviews of an export: each resolves a use that was held, once, and moves what was held and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provenance.kernel.ids import derived_id
from provenance.kernel.parts import split_exactly
from provenance.services.check_rights import ExportedRights
from provenance.services.check_rows import Check, Form, ReadableArchive, forms_of, guarded
from provenance.services.expected_entries import expected_decline

_RELEASE, _DECLINE = "release", "decline"
REVIEW_CAUSES = (_RELEASE, _DECLINE)


def review_key(form: Form) -> str:
    """The business key of a review's transaction."""
    return f"review:{form['generation']}:{form['work']}"


@dataclass(frozen=True, slots=True)
class _Posted:
    entries: Mapping[str, int]
    corrects: str | None


@dataclass(slots=True)
class ReviewedUses:
    """Generations of the export that were reviewed, and what was declined of each so far.

    A review of a generation that an earlier period exported is held against itself and the log alone.
    """

    rights: ExportedRights
    generations: dict[str, Form] = field(default_factory=dict)
    declined: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    posted: dict[str | None, _Posted] = field(default_factory=lambda: {None: _Posted({}, None)})

    def read(self, transaction: Form) -> None:
        """Remember what a review posted."""
        entries = {e["account"]: int(e["micros"]) for e in transaction["entries"]}
        self.posted[transaction["id"]] = _Posted(entries, transaction["corrects"])

    def problem(self, form: Form) -> str | None:
        """What is wrong with a review, told in the order in which they were recorded."""
        if form["id"] != derived_id("review", {"generation": form["generation"], "work": form["work"]}):
            return f"{form['id']}: its id doesn't follow from its generation and work"
        if self.rights.leaves["generation", form["generation"]][0] >= self.rights.leaves["review", form["id"]][0]:
            return f"{form['id']}: it was recorded before its generation"
        generation = self.generations.get(form["generation"])
        use = _use(generation, form["work"]) if generation else None
        if generation and (use is None or use["outcome"] != "review" or use["held"] != form["held"]):
            return f"{form['id']}: {form['generation']} didn't hold this for a review of {form['work']}"
        expected = self._expected(form, generation, use)
        posted = self.posted.get(form["transaction"])
        if posted is None:
            return f"{form['id']}: its transaction {form['transaction']} is not in the export"
        if expected is not None and posted.entries != expected:
            return f"{form['id']}: {form['transaction']} posted something else than {expected}"
        if generation and form["transaction"] and posted.corrects != generation["transaction"]:
            return f"{form['id']}: {form['transaction']} names another transaction than that of its generation"
        held = int(form["held"]["micros"])
        same = posted.entries.get(f"held/{form['held']['currency']}", 0) == held
        return None if same else f"{form['id']}: it doesn't take {held} micro-units from what is held"

    def _expected(self, form: Form, generation: Form | None, use: Form | None) -> Mapping[str, int] | None:
        """The entries that follow from the review; None where they can't be told without its generation.

        Raises:
            ValueError: what is released doesn't follow from the claims, or an unknown resolution.
        """
        held = form["held"]
        if form["resolution"] == _DECLINE:
            if form["released"]:
                raise ValueError("a decline releases nothing")
            if generation is None:
                return None
            before = frozenset(self.declined[form["generation"]])
            self.declined[form["generation"]].add(form["work"])
            return expected_decline(generation, form["work"], declined=before)
        if form["resolution"] != _RELEASE:
            raise ValueError(f"the resolution {form['resolution']!r} is unknown")
        if use is not None:
            self._check_claims(form, use)
        moved = {f"held/{held['currency']}": int(held["micros"])}
        for a in form["released"]:
            account = f"party_payable/{a['party']}/{a['money']['currency']}"
            moved[account] = moved.get(account, 0) - int(a["money"]["micros"])
        return {account: micros for account, micros in moved.items() if micros}

    def _check_claims(self, form: Form, use: Form) -> None:
        claims = dict(self.rights.claims[form["work"]])[use["claims"]].basis_points
        parties = sorted(claims)
        amounts = split_exactly(int(form["held"]["micros"]), [claims[p] for p in parties])
        due = [
            {
                "party": party,
                "basis_points": claims[party],
                "money": {"currency": form["held"]["currency"], "micros": str(amount)},
            }
            for party, amount in zip(parties, amounts, strict=True)
        ]
        if due != form["released"]:
            raise ValueError("what is released doesn't follow from the claims at the use")


def check_reviews(archive: ReadableArchive, rights: ExportedRights) -> Check:
    """All reviews of the export."""
    check = Check(name="each review resolves a use that was held, once, and moves what was held")
    reviews = list(forms_of(archive, "review"))
    wanted = {str(form.get("generation")) for form in reviews}
    posted = {str(form.get("transaction")) for form in reviews}
    uses = ReviewedUses(rights)
    uses.generations = {g["id"]: g for g in forms_of(archive, "generation") if str(g.get("id")) in wanted}
    for transaction in forms_of(archive, "transaction"):
        if str(transaction.get("id")) in posted:
            guarded(transaction, uses.read)  # one that can't be read is missing below, and another check's problem
    for form in reviews:
        check.note(guarded(form, uses.problem))
    return check


def _use(generation: Form, work: str) -> dict[str, Any] | None:
    return next((use for use in generation["uses"] if use["work"] == work), None)
