"""What becomes of a connected account: onboarded, in need of something, closed, deauthorised. Each tells of itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from provenance.stripe_double.core.events import emit
from provenance.stripe_double.core.records import Account, Bank
from provenance.stripe_double.core.shapes import shape
from provenance.stripe_double.core.world import World

BANKS = "external_accounts"
PAST_DUE, REJECTED = "requirements.past_due", "rejected.other"
# What a recipient has to bring before it is paid.
REQUIREMENTS = ("external_account", "individual.verification.document", "tos_acceptance.date", "tos_acceptance.ip")


def changed(world: World, account: Account, previous: dict[str, Any] | None = None) -> None:
    """Keep the account's later form and tell of it."""
    world.put(account)
    emit(world, account.id, "account.updated", shape(world, account), previous=previous or {})


def add_bank(
    world: World, account: Account, *, currency: str, country: str, last4: str = "6789", holder: str | None = None
) -> tuple[Account, Bank]:
    """Give the account a bank account, its first choice from now on. The account isn't kept yet: see `changed`."""
    bank = Bank(
        id=world.new_id("ba"),
        account=account.id,
        created=world.now,
        currency=currency,
        country=country,
        last4=last4,
        routing_number="110000000" if country == "US" else None,
        holder=holder,
    )
    world.add(BANKS, bank)
    needed = tuple(r for r in account.requirements if r != "external_account")
    reason = account.disabled_reason if needed else None
    return replace(account, banks=(bank.id, *account.banks), requirements=needed, disabled_reason=reason), bank


def onboard(world: World, account_id: str, *, currency: str | None = None) -> Account:
    """Bring all that the account needs, as its holder would on Stripe's pages; its capabilities become active."""
    before = account = world.get(Account, account_id)
    if account.closed:
        return account
    wanted = currency or account.default_currency
    banks = [world.get(Bank, id_) for id_ in account.banks]
    if not any(bank.currency == wanted and bank.status != "errored" for bank in banks):
        account, _bank = add_bank(world, account, currency=wanted, country=account.country)
    account = replace(
        account,
        details_submitted=True,
        requirements=(),
        disabled_reason=None,
        capabilities=dict.fromkeys(account.capabilities, "active"),
        tos_date=account.tos_date or world.now,
        tos_ip=account.tos_ip or "127.0.0.1",
    )
    if account != before:
        changed(world, account, {"payouts_enabled": before.payouts_enabled})
    return account


def require(world: World, account_id: str, requirement: str, *, stops_transfers: bool = False) -> None:
    """Something is due: no payouts until it is brought; and no transfers either, where it ``stops_transfers``."""
    account = world.get(Account, account_id)
    if account.closed or requirement in account.requirements:
        return
    capabilities = account.capabilities
    if stops_transfers:
        capabilities = dict.fromkeys(capabilities, "inactive")
    changed(
        world,
        replace(
            account,
            requirements=(*account.requirements, requirement),
            disabled_reason=PAST_DUE,
            capabilities=capabilities,
        ),
        {"payouts_enabled": account.payouts_enabled},
    )


def close(world: World, account_id: str) -> None:
    """Close the account for good: no transfers to it, no payouts from it. What it holds stays on it."""
    account = world.get(Account, account_id)
    if not account.closed:
        inactive = dict.fromkeys(account.capabilities, "inactive")
        changed(world, replace(account, closed=True, disabled_reason=REJECTED, capabilities=inactive))


def deauthorize(world: World, account_id: str) -> None:
    """The account takes its leave from the platform, which sees nothing of it any more."""
    account = world.get(Account, account_id)
    if not account.deauthorized:
        world.put(replace(account, deauthorized=True))
        data = {"id": world.secret("application", account.id)[:24], "object": "application", "name": None}
        emit(world, account.id, "account.application.deauthorized", data)
