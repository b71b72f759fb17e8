"""Claims and licences of works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from provenance.api.schemas.fields import (
    BasisPoints,
    Day,
    Form,
    Id,
    Moment,
    PartyId,
    View,
    example,
)
from provenance.api.schemas.terms import RiskForm, TermsForm, TermsView, terms_of
from provenance.kernel.errors import InvalidClaims
from provenance.sources.claim import CLAIMANTS_MAX, Claims
from provenance.sources.licence import ANY_PURPOSE, ANYWHERE, Licence
from provenance.sources.worker_class import WorkerClass

LICENCES_MAX = 100

_CLAIMS = [{"party": "oona-tresker", "basis_points": 7500}, {"party": "salt-press", "basis_points": 2500}]
_TERMS = {"kind": "share_of_revenue", "rate_basis_points": 2500}


class ClaimForm(Form):
    """One party's part of a work."""

    party: PartyId
    basis_points: BasisPoints


class ClaimsForm(Form):
    """Who owns a work from a day on: parts that add up to 10,000 basis points."""

    model_config = example({"claims": _CLAIMS, "valid_from": "2026-11-21"})

    claims: Annotated[list[ClaimForm], Field(min_length=1, max_length=CLAIMANTS_MAX)]
    valid_from: Annotated[Day | None, Field(description="Today, where it is left out.")] = None

    def stated(self, today: date) -> Claims:
        """Raises `InvalidClaims`."""
        return Claims(basis_points=basis_points_of(self.claims), valid_from=self.valid_from or today)


def basis_points_of(claims: Sequence[ClaimForm]) -> dict[str, int]:
    """Parts by party. Raises `InvalidClaims` where a party is named twice."""
    parts: dict[str, int] = {}
    for claim in claims:
        if claim.party in parts:
            raise InvalidClaims(f"{claim.party!r} is named twice.", mend="Add its parts up.", party=claim.party)
        parts[claim.party] = claim.basis_points
    return parts


class WorkersForm(Form):
    """Whose uses a licence is for: `*` is any. A worker runs on premises where its region begins with `on-prem`."""

    model_config = example({"kind": "specialised", "hosting": "on_premises"})

    kind: Literal["*", "brain", "specialised"] = "*"
    hosting: Literal["*", "hosted", "on_premises"] = "*"


class LicenceForm(Form):
    """Terms with their reach. It becomes the work's next licence revision; earlier ones stay on record."""

    model_config = example({"terms": _TERMS, "valid_from": "2026-11-21", "territory": "*", "purpose": "*"})

    terms: TermsForm
    valid_from: Annotated[Day | None, Field(description="Today, where it is left out.")] = None
    valid_until: Annotated[Day | None, Field(description="The last day; without end where it is left out.")] = None
    territory: Annotated[Id, Field(description="`*` is anywhere.")] = ANYWHERE
    purpose: Annotated[Id, Field(description="`*` is any purpose.")] = ANY_PURPOSE
    risk_basis_points_max: RiskForm = None
    workers: WorkersForm = WorkersForm()
    opt_out_from: Annotated[Day | None, Field(description="From this day on no use is allowed.")] = None
    most_favoured: Annotated[
        bool, Field(description="Of the versions of this reach that hold on the day of a use, the best applies.")
    ] = False

    def stated(self, today: date) -> Licence:
        """Raises `InvalidTerms`, `InvalidMoney` or `InvalidInput`."""
        return Licence(
            terms=terms_of(self.terms),
            valid_from=self.valid_from or today,
            valid_until=self.valid_until,
            territory=self.territory,
            purpose=self.purpose,
            risk_basis_points_max=self.risk_basis_points_max,
            workers=WorkerClass(kind=self.workers.kind, hosting=self.workers.hosting),
            opt_out_from=self.opt_out_from,
            most_favoured=self.most_favoured,
        )


class LicencesForm(Form):
    """Licences that are stated together. Of one reach, no two hold on the same day."""

    model_config = example(
        {
            "licences": [
                {"terms": _TERMS, "valid_from": "2026-11-21", "valid_until": "2026-12-31"},
                {"terms": _TERMS | {"rate_basis_points": 3_000}, "valid_from": "2027-01-01"},
            ]
        }
    )

    licences: Annotated[list[LicenceForm], Field(min_length=1, max_length=LICENCES_MAX)]

    def stated(self, today: date) -> list[Licence]:
        """Raises `InvalidTerms`, `InvalidMoney` or `InvalidInput`."""
        return [licence.stated(today) for licence in self.licences]


class ClaimView(View):
    """One party's part of a work."""

    party: str
    basis_points: int


class ClaimsView(View):
    """Claims as recorded. Those recorded last win among those that are valid."""

    model_config = example(
        {
            "id": "claims_5f0c2a9b71d4e6a8b2c4d6e8",
            "work": "work_0a1b2c3d4e5f60718293a4b5",
            "valid_from": "2026-11-21",
            "claims": _CLAIMS,
            "recorded_at": "2026-11-21T08:00:00.000000Z",
        }
    )

    id: str
    work: str
    valid_from: Day
    claims: list[ClaimView]
    recorded_at: Moment


class WorkersView(View):
    """Whose uses a licence is for."""

    kind: str
    hosting: str


class LicenceView(View):
    """A licence revision as recorded. The one recorded last wins among those that cover a use."""

    model_config = example(
        {
            "id": "lic_5f0c2a9b71d4e6a8b2c4d6e8",
            "work": "work_0a1b2c3d4e5f60718293a4b5",
            "number": 1,
            "terms": _TERMS,
            "valid_from": "2026-11-21",
            "valid_until": None,
            "territory": "*",
            "purpose": "*",
            "risk_basis_points_max": None,
            "workers": {"kind": "*", "hosting": "*"},
            "opt_out_from": None,
            "most_favoured": False,
            "recorded_at": "2026-11-21T08:00:00.000000Z",
        }
    )

    id: str
    work: str
    number: int
    terms: TermsView
    valid_from: Day
    valid_until: Day | None
    territory: str
    purpose: str
    risk_basis_points_max: int | None
    workers: WorkersView
    opt_out_from: Day | None
    most_favoured: bool
    recorded_at: Moment


class ClaimsHistory(View):
    """All claims ever recorded for a work, oldest first."""

    items: list[ClaimsView]


class LicenceHistory(View):
    """All licence revisions of a work, oldest first."""

    items: list[LicenceView]
