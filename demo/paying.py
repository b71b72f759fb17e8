"""The steps of the demo's next month, told: close, state, pay by two ways, reconcile, export and check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from demo import next_month
from demo.next_month import StripeDouble
from demo.steps import LIBRARY
from provenance.adapters.bank_file.filing import Filed, write_file
from provenance.adapters.bank_file.importing import take_in
from provenance.adapters.bank_file.provider import NAME as BANK
from provenance.bank_files.account import BankAccount
from provenance.bank_files.account_text import account_text
from provenance.bank_files.transfer import Holder
from provenance.bootstrap import System
from provenance.cli import payout_text, statement_text
from provenance.cli.render import table
from provenance.kernel.money import format_micros
from provenance.payouts.payout import Payout
from provenance.royalties.review import Resolution
from provenance.services.close import close_period
from provenance.services.payees import open_account, refresh, state_account
from provenance.services.payout_advance import Advanced, advance
from provenance.services.payout_plan import Planned, run
from provenance.services.reconcile_payouts import reconcile
from provenance.services.report import CreatorReport
from provenance.services.reviews import resolve_hold
from provenance.services.statements import find_statement
from provenance.sources.party import Party
from provenance.statements.accounting_period import AccountingPeriod

HOLDS_MAX = 100
MOVES_MAX = 20
ARRIVES_DAYS = 4


@contextmanager
def opened(home: Path, double: StripeDouble) -> Iterator[Sequence[System]]:
    """The copied library, by each way of paying."""
    found = next_month.systems(next_month.copy_of(home), double)
    try:
        yield found
    finally:
        for system in found:
            system.close()


def close_month(out: Console, system: System, month: AccountingPeriod, creator: Party) -> None:
    """Decide what still waits for a review, close the month, and show one statement."""
    with system.database.begin() as work:
        held = [r.fact for r in work.reviews.awaiting(limit=HOLDS_MAX).items]
    for hold in held:
        reason = "Read beside its source: nothing of it was taken over."
        resolve_hold(
            system.database,
            hold.generation,
            hold.work,
            Resolution.DECLINE,
            decided_by=LIBRARY.id,
            reason=reason,
            at=system.clock(),
        )
    closed = close_period(system.database, month, closed_by=LIBRARY.id, at=system.clock()).recorded.fact
    if held:
        out.print(f"{len(held)} uses that were still held are declined.")
    out.print(f"{month.name} is closed for good, with {closed.statements} statements. One of them:")
    statement_text.show(find_statement(system.database, creator.id, month))


def by_stripe(out: Console, system: System, double: StripeDouble, creator: Party) -> None:
    """Open an account, bring what it needs, plan, send, and see it arrive."""
    onboarding = system.payments.onboarding
    assert onboarding is not None, "Stripe is set up"
    account = open_account(
        system.database, onboarding, creator.id, country="US", email=None, clock=system.clock
    ).account
    assert account is not None, "it was opened"
    double.command("accounts/onboard", account=account.account)
    refresh(system.database, onboarding, creator.id, system.clock)
    for payout in _planned(system, [creator], "Through Stripe Connect (its double, on this machine)"):
        moved = _advance(system, payout)
        double.forward(days=ARRIVES_DAYS)
        payout_text.show_advanced([_advance(system, payout, moved)], [])
        out.print(f"It settles {len(payout.lines)} lines of {payout.statement}: provenance payouts explain {payout.id}")


def by_bank(out: Console, system: System, double: StripeDouble, creators: Sequence[Party]) -> None:
    """State accounts, plan, write the file, hear from the bank."""
    for number, creator in enumerate(creators, start=1):
        account = BankAccount(other_id=f"00012345{number}", bic="CHASUS33XXX")
        holder = Holder(name=creator.name, account=account, town="New York", country="US")
        state_account(system.database, creator.id, BANK, account_text(holder), at=system.clock())
    payouts = _planned(system, creators, "By a bank's files (ISO 20022)")
    orders = [(_order(_advance(system, p)), f"{p.minor_units // 100}.{p.minor_units % 100:02d}") for p in payouts]
    filed = _filed(system)
    out.print(f"{len(filed.amounts)} payments in {filed.path.name}, as message {filed.message_id}")
    double.forward(days=1)
    assert system.bank is not None, "a bank is set up"
    imported = take_in(system.bank, next_month.bank_says(orders, system.clock()))
    out.print(f"The bank has booked {len(imported.outcomes)} of them (camt.054).")
    payout_text.show_advanced([_advance(system, p, look_again=True) for p in payouts], [])


def hold_together(out: Console, system: System) -> None:
    """Payouts, books, both providers and statements, held against one another."""
    found = [b for b in reconcile(system.database, system.payments.movements, now=system.clock()) if not b.harmless]
    rows = [(b.kind.value, b.subject, f"{format_micros(b.micros)} {b.currency}", b.what_to_do) for b in found]
    columns = ("break", "about", ">by", "what to do")
    out.print(table(f"{len(rows)} breaks", columns, rows) if rows else "Reconciled: everything fits, by both ways.")


def payees(reports: Sequence[CreatorReport]) -> Sequence[Party]:
    """Who is paid: those whose reports were shown."""
    return [report.party for report in reports]


def _planned(system: System, creators: Sequence[Party], title: str) -> Sequence[Payout]:
    payments, at = system.payments, system.clock()
    runs = [run(system.database, payments.way, payments.limits, by=LIBRARY.id, at=at, party=c.id) for c in creators]
    found = Planned(
        payouts=tuple(p for r in runs for p in r.payouts), skipped=tuple(s for r in runs for s in r.skipped)
    )
    payout_text.show_planned(found, title)
    return found.payouts


def _advance(system: System, payout: Payout, before: Advanced | None = None, *, look_again: bool = False) -> Advanced:
    """Move it on until nothing more can be done now."""
    found = before
    for _ in range(MOVES_MAX):
        made = advance(system.database, system.payments.providers, payout.id, system.clock, look_again=look_again)
        if found is not None and made.at.state is found.at.state:
            return made
        found = made
    raise AssertionError("a payout stands still at last")


def _order(moved: Advanced) -> str:
    """The end-to-end id of the payment."""
    found = moved.at.legs[0].forward.provider_id
    assert found is not None, "the bank file's entry was made"
    return found


def _filed(system: System) -> Filed:
    assert system.bank is not None, "a bank is set up"
    now = system.clock()
    found = write_file(system.bank.folder, system.bank.payer, execution_date=now.date(), now=now)
    assert found is not None, "something waits for the bank"
    return found
