"""Accounts, their capabilities and their banks as the objects of Stripe's API."""

from __future__ import annotations

from typing import Any, cast

from provenance.stripe_double.core.records import Account, Bank, Record
from provenance.stripe_double.core.world import World

Json = dict[str, Any]
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def account_shape(world: World, record: Record) -> Json:
    """A v1 account."""
    account = cast("Account", record)
    banks = [bank_shape(world, world.objects[id_]) for id_ in account.banks]
    return {
        "id": account.id,
        "object": "account",
        "business_profile": _business_profile(account),
        "business_type": account.business_type,
        "capabilities": dict(account.capabilities),
        "charges_enabled": account.can("card_payments"),
        "controller": _controller(account),
        "country": account.country,
        "created": account.created,
        "default_currency": account.default_currency,
        "details_submitted": account.details_submitted,
        "email": account.email,
        "external_accounts": {
            "object": "list",
            "data": banks,
            "has_more": False,
            "url": f"/v1/accounts/{account.id}/external_accounts",
        },
        "future_requirements": requirements_shape(()),
        "metadata": dict(account.metadata),
        "payouts_enabled": account.payouts_enabled,
        "requirements": requirements_shape(account.requirements, account.disabled_reason),
        "settings": _settings(account),
        "tos_acceptance": {
            "date": account.tos_date,
            "ip": account.tos_ip,
            "user_agent": None,
            "service_agreement": account.service_agreement,
        },
        "type": account.kind,
    }


def requirements_shape(due: tuple[str, ...], reason: str | None = None) -> Json:
    """What an account, or a capability of it, still needs."""
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": list(due),
        "disabled_reason": reason,
        "errors": [],
        "eventually_due": list(due),
        "past_due": list(due) if reason == "requirements.past_due" else [],
        "pending_verification": [],
    }


def capability_shape(account: Account, name: str) -> Json:
    """One capability of an account."""
    status = "inactive" if account.closed else account.capabilities[name]
    return {
        "id": name,
        "object": "capability",
        "account": account.id,
        "future_requirements": requirements_shape(()),
        "requested": True,
        "requested_at": account.created,
        "requirements": requirements_shape(account.requirements, account.disabled_reason),
        "status": status,
    }


def bank_shape(world: World, record: Record) -> Json:
    """A bank account of an account."""
    bank = cast("Bank", record)
    return {
        "id": bank.id,
        "object": "bank_account",
        "account": bank.account,
        "account_holder_name": bank.holder,
        "account_holder_type": None,
        "account_type": None,
        "available_payout_methods": ["standard"],
        "bank_name": "DOUBLE BANK",
        "country": bank.country,
        "currency": bank.currency,
        "customer": None,
        "default_for_currency": True,
        "fingerprint": world.secret("fingerprint", bank.last4)[:16],
        "last4": bank.last4,
        "metadata": dict(bank.metadata),
        "routing_number": bank.routing_number,
        "status": bank.status,
    }


def _controller(account: Account) -> Json:
    if account.kind == "standard":
        return {"type": "account"}
    return {
        "type": "application",
        "is_controller": True,
        "fees": {"payer": f"application_{account.kind}" if account.kind in ("custom", "express") else "application"},
        "losses": {"payments": "application"},
        "requirement_collection": "application" if account.kind == "custom" else "stripe",
        "stripe_dashboard": {"type": "express" if account.kind == "express" else "none"},
    }


def _business_profile(account: Account) -> Json:
    unset = (
        "estimated_worker_count mcc minority_owned_business_designation product_description support_email"
        " support_phone support_url url"
    ).split()
    return dict.fromkeys(unset) | {
        "annual_revenue": {"amount": None, "currency": None, "fiscal_year_end": None},
        "name": account.business_name,
        "support_address": dict.fromkeys(ADDRESS),
    }


def _settings(account: Account) -> Json:
    descriptors = ("statement_descriptor", "statement_descriptor_kana", "statement_descriptor_kanji")
    prefixes = ("statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji")
    schedule: Json = {"interval": account.payouts_interval, "delay_days": account.payouts_delay_days}
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            **dict.fromkeys(prefixes),
        },
        "dashboard": {"display_name": account.business_name, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": None},
        "payments": dict.fromkeys((*descriptors, *prefixes)),
        "payouts": {"debit_negative_balances": False, "schedule": schedule, "statement_descriptor": None},
        "sepa_debit_payments": {},
    }
