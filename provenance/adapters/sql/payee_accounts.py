"""Accounts that parties are paid to, and what providers said of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from provenance.adapters.sql import tables
from provenance.adapters.sql.reading import FactRows
from provenance.adapters.sql.session import Row, Session, batches
from provenance.kernel.canonical import canonical_bytes
from provenance.kernel.errors import NotFound
from provenance.payouts.payee_account import AccountState, PayeeAccount, Readiness
from provenance.services.records import Page, Recorded

_ACCOUNT, _STATE = tables.payee_account, tables.payee_account_state


class SqlPayeeAccounts:
    """Implements the port `PayeeAccountStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, account: PayeeAccount, at: datetime) -> None:
        """Record an account. `NotFound` where the party doesn't exist, `Conflict` where it is another party's."""
        if self._session.scalar(sa.select(tables.party.c.seq).where(tables.party.c.id == account.party)) is None:
            raise NotFound(f"There is no party {account.party!r}.", mend="Register it first.", party=account.party)
        row = {
            "seq": self._session.record(account, at),
            "id": account.id,
            "party": account.party,
            "provider": account.provider,
            "account": account.account,
            "number": account.number,
            "recorded_at": at,
        }
        self._session.insert(_ACCOUNT, [row])

    def get(self, account: str) -> Recorded[PayeeAccount] | None:
        """The account of this id."""
        return PAYEE_ACCOUNTS.one(self._session, _ACCOUNT.c.id == account)

    def current(self, party: str, provider: str) -> Recorded[PayeeAccount] | None:
        """The account that a party stated last."""
        return PAYEE_ACCOUNTS.one(self._session, _ACCOUNT.c.party == party, _ACCOUNT.c.provider == provider)

    def of_provider(self, provider: str, account: str) -> Recorded[PayeeAccount] | None:
        """The one that the provider calls so; the last one stated."""
        return PAYEE_ACCOUNTS.one(self._session, _ACCOUNT.c.provider == provider, _ACCOUNT.c.account == account)

    def of_party(self, party: str) -> Sequence[Recorded[PayeeAccount]]:
        """All that a party ever had, oldest first."""
        return PAYEE_ACCOUNTS.all(self._session, _ACCOUNT.c.party == party)

    def page(self, provider: str, *, after: int = 0, limit: int) -> Page[Recorded[PayeeAccount]]:
        """Accounts with a provider in the order of recording."""
        return PAYEE_ACCOUNTS.page(self._session, _ACCOUNT.c.provider == provider, after=after, limit=limit)

    def add_state(self, state: AccountState) -> None:
        """Record what the provider says of an account. `Conflict` where it isn't the next observation."""
        row = {
            "seq": self._session.record(state, state.at),
            "id": state.id,
            "account": state.account,
            "number": state.number,
            "readiness": state.readiness.value,
            "due": canonical_bytes(state.due).decode(),
            "code": state.code,
            "recorded_at": state.at,
        }
        self._session.insert(_STATE, [row])

    def state(self, account: str) -> AccountState | None:
        """What it said last."""
        found = ACCOUNT_STATES.one(self._session, _STATE.c.account == account)
        return found.fact if found else None


def current_accounts(session: Session, provider: str, parties: Sequence[str]) -> Mapping[str, PayeeAccount]:
    """The account that each party stated last with a provider."""
    found: dict[str, PayeeAccount] = {}
    for batch in batches(parties):
        of_batch = PAYEE_ACCOUNTS.all(session, _ACCOUNT.c.provider == provider, _ACCOUNT.c.party.in_(batch))
        found |= {r.fact.party: r.fact for r in of_batch}
    return found


def last_states(session: Session, accounts: Sequence[str]) -> Mapping[str, AccountState]:
    """What was said last of each account."""
    found: dict[str, AccountState] = {}
    for batch in batches(accounts):
        found |= {r.fact.account: r.fact for r in ACCOUNT_STATES.all(session, _STATE.c.account.in_(batch))}
    return found


def _accounts(_: Session, rows: Sequence[Row]) -> list[PayeeAccount]:
    return [
        PayeeAccount(party=row.party, provider=row.provider, account=row.account, number=row.number) for row in rows
    ]


def _states(_: Session, rows: Sequence[Row]) -> list[AccountState]:
    return [
        AccountState(
            account=row.account,
            number=row.number,
            readiness=Readiness(row.readiness),
            at=row.recorded_at,
            due=tuple(json.loads(row.due)),
            code=row.code,
        )
        for row in rows
    ]


PAYEE_ACCOUNTS = FactRows(table=_ACCOUNT, select=sa.select(_ACCOUNT), rebuild=_accounts)
ACCOUNT_STATES = FactRows(table=_STATE, select=sa.select(_STATE), rebuild=_states)
