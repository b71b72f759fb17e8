"""Check the withdrawals of an export: each is of a work that was there, and nothing new came of the work afterwards.

*Afterwards* is told by the log, where every fact has its place: it needs no clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from provenance.services.check_rights import Leaves
from provenance.services.check_rows import Check, Form, ReadableArchive, forms_of, guarded
from provenance.sources.withdrawal import withdrawal_id


def check_withdrawals(archive: ReadableArchive, leaves: Leaves) -> Check:
    """Each withdrawal, and each revision and decision that is held against them."""
    check = Check(name="each work is withdrawn once, and is neither revised nor attributed afterwards")
    gone = _Gone({str(form.get("id")): form for form in forms_of(archive, "work")}, leaves)
    for form in forms_of(archive, "withdrawal"):
        check.note(guarded(form, gone.problem))
    if gone.places:
        for form in forms_of(archive, "revision"):  # twice: the texts of withdrawn works first
            check.note(guarded(form, gone.revision_problem))
        for form in forms_of(archive, "revision"):
            check.note(guarded(form, gone.text_problem))
        for form in forms_of(archive, "generation"):
            check.note(guarded(form, gone.generation_problem))
    return check


@dataclass(slots=True)
class _Gone:
    """Works by id; for each withdrawn one, where in the log that stands; and who had texts that were withdrawn."""

    works: Mapping[str, Form]
    leaves: Leaves
    places: dict[str, int] = field(default_factory=dict)
    texts: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))

    def problem(self, form: Form) -> str | None:
        name, work = form["id"], form["work"]
        if name != withdrawal_id(work) or work in self.places:
            return f"{name}: its id doesn't follow from its work, or {work} is withdrawn twice"
        self.places[work] = self.leaves["withdrawal", name][0]
        earlier = work in self.works and self.leaves["work", work][0] < self.places[work]
        if not earlier or self.leaves["party", form["withdrawn_by"]][0] > self.places[work]:
            return f"{name}: {work} or {form['withdrawn_by']} was not registered before it"
        return None

    def revision_problem(self, form: Form) -> str | None:
        place = self.places.get(form["work"])
        if place is None:
            return None
        self.texts[form["text_sha256"]].append((place, self.works[form["work"]]["registrant"]))
        late = self.leaves["revision", form["id"]][0] > place
        return f"{form['id']}: {form['work']} was revised after it had been withdrawn" if late else None

    def text_problem(self, form: Form) -> str | None:
        """A withdrawn text may come back, but not under somebody else's name."""
        if form["text_sha256"] not in self.texts:
            return None
        own, registrant = self.leaves["revision", form["id"]][0], self.works[form["work"]]["registrant"]
        taken = any(place < own and registrant != had for place, had in self.texts[form["text_sha256"]])
        return f"{form['id']}: its text was withdrawn by somebody else before" if taken else None

    def generation_problem(self, form: Form) -> str | None:
        own = self.leaves["generation", form["id"]][0]
        gone = [a["work"] for a in form["attributions"] if self.places.get(a["work"], own) < own]
        return f"{form['id']}: {gone[0]} had been withdrawn before" if gone else None
