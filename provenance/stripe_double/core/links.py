"""Where an account's holder is sent: onboarding links, login links; and the bank accounts that one brings.

An onboarding link can be opened once, and for five minutes. Opening it here brings all that the account needs.
"""

from __future__ import annotations

from dataclasses import dataclass

from provenance.stripe_double.core import account_state as state
from provenance.stripe_double.core.accounts import find_account, read_bank, with_bank
from provenance.stripe_double.core.call import Call, Route, nothing
from provenance.stripe_double.core.pages import Query, page, read_query
from provenance.stripe_double.core.parameters import Reader
from provenance.stripe_double.core.records import Bank, Link
from provenance.stripe_double.core.refused import Refused, missing
from provenance.stripe_double.core.shapes import Json, shape
from provenance.stripe_double.core.world import World

LINK_SECONDS = 300
ONBOARDING_PATH = "/_double/onboarding/"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLink:
    """For whom a link is, and where its holder comes back to."""

    account: str
    kind: str
    return_url: str
    refresh_url: str


def _read_link(reader: Reader) -> CreateLink:
    kind = reader.choice("type", "account_onboarding", "account_update")
    if kind is None:
        raise Refused("Missing required param: type.", code="parameter_missing", param="type")
    command = CreateLink(
        account=reader.required("account"),
        kind=kind,
        return_url=reader.required("return_url"),
        refresh_url=reader.required("refresh_url"),
    )
    reader.choice("collect", "currently_due", "eventually_due")
    reader.take("collection_options")
    reader.end()
    return command


def _create_link(call: Call, command: CreateLink) -> Json:
    world = call.world
    account = world.account_of(command.account)
    if account is None or not call.on_platform:
        raise missing("account", command.account, param="account", status=400)
    if account.closed:
        raise Refused("This account has been rejected.", code="account_invalid", param="account")
    id_ = world.new_id("link")
    token = world.secret("link", id_)[:32]
    expires = world.now + LINK_SECONDS
    link = Link(
        id=token, account=account.id, created=world.now, expires=expires, kind=command.kind, back=command.return_url
    )
    world.objects[token] = link
    url = f"{world.options.url}{ONBOARDING_PATH}{token}"
    return {"object": "account_link", "created": world.now, "expires_at": expires, "url": url}


def open_link(world: World, token: str) -> str:
    """Open an onboarding link as the account's holder would, and bring everything. Returns where it leads back to.

    Raises:
        Refused: there is no such link, or its time is over, or it was opened before.
    """
    link = world.objects.get(token)
    if not isinstance(link, Link) or link.expires < world.now:
        raise missing("account link", token)
    del world.objects[token]
    state.onboard(world, link.account)
    return link.back


def _login_link(call: Call, _command: None) -> Json:
    account = find_account(call)
    if account.kind != "express":
        raise Refused("Login links can only be made for Express accounts.", code="account_invalid")
    url = f"{call.world.options.url}/express/{account.id}"
    return {"object": "login_link", "created": call.world.now, "url": url}


def _read_bank(reader: Reader) -> dict[str, str]:
    bank = read_bank(reader.take("external_account"))
    if bank is None:
        raise Refused("Missing required param: external_account.", code="parameter_missing", param="external_account")
    reader.flag("default_for_currency")
    reader.metadata()
    reader.end()
    return bank


def _add_bank(call: Call, bank: dict[str, str]) -> Json:
    account = find_account(call)
    if account.closed:
        raise Refused("This account has been rejected and can't be changed.", code="account_invalid")
    account = with_bank(call, account, bank)
    state.changed(call.world, account)
    return shape(call.world, call.world.get(Bank, account.banks[0]))


def _list_banks(call: Call, query: Query) -> Json:
    account = find_account(call)
    return page(call, state.BANKS, query, ids=account.banks[::-1])


def _retrieve_bank(call: Call, _command: None) -> Json:
    account = find_account(call)
    return shape(call.world, call.world.find(Bank, call.ids[1], account=account.id, what="external account"))


_BANKS = "/v1/accounts/*/external_accounts"
ROUTES = (
    Route(method="POST", path="/v1/account_links", read=_read_link, execute=_create_link),
    Route(method="POST", path="/v1/accounts/*/login_links", read=nothing, execute=_login_link),
    Route(method="POST", path=_BANKS, read=_read_bank, execute=_add_bank),
    Route(method="GET", path=_BANKS, read=read_query("object", created=False), execute=_list_banks),
    Route(method="GET", path=f"{_BANKS}/*", read=nothing, execute=_retrieve_bank),
)
