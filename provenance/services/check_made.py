"""Check what an export says of when outputs were made: not in the future, and from nothing that was registered later.

Texts aren't exported, so it can't be told from here that a passage of a revised work stood in an earlier revision; that
the work had one by then can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.errors import InvalidInput
from provenance.services.check_rows import Check, Form, ReadableArchive, forms_of, guarded
from provenance.workers.generation import check_made_at


@dataclass(frozen=True, slots=True)
class ExportedRevisions:
    """For each revision its work, and for each work when its first revision was recorded."""

    works: Mapping[str, str]
    since: Mapping[str, datetime]

    @classmethod
    def read(cls, archive: ReadableArchive, readable: Check) -> ExportedRevisions:
        """Read the file; what can't be read is noted in ``readable``."""
        works: dict[str, str] = {}
        since: dict[str, datetime] = {}

        def note(form: Form) -> None:
            at, work = datetime.fromisoformat(form["recorded_at"]), form["work"]
            works[form["id"]] = work
            since[work] = min(at, since.get(work, at))

        for form in forms_of(archive, "revision"):
            readable.note(guarded(form, note))
        return cls(works, since)

    def made_problem(self, form: Form) -> str | None:
        """Whatever a generation derives from was registered when it was made, where it says when that was."""
        if "made_at" not in form:
            return None
        made_at = datetime.fromisoformat(form["made_at"])
        try:
            check_made_at(made_at, taken_in=datetime.fromisoformat(form["recorded_at"]))
        except InvalidInput as error:
            return f"{form['id']}: recorded at {form['recorded_at']}, made at {form['made_at']}: {error.message}"
        for attribution in form["attributions"]:
            work = attribution["work"]
            if {self.works[match["revision"]] for match in attribution["matches"]} - {work}:
                return f"{form['id']}: a match for {work} is with a revision of another work"
            if work not in self.since or self.since[work] > made_at:
                return f"{form['id']}: made at {form['made_at']}, and {work} was registered later"
        return None
