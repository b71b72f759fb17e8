"""Periods and statements: close a period, read statements, look under their lines, say how parties are paid."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from provenance.api.auth import OperatorKey, ReaderKey, WorkReaderKey, check_own_party
from provenance.api.cursors import Paging, paging
from provenance.api.deps import InstalledSystem
from provenance.api.schemas.fields import Currency, ListOf, PartyId, one_line
from provenance.api.schemas.statements import (
    PayoutTermsForm,
    PayoutTermsView,
    PeriodName,
    PeriodView,
    StatementDocumentView,
    StatementForm,
    StatementView,
    TaxProfileForm,
    TaxProfileView,
    UnderLineView,
)
from provenance.kernel.errors import NotFound
from provenance.kernel.money import parse_price
from provenance.pages.statement_files import MEDIA_TYPES, render
from provenance.services.close import close_period
from provenance.services.statement_views import (
    close_view,
    next_after,
    payout_terms_view,
    statement_view,
    tax_profile_view,
    under_line_view,
)
from provenance.services.statements import find_statement, under_line
from provenance.services.views import View
from provenance.statements.accounting_period import parse_accounting_period
from provenance.statements.payee import PayoutTerms, TaxProfile

LINES_MAX = 10_000
_BINARY = {"schema": {"type": "string", "format": "binary"}}

router = APIRouter(prefix="/v1", tags=["statements"])

AskedCurrency = Annotated[Currency | None, Query(description="Needed where there are statements in several.")]


@router.get("/periods", response_model=ListOf[PeriodView])
def list_periods(system: InstalledSystem, _: ReaderKey) -> View:
    """All closed periods, oldest first. Scope: auditor or operator."""
    with system.database.begin() as work:
        found = work.statements.closes()
    return {"items": [close_view(r) for r in found], "next_cursor": None}


@router.post("/periods/{period}", status_code=201, response_model=PeriodView)
def post_period(period: PeriodName, system: InstalledSystem, key: OperatorKey) -> View:
    """Close a period, for good. Scope: operator.

    Refused with `open_work` and the list where something of it has to be decided first, with `period_order` where one
    before it is open or it isn't over, with `period_closed` where it was closed before.
    """
    asked = parse_accounting_period(period)
    closed = close_period(system.database, asked, closed_by=key.party, at=system.clock(), policy=system.pool_policy)
    return close_view(closed.recorded)


@router.get("/parties/{party}/statements", response_model=ListOf[StatementView])
def list_statements(
    party: PartyId,
    system: InstalledSystem,
    key: WorkReaderKey,
    page: Annotated[Paging, Depends(paging("statements"))],
) -> View:
    """A party's statements, oldest first. Scope: creator for itself, operator, auditor."""
    check_own_party(key, party)
    with system.database.begin() as work:
        if work.parties.get(party) is None:
            raise NotFound(f"There is no party {party!r}.", mend="List the parties to see their ids.", party=party)
        found = work.statements.of_party(party, after=page.after, limit=page.limit)
    return {"items": [statement_view(r) for r in found.items], "next_cursor": page.cursor(found.next_after)}


@router.get(
    "/parties/{party}/statements/{period}",
    response_class=Response,
    responses={
        200: {
            "model": StatementDocumentView,
            "description": "The statement.",
            "content": dict.fromkeys(("text/csv", "text/html", "application/pdf"), _BINARY),
        }
    },
)
def get_statement(
    party: PartyId,
    period: PeriodName,
    system: InstalledSystem,
    key: WorkReaderKey,
    currency: AskedCurrency = None,
    form: Annotated[StatementForm, Query(alias="format")] = StatementForm.JSON,
) -> Response:
    """A party's statement of a closed period, as JSON, CSV, one page, or PDF.

    Scope: creator for itself, operator, auditor.
    """
    check_own_party(key, party)
    sheet = find_statement(system.database, party, parse_accounting_period(period), currency=currency)
    statement = sheet.statement
    name = f"statement-{statement.period.name}-{statement.party}-{statement.currency}.{form.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(render(sheet, form.value), headers=headers, media_type=MEDIA_TYPES[form.value])


@router.get("/parties/{party}/statements/{period}/lines/{line}", response_model=UnderLineView)
def get_line(
    party: PartyId,
    period: PeriodName,
    line: Annotated[int, Path(ge=1, le=LINES_MAX, description="Its number in the statement, from 1.")],
    system: InstalledSystem,
    key: WorkReaderKey,
    page: Annotated[Paging, Depends(paging("lines"))],
    currency: AskedCurrency = None,
) -> View:
    """What a line of a statement sums: single uses, or transactions. Scope: creator for itself, operator, auditor."""
    check_own_party(key, party)
    found = under_line(
        system.database,
        party,
        parse_accounting_period(period),
        line,
        currency=currency,
        after=page.after,
        limit=page.limit,
    )
    return {**under_line_view(found), "next_cursor": page.cursor(next_after(found))}


@router.post("/parties/{party}/payout-terms", status_code=201, response_model=PayoutTermsView)
def post_payout_terms(party: PartyId, form: PayoutTermsForm, system: InstalledSystem, _: OperatorKey) -> View:
    """Say from when on and how a party is paid in a currency. The same again changes nothing. Scope: operator."""
    terms = PayoutTerms(
        party=party,
        currency=form.currency,
        valid_from=form.valid_from,
        threshold_micros=parse_price(form.threshold, form.currency).micros,
        reserve_basis_points=form.reserve_basis_points,
        reserve_periods=form.reserve_periods,
    )
    with system.database.begin(write=True) as work:
        work.payees.add_terms(terms, system.clock())
        work.commit()
    return payout_terms_view(terms)


@router.post("/parties/{party}/tax-profiles", status_code=201, response_model=TaxProfileView)
def post_tax_profile(party: PartyId, form: TaxProfileForm, system: InstalledSystem, _: OperatorKey) -> View:
    """Say what tax is withheld from a party, and why. The same again changes nothing. Scope: operator."""
    profile = TaxProfile(
        party=party,
        residence=form.residence,
        payer=form.payer,
        basis=one_line(form.basis),
        basis_points=form.basis_points,
        valid_from=form.valid_from,
    )
    with system.database.begin(write=True) as work:
        work.payees.add_tax(profile, system.clock())
        work.commit()
    return tax_profile_view(profile)
