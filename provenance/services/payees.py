"""Where parties are paid to: open an account with a provider, send its holder there, keep what the provider says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from provenance.kernel.errors import Conflict, NotFound
from provenance.payouts.payee_account import AccountState, PayeeAccount, Readiness
from provenance.services.payment_provider import Link, Onboarding
from provenance.services.payout_standing import note_state
from provenance.services.ports import Clock, Database, UnitOfWork

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeeStanding:
    """A party's account with a provider, and what the provider said of it last; None where there is none."""

    party: str
    provider: str
    account: PayeeAccount | None
    state: AccountState | None


def payee(database: Database, party: str, provider: str) -> PayeeStanding:
    """How far a party is. Raises `NotFound`."""
    with database.begin() as work:
        _check_party(work, party)
        return _standing(work, party, provider)


def open_account(
    database: Database, onboarding: Onboarding, party: str, *, country: str, email: str | None, clock: Clock
) -> PayeeStanding:
    """Open an account for a party, unless it has one that isn't dead.

    Killed after the provider has opened it, it asks under the same key again, and gets the same one.

    Raises:
        NotFound: there is no such party.
        Unavailable: the provider doesn't answer, or refuses.
    """
    with database.begin() as work:
        _check_party(work, party)
        found = _standing(work, party, onboarding.provider)
    dead = found.state is not None and found.state.readiness is Readiness.DEAD
    if found.account is not None and not dead:
        return found
    number = found.account.number + 1 if found.account else 1
    name = onboarding.open(party, country=country, email=email, key=f"account:{party}:{number}")
    with database.begin(write=True) as work:
        account = PayeeAccount(party=party, provider=onboarding.provider, account=name, number=number)
        if work.payee_accounts.get(account.id) is None:
            work.payee_accounts.add(account, clock())
            work.commit()
    refresh(database, onboarding, party, clock)
    return payee(database, party, onboarding.provider)


def state_account(database: Database, party: str, provider: str, account: str, *, at: datetime) -> PayeeStanding:
    """State the account that a party is paid to by a provider that asks nothing, such as a bank. It is ready at once.

    The same again does nothing; another one counts from now on.

    Raises:
        NotFound: there is no such party.
        Conflict: the account is another party's.
    """
    with database.begin(write=True) as work:
        _check_party(work, party)
        found = _standing(work, party, provider)
        if found.account is not None and found.account.account == account and _is_ready(found.state):
            return found
        if found.account is None or found.account.account != account:
            others = work.payee_accounts.of_provider(provider, account)
            if others is not None and others.fact.party != party:
                raise Conflict("The account is another party's.", mend="Check its number.", party=party)
            number = found.account.number + 1 if found.account else 1
            stated = PayeeAccount(party=party, provider=provider, account=account, number=number)
            work.payee_accounts.add(stated, at)
            found = _standing(work, party, provider)
        assert found.account is not None, "it was recorded"
        note_state(work, found.account.id, Readiness.READY, (), "", at=at)
        after = _standing(work, party, provider)
        work.commit()
    return after


def link(database: Database, onboarding: Onboarding, party: str) -> Link:
    """A page of the provider's for the party. Raises `NotFound` where it has no account yet, and `Unavailable`."""
    return onboarding.link(_account(database, party, onboarding.provider).account)


def refresh(database: Database, onboarding: Onboarding, party: str, clock: Clock) -> AccountState:
    """Ask the provider how far a party's account is, and keep that. Raises `NotFound` and `Unavailable`."""
    account = _account(database, party, onboarding.provider)
    report = onboarding.report(account.account)
    with database.begin(write=True) as work:
        state = note_state(work, account.id, report.readiness, report.due, report.code, at=clock())
        work.commit()
    return state


def refresh_all(database: Database, onboarding: Onboarding, clock: Clock) -> Iterator[AccountState]:
    """The same for every party that has an account, one after the other."""
    after: int | None = 0
    while after is not None:
        with database.begin() as work:
            page = work.payee_accounts.page(onboarding.provider, after=after, limit=PAGE)
        for party in sorted({recorded.fact.party for recorded in page.items}):
            yield refresh(database, onboarding, party, clock)
        after = page.next_after


def _is_ready(state: AccountState | None) -> bool:
    return state is not None and state.readiness is Readiness.READY


def _standing(work: UnitOfWork, party: str, provider: str) -> PayeeStanding:
    account = work.payee_accounts.current(party, provider)
    state = work.payee_accounts.state(account.fact.id) if account else None
    return PayeeStanding(party=party, provider=provider, account=account.fact if account else None, state=state)


def _account(database: Database, party: str, provider: str) -> PayeeAccount:
    with database.begin() as work:
        found = work.payee_accounts.current(party, provider)
    if found is None:
        raise NotFound(
            f"{party!r} has no account with {provider!r} yet.",
            mend="Open one first: provenance payee open.",
            party=party,
        )
    return found.fact


def _check_party(work: UnitOfWork, party: str) -> None:
    if work.parties.get(party) is None:
        raise NotFound(f"There is no party {party!r}.", mend="Register it first.", party=party)
