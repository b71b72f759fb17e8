"""Connected accounts of v1: made, read, changed, rejected, deleted; their capabilities.

A custom account that is made with a bank account and accepted terms has all it needs; any other is onboarded by link.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from provenance.kernel.money import CURRENCIES
from provenance.stripe_double.core import account_state as state
from provenance.stripe_double.core.call import Call, Route, nothing
from provenance.stripe_double.core.events import emit
from provenance.stripe_double.core.pages import Query, page, read_query
from provenance.stripe_double.core.parameters import Reader
from provenance.stripe_double.core.records import Account
from provenance.stripe_double.core.refused import ErrorType, Refused, missing
from provenance.stripe_double.core.shape_account import capability_shape
from provenance.stripe_double.core.shapes import Json, page_of, shape
from provenance.stripe_double.core.transfers import merged

ACCOUNTS = "accounts"
CURRENCY_OF_COUNTRY = {
    "AU": "aud", "BR": "brl", "CA": "cad", "CH": "chf", "CZ": "czk", "DK": "dkk", "GB": "gbp", "HK": "hkd", "HU": "huf",
    "IN": "inr", "JP": "jpy", "KW": "kwd", "MX": "mxn", "NO": "nok", "NZ": "nzd", "PL": "pln", "SE": "sek", "SG": "sgd",
    "TH": "thb", "US": "usd",
}  # fmt: skip
CURRENCY_USUALLY = "eur"
# Parameters that are taken and change nothing here.
IGNORED = ("company", "individual", "documents", "account_token", "groups")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForm:
    """What an account is made with, or changed to; None where it stays as it is."""

    kind: str | None
    country: str | None
    default_currency: str | None
    email: str | None
    business_type: str | None
    business_name: str | None
    service_agreement: str | None
    tos_date: int | None
    tos_ip: str | None
    capabilities: dict[str, bool]
    interval: str | None
    delay_days: int | None
    bank: dict[str, str] | None
    metadata: dict[str, str] | None


def _read(reader: Reader, *, new: bool) -> AccountForm:
    kind = _kind(reader) if new else None
    country = reader.text("country", chars_max=2) if new else None
    if country is not None and not (len(country) == 2 and country.isascii() and country.isupper()):
        raise Refused(f"Country '{country}' is unknown.", code="country_unsupported", param="country")
    profile, tos = reader.take("business_profile"), reader.nested("tos_acceptance")
    currency = reader.text("default_currency")
    if currency is not None and currency.upper() not in CURRENCIES:
        raise Refused(f"Invalid currency: {currency[:16]}.", param="default_currency")
    interval, delay = _schedule(reader)
    form = AccountForm(
        kind=kind,
        country=country,
        default_currency=currency and currency.lower(),
        email=reader.text("email", chars_max=800),
        business_type=reader.choice("business_type", "company", "government_entity", "individual", "non_profit"),
        business_name=profile.get("name") if isinstance(profile, dict) else None,
        service_agreement=tos.choice("service_agreement", "full", "recipient"),
        tos_date=tos.integer("date"),
        tos_ip=tos.text("ip"),
        capabilities=_capabilities(reader),
        interval=interval,
        delay_days=delay,
        bank=read_bank(reader.take("external_account")),
        metadata=reader.metadata(),
    )
    for name in IGNORED:
        reader.take(name)
    reader.end()
    return form


def _kind(reader: Reader) -> str:
    """The type of an account: as named, or as its controller's settings come to."""
    kind = reader.choice("type", "custom", "express", "standard")
    controller = reader.take("controller")
    if kind and controller:
        raise Refused("You may only specify one of these parameters: type, controller.", code="parameters_exclusive")
    if isinstance(controller, dict):
        dashboard = controller.get("stripe_dashboard")
        named = dashboard.get("type") if isinstance(dashboard, dict) else None
        kind = {"express": "express", "none": "custom"}.get(str(named), "standard")
    return kind or "standard"


def _capabilities(reader: Reader) -> dict[str, bool]:
    wanted = reader.take("capabilities")
    if wanted is None:
        return {}
    if not isinstance(wanted, dict):
        raise Refused("Invalid hash: capabilities", param="capabilities")
    return {name[:60]: isinstance(value, dict) and value.get("requested") == "true" for name, value in wanted.items()}


def _schedule(reader: Reader) -> tuple[str | None, int | None]:
    settings = reader.nested("settings")
    for name in ("branding", "card_issuing", "card_payments", "dashboard", "invoices", "payments"):
        settings.take(name)
    payouts = settings.nested("payouts")
    settings.end()
    payouts.flag("debit_negative_balances")
    payouts.text("statement_descriptor")
    schedule = payouts.nested("schedule")
    payouts.end()
    interval = schedule.choice("interval", "manual", "daily", "weekly", "monthly")
    delay = None if schedule.take("delay_days") == "minimum" else schedule.integer("delay_days")
    for name in ("weekly_anchor", "monthly_anchor", "weekly_payout_days", "monthly_payout_days"):
        schedule.take(name)
    schedule.end()
    return interval, delay


def read_bank(value: Any) -> dict[str, str] | None:
    """A bank account, as a token or in full. Keeps the last four digits of its number alone."""
    if value is None:
        return None
    if isinstance(value, str):
        return {"token": value[:80]}
    if not isinstance(value, dict) or value.get("object", "bank_account") != "bank_account":
        raise Refused("Invalid external account.", param="external_account")
    for name in ("country", "currency", "account_number"):
        if not isinstance(value.get(name), str) or not value[name]:
            raise Refused(
                f"Missing required param: external_account[{name}].",
                code="parameter_missing",
                param=f"external_account[{name}]",
            )
    kept = {"country": value["country"][:2], "currency": value["currency"].lower()[:3]}
    return kept | {"last4": value["account_number"][-4:], "holder": str(value.get("account_holder_name") or "")[:200]}


def _create(call: Call, form: AccountForm) -> Json:
    world = call.world
    _only_platform(call)
    country = form.country or "US"
    id_ = world.new_id("acct")
    account = Account(
        id=id_,
        account=id_,
        created=world.now,
        kind=form.kind or "standard",
        country=country,
        default_currency=form.default_currency or CURRENCY_OF_COUNTRY.get(country, CURRENCY_USUALLY),
        requirements=state.REQUIREMENTS,
        disabled_reason=state.PAST_DUE,
    )
    world.objects[id_] = account
    world.lists.setdefault((world.platform, ACCOUNTS), []).append(id_)
    account = _with_form(call, account, form)
    emit(world, id_, "account.updated", shape(world, account), previous={}, call=call)
    return shape(world, account)


def _with_form(call: Call, account: Account, form: AccountForm) -> Account:
    """The account as the form says, kept; with all that it needs it is ready at once."""
    world = call.world
    asked = {name: "inactive" for name, wanted in form.capabilities.items() if wanted}
    dropped = {name for name, wanted in form.capabilities.items() if not wanted}
    capabilities = {name: s for name, s in {**asked, **account.capabilities}.items() if name not in dropped}
    account = replace(
        account,
        email=form.email or account.email,
        business_type=form.business_type or account.business_type,
        business_name=form.business_name or account.business_name,
        default_currency=form.default_currency or account.default_currency,
        service_agreement=form.service_agreement or account.service_agreement,
        tos_date=form.tos_date or account.tos_date,
        tos_ip=form.tos_ip or account.tos_ip,
        capabilities=capabilities,
        payouts_interval=form.interval or account.payouts_interval,
        payouts_delay_days=account.payouts_delay_days if form.delay_days is None else form.delay_days,
        metadata=merged(account, form.metadata),
    )
    if form.bank is not None:
        account = with_bank(call, account, form.bank)
    ready = account.details_submitted or (account.kind == "custom" and account.banks and account.tos_date)
    if ready and not account.closed and (account.requirements == () or not account.details_submitted):
        account = replace(
            account,
            details_submitted=True,
            requirements=(),
            disabled_reason=None,
            capabilities=dict.fromkeys(account.capabilities, "active"),
        )
    world.put(account)
    return account


def with_bank(call: Call, account: Account, bank: dict[str, str]) -> Account:
    """The account with one more bank account, not kept yet."""
    account, _ = state.add_bank(
        call.world,
        account,
        currency=bank.get("currency", account.default_currency),
        country=bank.get("country", account.country),
        last4=bank.get("last4", "6789"),
        holder=bank.get("holder"),
    )
    return account


def _update(call: Call, form: AccountForm) -> Json:
    account = find_account(call)
    if account.closed:
        raise Refused("This account has been rejected and can't be changed.", code="account_invalid")
    updated = _with_form(call, account, form)
    emit(call.world, account.id, "account.updated", shape(call.world, updated), previous={}, call=call)
    return shape(call.world, updated)


def find_account(call: Call) -> Account:
    """The account that the path names, where the caller may see it. Raises `Refused`."""
    account = call.world.account_of(call.ids[0])
    if account is None or not (call.on_platform or account.id == call.account):
        raise Refused(
            f"The provided key does not have access to account '{call.ids[0][:80]}' (or that account does not exist)."
            " Application access may have been revoked.",
            status=403,
            kind=ErrorType.INVALID,
            code="account_invalid",
        )
    return account


def _only_platform(call: Call) -> None:
    if not call.on_platform:
        raise Refused("Only a platform can do this.", status=403, code="account_invalid")


def _retrieve(call: Call, _command: None) -> Json:
    return shape(call.world, find_account(call))


def _own(call: Call, _command: None) -> Json:
    return shape(call.world, call.world.get(Account, call.account))


def _delete(call: Call, _command: None) -> Json:
    account = find_account(call)
    held = call.world.books.get(account.id, {})
    if account.id == call.world.platform or any(h.available or h.pending for h in held.values()):
        raise Refused("An account can be deleted when all of its balances are zero.", code="account_invalid")
    state.deauthorize(call.world, account.id)
    return {"id": account.id, "object": "account", "deleted": True}


def _reject(call: Call, _reason: str) -> Json:
    account = find_account(call)
    state.close(call.world, account.id)
    return shape(call.world, call.world.get(Account, account.id))


def _read_reason(reader: Reader) -> str:
    reason = reader.required("reason")
    reader.end()
    return reason


def _list(call: Call, query: Query) -> Json:
    _only_platform(call)
    return page(call, ACCOUNTS, query, keep=lambda record: call.world.account_of(record.id) is not None)


def _list_capabilities(call: Call, _command: None) -> Json:
    account = find_account(call)
    return page_of([capability_shape(account, name) for name in sorted(account.capabilities)], url=call.url)


def _retrieve_capability(call: Call, _command: None) -> Json:
    account = find_account(call)
    if call.ids[1] not in account.capabilities:
        raise missing("capability", call.ids[1], param="capability")
    return capability_shape(account, call.ids[1])


_PATH = "/v1/accounts"
ROUTES = (
    Route(method="POST", path=_PATH, read=lambda reader: _read(reader, new=True), execute=_create),
    Route(method="POST", path=f"{_PATH}/*", read=lambda reader: _read(reader, new=False), execute=_update),
    Route(method="POST", path=f"{_PATH}/*/reject", read=_read_reason, execute=_reject),
    Route(method="GET", path=_PATH, read=read_query(), execute=_list),
    Route(method="GET", path="/v1/account", read=nothing, execute=_own),
    Route(method="GET", path=f"{_PATH}/*", read=nothing, execute=_retrieve),
    Route(method="DELETE", path=f"{_PATH}/*", read=nothing, execute=_delete),
    Route(method="GET", path=f"{_PATH}/*/capabilities", read=nothing, execute=_list_capabilities),
    Route(method="GET", path=f"{_PATH}/*/capabilities/*", read=nothing, execute=_retrieve_capability),
)
