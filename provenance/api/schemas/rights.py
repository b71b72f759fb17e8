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
    MoneyForm,
    MoneyView,
    PartyId,
    View,
    example,
    one_line,
)
from provenance.kernel.errors import InvalidClaims
from provenance.sources.claim import CLAIMANTS_MAX, Claims
from provenance.sources.licence import ANY_PURPOSE, ANYWHERE, Licence, Terms
from provenance.sources.period_bounds import TIERS_MAX, USES_MAX, TermPeriod
from provenance.sources.terms_text import parse_terms
from provenance.sources.worker_class import WorkerClass

LINE_CHARS_MAX = 1_000

_CLAIMS = [{"party": "oona-tresker", "basis_points": 7500}, {"party": "salt-press", "basis_points": 2500}]
_CAP = {"amount": "250.000000", "currency": "USD"}
_TERMS = {"kind": "share_of_revenue", "rate_basis_points": 2500}


class TierForm(Form):
    """A rate that holds where so many uses, or more, came before in the period."""

    model_config = example({"from_uses": 1_000, "rate_basis_points": 2_000})

    from_uses: Annotated[int, Field(strict=True, ge=1, le=USES_MAX)]
    rate_basis_points: BasisPoints


class AdvanceForm(Form):
    """Money that is paid ahead to the claimants, and recouped from what they earn: of this work, or across theirs."""

    model_config = example({"money": _CAP, "across_works": True, "basis_points": 10_000})

    money: MoneyForm
    across_works: bool = False
    basis_points: Annotated[BasisPoints, Field(description="How much of the earnings goes to it.")] = 10_000


class PeriodTerms(Form):
    """What terms say of a period: it starts with a calendar month, in UTC. All amounts are in one currency."""

    model_config = example({"period": "quarter", "cap": _CAP})

    period: TermPeriod | None = None
    cap: Annotated[MoneyForm | None, Field(description="The most that uses earn in a period.")] = None
    guarantee: Annotated[MoneyForm | None, Field(description="The least that a period comes to.")] = None
    advance: AdvanceForm | None = None


class ShareOfRevenueTerms(PeriodTerms):
    """A rate on the part of the price that the work's share stands for."""

    model_config = example(_TERMS)

    kind: Literal["share_of_revenue"]
    rate_basis_points: BasisPoints
    tiers: Annotated[list[TierForm] | None, Field(max_length=TIERS_MAX)] = None
    fee_min: Annotated[MoneyForm | None, Field(description="The least that a use comes to.")] = None


class FeePerUseTerms(PeriodTerms):
    """A fixed fee for each generation that the work has a share in."""

    model_config = example({"kind": "fee_per_use", "fee": {"amount": "0.004000", "currency": "USD"}})

    kind: Literal["fee_per_use"]
    fee: MoneyForm


class FreeWithCreditTerms(Form):
    """No money; the credit line is shown with the output."""

    model_config = example({"kind": "free_with_credit", "credit": "Oona Tresker, The Salt Ledger"})

    kind: Literal["free_with_credit"]
    credit: Annotated[str, Field(min_length=1, max_length=LINE_CHARS_MAX)]


class NotAllowedTerms(Form):
    """No use is allowed: the work is flagged where it is found, and never paid."""

    model_config = example({"kind": "not_allowed", "reason": "Under exclusive contract."})

    kind: Literal["not_allowed"]
    reason: Annotated[str, Field(max_length=LINE_CHARS_MAX)] = ""


class PublicDomainTerms(Form):
    """Nobody is owed anything: the work is found and named, and never paid."""

    model_config = example({"kind": "public_domain", "reason": "First printed in 1609."})

    kind: Literal["public_domain"]
    reason: Annotated[str, Field(max_length=LINE_CHARS_MAX)] = ""


RiskForm = Annotated[
    BasisPoints | None,
    Field(
        description="The part of an output's money that may be expected to go astray, in basis points. Uses that "
        "aren't sure enough for it are held for review. Left out: they are paid at even chances."
    ),
]


class ShareOfRevenueLicence(ShareOfRevenueTerms):
    """A rate on the part of the price, and the risk at which it is paid."""

    model_config = example(_TERMS | {"risk_basis_points_max": 100})

    risk_basis_points_max: RiskForm = None


class FeePerUseLicence(FeePerUseTerms):
    """A fixed fee, and the risk at which it is paid."""

    model_config = example(
        {"kind": "fee_per_use", "fee": {"amount": "0.004000", "currency": "USD"}, "risk_basis_points_max": 100}
    )

    risk_basis_points_max: RiskForm = None


NewLicenceForm = Annotated[
    ShareOfRevenueLicence | FeePerUseLicence | FreeWithCreditTerms | NotAllowedTerms | PublicDomainTerms,
    Field(discriminator="kind"),
]
TermsForm = Annotated[
    ShareOfRevenueTerms | FeePerUseTerms | FreeWithCreditTerms | NotAllowedTerms | PublicDomainTerms,
    Field(discriminator="kind"),
]


def risk_of(form: NewLicenceForm) -> int | None:
    """The risk that a new work's licence states."""
    return form.risk_basis_points_max if isinstance(form, ShareOfRevenueLicence | FeePerUseLicence) else None


def terms_of(form: TermsForm) -> Terms:
    """Raises `InvalidTerms`, `InvalidMoney`, or `InvalidInput` where a line holds invisible characters."""
    match form:
        case FreeWithCreditTerms():
            return parse_terms(form.model_dump() | {"credit": one_line(form.credit)})
        case NotAllowedTerms() | PublicDomainTerms():
            return parse_terms(form.model_dump() | {"reason": one_line(form.reason)})
        case _:
            return parse_terms(form.model_dump(exclude_none=True))


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


class TierView(View):
    """A rate from a number of uses on."""

    from_uses: int
    rate_basis_points: int


class AdvanceView(View):
    """Money that is paid ahead and recouped."""

    money: MoneyView
    across_works: bool = False
    basis_points: int = 10_000


class PeriodView(View):
    """What terms say of a period. What they don't say has no member."""

    period: TermPeriod | None = None
    cap: MoneyView | None = None
    guarantee: MoneyView | None = None
    advance: AdvanceView | None = None


class ShareOfRevenueView(PeriodView):
    """A rate on the part of the price that the work's share stands for."""

    kind: Literal["share_of_revenue"]
    rate_basis_points: int
    tiers: list[TierView] | None = None
    fee_min: MoneyView | None = None


class FeePerUseView(PeriodView):
    """A fixed fee for each generation that the work has a share in."""

    kind: Literal["fee_per_use"]
    fee: MoneyView


class FreeWithCreditView(View):
    """No money; the credit line is shown with the output."""

    kind: Literal["free_with_credit"]
    credit: str


class NotAllowedView(View):
    """No use is allowed."""

    kind: Literal["not_allowed"]
    reason: str


class PublicDomainView(View):
    """Nobody is owed anything."""

    kind: Literal["public_domain"]
    reason: str


TermsView = Annotated[
    ShareOfRevenueView | FeePerUseView | FreeWithCreditView | NotAllowedView | PublicDomainView,
    Field(discriminator="kind"),
]


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
