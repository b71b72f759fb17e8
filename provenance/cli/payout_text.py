"""Payouts and payees on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from provenance.cli.render import amount, cell, console, fields, print_json, table
from provenance.kernel.money import format_micros
from provenance.pages.statement_sheet import KIND_WORDS
from provenance.payouts.next_step import AskPerson, NextStep, Wait
from provenance.payouts.payout import Payout
from provenance.services.payees import PayeeStanding
from provenance.services.payout_advance import Advanced
from provenance.services.payout_explain import Explained, mend_of
from provenance.services.payout_plan import Planned
from provenance.services.payout_reports import Processed
from provenance.services.payout_standing import Standing
from provenance.services.payout_stores import PayoutLine
from provenance.services.payout_views import payee_view


def show_planned(found: Planned, title: str) -> None:
    """Print payouts, and who isn't paid and why."""
    out = console()
    rows = [(p.id, p.party, _paid(p), p.approvals, p.provider) for p in found.payouts]
    columns = ("=payout", "party", ">amount", ">approvals", "by")
    out.print(table(title, columns, rows) if rows else "Nothing is payable now.")
    skipped = [(s.party, amount(max(0, s.due_micros), s.currency), s.why.value) for s in found.skipped]
    if skipped:
        out.print(table("Not paid", ("party", ">due", "why"), skipped))


def show_list(found: Sequence[PayoutLine], *, more: bool) -> None:
    """Print payouts in their order."""
    rows = [
        (line.payout.id, line.state.value, line.payout.party, _paid(line.payout), f"{line.since:%Y-%m-%d %H:%M}")
        for line in found
    ]
    columns = ("=payout", "state", "party", ">amount", "since (UTC)")
    console().print(table("Payouts", columns, rows) if rows else "There are no payouts.")
    if more:
        console().print("There are more: raise --limit.")


def show(found: Standing) -> None:
    """Print a payout and what happened to it."""
    payout, out = found.payout, console()
    approved = ", ".join(approval.by for approval in found.history.approvals)
    out.print(
        fields(
            [
                ("payout", payout.id),
                ("party", payout.party),
                ("amount", _paid(payout)),
                ("state", found.at.state.value),
                ("through", f"{payout.provider}, {found.history.account.id}"),
                ("approved by", f"{approved} ({len(found.history.approvals)} of {payout.approvals})"),
            ]
        )
    )
    rows = [
        (f"{e.at:%Y-%m-%d %H:%M}", e.what.value, e.state.value, e.code or e.reason, e.provider_id or e.by or "")
        for e in found.history.events
    ]
    out.print(table("What happened", ("at (UTC)", "what", "state", "why", "=object, or who"), rows))


def show_explained(found: Explained) -> None:
    """Print a payout with the lines that it settles, and what it waits for."""
    payout, out = found.standing.payout, console()
    show(found.standing)
    rows: list[tuple[object, ...]] = [("", "", "Carried from earlier payouts", format_micros(payout.carried_in_micros))]
    for line in payout.lines:
        statement = found.statements[line.statement]
        kind = KIND_WORDS[statement.lines[line.number - 1].kind]
        rows.append((statement.period.name, line.number, kind, format_micros(line.micros)))
    rows.append(("", "", "Carried on", format_micros(-payout.carried_out_micros)))
    rows.append(("", "", "Paid", format_micros(payout.money.micros)))
    out.print(table("What it settles", ("period", ">line", "what", f">{payout.currency}"), rows))
    if found.next is not None:
        out.print(fields([("next", _step(found.next)), ("to do", found.mend or "nothing")]))
    out.print(f"Look under a line: provenance statement {payout.party} --period PERIOD --line NUMBER")


def show_advanced(found: Sequence[Advanced], processed: Sequence[Processed]) -> None:
    """Print where payouts stand after they were moved on."""
    out = console()
    if processed:
        reports = [
            (p.report.reported.type, p.report.reported.object, p.made.value if p.made else "waits") for p in processed
        ]
        out.print(table("Reports", ("type", "=object", "made of it"), reports))
    rows = [
        (a.payout, a.at.state.value, "moved" if a.moved else "", a.unanswered, _step(a.next), mend_of(a.next))
        for a in found
    ]
    columns = ("=payout", "state", "", "unanswered", "next", "to do")
    out.print(table("Payouts", columns, rows) if rows else "No payout is under way.")


def show_payee(found: PayeeStanding, *, as_json: bool) -> None:
    """Print where a party is paid to, and what is missing."""
    view = payee_view(found)
    if as_json:
        print_json(view)
        return
    out = console()
    if found.account is None:
        out.print(f"{found.party} has no account with {found.provider} yet: provenance payee open.")
        return
    shown = ("party", "provider", "account", "readiness", "code", "as_of")
    out.print(fields([(name.replace("_", " "), view[name] or "") for name in shown]))
    for missing in view["missing"]:
        out.print(cell(f"missing: {missing}", "yellow"))


def _paid(payout: Payout) -> str:
    return amount(payout.money.micros, payout.currency)


def _step(step: NextStep) -> str:
    match step:
        case Wait(until=until):
            return f"not before {until:%Y-%m-%d %H:%M}"
        case AskPerson(why=why, code=code):
            return f"a person: {why} {code}".strip()
        case _:
            return type(step).__name__.lower()
