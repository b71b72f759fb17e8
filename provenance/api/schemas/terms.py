"""Licence terms as they are sent and answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from provenance.api.schemas.fields import BasisPoints, Form, MoneyForm, MoneyView, View, example, one_line
from provenance.sources.licence import Terms
from provenance.sources.period_bounds import TIERS_MAX, USES_MAX, TermPeriod
from provenance.sources.terms_text import parse_terms

LINE_CHARS_MAX = 1_000

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
