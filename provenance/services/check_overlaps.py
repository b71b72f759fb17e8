"""Check the overlaps of an export: that they name texts of two works, that their figures add up, and who was first.

The texts aren't in an export, so that the words are equal can't be seen here; the texts' digests are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provenance.kernel.span import Span
from provenance.services.check_rights import Leaves
from provenance.services.check_rows import Check, Form, ReadableArchive, forms_of, guarded
from provenance.sources.overlap import PASSAGES_MAX, PassageKind, covered_chars, covered_ppm, overlap_id

SIDES = ("later", "earlier")


def check_overlaps(archive: ReadableArchive, leaves: Leaves) -> Check:
    """Each overlap follows from what the export says of its revisions."""
    check = Check(name="each overlap is between earlier texts of two works, and says rightly which had it first")
    revisions = {str(form.get("id")): form for form in forms_of(archive, "revision")}
    texts = _Texts(revisions, leaves)
    for form in forms_of(archive, "overlap"):
        check.note(guarded(form, texts.problem))
    return check


@dataclass(frozen=True, slots=True)
class _Texts:
    revisions: Mapping[str, Form]
    leaves: Leaves

    def problem(self, form: Form) -> str | None:
        later, earlier = (form[side] for side in SIDES)
        if form["id"] != overlap_id(later["revision"], earlier["revision"]):
            return f"{form['id']}: its id doesn't follow from its revisions"
        if later["work"] == earlier["work"] or not self._in_order(form):
            return f"{form['id']}: the texts aren't of two works, or were not recorded in this order before it"
        since = {form[side]["work"]: self._place(form[side]["held_from"]) for side in SIDES}
        if form["first"] != min(since, key=lambda work: since[work]):
            return f"{form['id']}: {form['first']} was not the first"
        return next((p for side in SIDES if (p := self._side_problem(form, side)) is not None), None)

    def _in_order(self, form: Form) -> bool:
        later, earlier = (form[side] for side in SIDES)
        own = self.leaves["overlap", form["id"]][0]
        return (
            self._place(earlier["revision"]) < self._place(later["revision"]) < own
            and all(self.revisions[s[of]]["work"] == s["work"] for s in (later, earlier) for of in _REVISIONS)
            and all(self._place(s["held_from"]) <= self._place(s["revision"]) for s in (later, earlier))
        )

    def _side_problem(self, form: Form, name: str) -> str | None:
        side, passages = form[name], form["passages"]
        spans = [Span(*p[f"{name}_span"]) for p in passages]
        chars, shared = self.revisions[side["revision"]]["chars"], side["shared_chars"]
        whole = form["passages_found"] == len(passages)
        if not 0 < len(passages) <= PASSAGES_MAX or len(passages) > form["passages_found"]:
            return f"{form['id']}: it has {len(passages)} passages of {form['passages_found']}"
        if any((p["words"] > 0) != (PassageKind(p["kind"]) is PassageKind.EXACT) for p in passages):
            return f"{form['id']}: a passage is of another kind than its words say"
        if any(len(s) == 0 or s.end > chars for s in spans):
            return f"{form['id']}: a passage is empty or ends after the text of {side['revision']}"
        least = covered_chars(spans)
        if not (least == shared if whole else least <= shared <= chars):
            return f"{form['id']}: {shared} shared characters of {side['revision']}, and its passages have {least}"
        same = side["covered_ppm"] == covered_ppm(shared, chars)
        return None if same else f"{form['id']}: {shared} of {chars} characters aren't {side['covered_ppm']} millionths"

    def _place(self, revision: str) -> int:
        return self.leaves["revision", revision][0]


_REVISIONS = ("revision", "held_from")
