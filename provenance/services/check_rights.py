"""Check the rights that an export's uses name, and what they accrue: computed again from the export alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from provenance.attribution.shares import Attribution, GenerationShares
from provenance.kernel.money import MicroUnits, Money
from provenance.royalties.accrual import Rights, accrue
from provenance.royalties.rights import rights_in_force
from provenance.services.check_counted import CountedUses
from provenance.services.check_rows import Check, Form, ReadableArchive, forms_of, guarded
from provenance.services.facts import use_form
from provenance.sources.claim import Claims
from provenance.sources.licence import Licence
from provenance.sources.terms_text import parse_terms
from provenance.sources.worker_class import WorkerClass, hosting_of

# A leaf's place in the log and its digest, by kind and name.
Leaves = Mapping[tuple[str, str], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class ExportedRights:
    """Licences and claims of the export by work, each with its id, and where they stand in the log.

    ``thresholds`` fills up as uses are read: by calibration and risk, what the first use of both was held against.
    """

    licences: Mapping[str, list[tuple[str, Licence]]]
    claims: Mapping[str, list[tuple[str, Claims]]]
    leaves: Leaves
    counted: CountedUses
    thresholds: dict[tuple[str, int], int] = field(default_factory=dict)

    @classmethod
    def read(cls, archive: ReadableArchive, readable: Check, leaves: Leaves, *, whole: bool) -> ExportedRights:
        """Read both files; what can't be read is noted in ``readable``."""
        licences: dict[str, list[tuple[str, Licence]]] = defaultdict(list)
        claims: dict[str, list[tuple[str, Claims]]] = defaultdict(list)
        for form in forms_of(archive, "licence"):
            readable.note(guarded(form, lambda f: licences[f["work"]].append((f["id"], _licence(f)))))
        for form in forms_of(archive, "claims"):
            readable.note(guarded(form, lambda f: claims[f["work"]].append((f["id"], _claims(f)))))
        forms = {str(form.get("id")): form for form in forms_of(archive, "licence")}
        return cls(licences, claims, leaves, CountedUses(forms, whole))

    def in_force_problem(self, form: Form) -> str | None:
        """Find again which rights were in force at each use, among those that stood in the log before it."""
        for use in form["uses"]:
            found = self._in_force(form, use["work"])
            # Which of several versions that hold applies follows from the accrual.
            may_be = {found.licence_id, *(name for name, _ in found.favoured)}
            if use["licence"] not in may_be or found.claims_id != use["claims"]:
                return f"{form['id']}: {use['licence']} and {use['claims']} were not the rights in {use['work']}"
        return None

    def accrual_problem(self, form: Form) -> str | None:
        """Accrue again from the shares, and compare what came of every work."""
        shares = GenerationShares(
            attributions=tuple(
                Attribution(work=a["work"], share_ppb=a["share_ppb"], confidence_ppm=a["confidence_ppm"], matches=())
                for a in form["attributions"]
            ),
            unattributed_ppb=form["unattributed_ppb"],
        )
        price = Money(form["price"]["currency"], MicroUnits(int(form["price"]["micros"])))
        rights = {use["work"]: self._in_force(form, use["work"]) for use in form["uses"]}
        thresholds = self._thresholds(form, rights)
        again = accrue(
            price,
            shares,
            rights,
            pool_basis_points=form["pool_basis_points"],
            thresholds=thresholds.get,
            before=self.counted.before(form),
        )
        self.counted.note(form)
        same = [use_form(u) for u in again.uses] == form["uses"]
        same = same and str(again.unattributed.micros) == form["unattributed"]["micros"]
        if not same:
            return f"{form['id']}: the accruals are not those that follow from its shares and terms"
        return self.counted.problem(form)

    def _thresholds(self, form: Form, rights: Mapping[str, Rights]) -> Mapping[int, int]:
        """Thresholds by risk as the uses state them, for one of them to stand for all of its calibration.

        Raises:
            ValueError: one calibration has two thresholds for one risk.
        """
        calibration, found = form["decided_by"]["calibration"], dict[int, int]()
        for use in form["uses"]:
            found_rights = rights[use["work"]]
            versions = ((found_rights.licence_id, found_rights.licence), *found_rights.favoured)
            licence = next((version for name, version in versions if name == use["licence"]), None)
            if licence is None or licence.risk_basis_points_max is None:
                continue
            risk = licence.risk_basis_points_max
            found[risk] = self.thresholds.setdefault((calibration, risk), use["threshold_ppm"])
            if found[risk] != use["threshold_ppm"]:
                raise ValueError(f"the calibration {calibration} has two thresholds for a risk of {risk} basis points")
        return found

    def _in_force(self, form: Form, work: str) -> Rights:
        before = self.leaves["generation", form["id"]][0]
        licences = [pair for pair in self.licences.get(work, []) if self.leaves["licence", pair[0]][0] < before]
        claims = [pair for pair in self.claims.get(work, []) if self.leaves["claims", pair[0]][0] < before]
        return rights_in_force(
            sorted(licences, key=lambda pair: self.leaves["licence", pair[0]][0]),
            sorted(claims, key=lambda pair: self.leaves["claims", pair[0]][0]),
            on=datetime.fromisoformat(form["recorded_at"]).date(),
            territory=form["territory"],
            purpose=form["purpose"],
            workers=_workers(form, work),
        )


def _workers(form: Form, work: str) -> frozenset[WorkerClass]:
    """The classes of the workers of the parts in which the work was found; of all parts where it names none."""
    parts = [WorkerClass(kind=p["kind"], hosting=hosting_of(p["region"])) for p in form["parts"]]
    found = {parts[m["part"]] for a in form["attributions"] if a["work"] == work for m in a["matches"]}
    return frozenset(found or parts)


def _licence(form: Form) -> Licence:
    until = form["valid_until"]
    return Licence(
        terms=parse_terms(form["terms"]),
        valid_from=date.fromisoformat(form["valid_from"]),
        valid_until=date.fromisoformat(until) if until else None,
        territory=form["territory"],
        purpose=form["purpose"],
        risk_basis_points_max=form.get("risk_basis_points_max"),
        workers=WorkerClass(**form.get("workers", {})),
        opt_out_from=date.fromisoformat(form["opt_out_from"]) if form.get("opt_out_from") else None,
        most_favoured=form.get("most_favoured", False),
    )


def _claims(form: Form) -> Claims:
    return Claims(basis_points=form["basis_points"], valid_from=date.fromisoformat(form["valid_from"]))
