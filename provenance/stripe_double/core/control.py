"""What a test does to the world and no customer could: its clock, its money, its faults, its accounts, its events.

Over HTTP these are ``POST /_double/...`` with JSON bodies; see `COMMANDS`. In process they are plain functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from provenance.kernel.money import CURRENCIES
from provenance.stripe_double.core import account_state, events, funding, payouts
from provenance.stripe_double.core.faults import Fault, FaultKind
from provenance.stripe_double.core.records import Account, Payout
from provenance.stripe_double.core.refused import Refused, missing
from provenance.stripe_double.core.shapes import Json, shape
from provenance.stripe_double.core.world import World

FAULTS_MAX = 10_000
SECONDS_MAX = 10 * 366 * 86_400


def inject(world: World, fault: Fault) -> None:
    """Add a line to the script of faults. Raises `Refused` where it is full."""
    if len(world.script) >= FAULTS_MAX:
        raise Refused(f"The script holds {FAULTS_MAX} faults already.")
    world.script.append(fault)


def seconds_of(body: Mapping[str, Any]) -> int:
    """By how much a clock is to be moved: ``{"seconds": 86400}``. Raises `Refused`."""
    return _count(body, "seconds", least=0, most=SECONDS_MAX)


def _faults(world: World, body: Mapping[str, Any]) -> Json:
    known = {field.name for field in fields(Fault)}
    if unknown := sorted(body.keys() - known):
        raise Refused(f"A fault has no {unknown[0][:40]}.", param=unknown[0][:40])
    kind = str(body.get("kind"))
    if kind not in set(FaultKind):
        raise Refused(f"There is no fault {kind[:40]!r}; there are: {', '.join(FaultKind)}.", param="kind")
    texts = {name: str(body[name])[:200] for name in ("method", "path", "account", "failure_code") if name in body}
    counts = {
        name: _count(body, name, least=0 if name in ("skip", "seconds") else 1)
        for name in ("skip", "times", "seconds", "copies")
        if name in body
    }
    inject(world, Fault(kind=FaultKind(kind), **texts, **counts))  # type: ignore[arg-type]  # names are apart
    return {"faults": len(world.script)}


def _clear(world: World, _body: Mapping[str, Any]) -> Json:
    world.script.clear()
    return {"faults": 0}


def _funds(world: World, body: Mapping[str, Any]) -> Json:
    return shape(world, funding.fund(world, _count(body, "amount", least=1), _currency(body)))


def _adjust(world: World, body: Mapping[str, Any]) -> Json:
    account = str(body.get("account") or world.platform)
    if not isinstance(world.objects.get(account), Account):
        raise missing("account", account, param="account")
    amount, why = body.get("amount"), str(body.get("description") or "Adjustment")[:200]
    if type(amount) is not int or not amount:
        raise Refused("amount has to be an integer other than zero.", param="amount")
    return shape(world, funding.adjust(world, account, amount, _currency(body), description=why))


def _account(change: Callable[[World, str], object]) -> Callable[[World, Mapping[str, Any]], Json]:
    """A command over the account that the body names."""

    def run(world: World, body: Mapping[str, Any]) -> Json:
        named = str(body.get("account"))
        if not isinstance(world.objects.get(named), Account) or named == world.platform:
            raise missing("account", named, param="account")
        change(world, named)
        return shape(world, world.get(Account, named))

    return run


def _fail_payout(world: World, body: Mapping[str, Any]) -> Json:
    named = str(body.get("payout"))
    if not isinstance(world.objects.get(named), Payout):
        raise missing("payout", named, param="payout")
    payouts.fail(world, named)
    return shape(world, world.get(Payout, named))


def _resend(world: World, body: Mapping[str, Any]) -> Json:
    named = str(body.get("event"))
    if not events.resend(world, named):
        raise missing("event", named, param="event")
    return {"event": named}


def _revoke(world: World, body: Mapping[str, Any]) -> Json:
    world.revoked.add(str(body.get("key"))[:255])
    return {"revoked": len(world.revoked)}


def _count(body: Mapping[str, Any], name: str, *, least: int, most: int = 10**12) -> int:
    value = body.get(name)
    if type(value) is not int or not least <= value <= most:
        raise Refused(f"{name} has to be an integer from {least} to {most}.", param=name)
    return value


def _currency(body: Mapping[str, Any]) -> str:
    code = str(body.get("currency")).lower()
    if code.upper() not in CURRENCIES:
        raise Refused(f"Invalid currency: {code[:16]}.", param="currency")
    return code


def require_document(world: World, account: str) -> None:
    """Ask an account for a document: neither transfers to it nor payouts from it until it is onboarded again."""
    account_state.require(world, account, "individual.verification.document", stops_transfers=True)


COMMANDS: dict[str, Callable[[World, Mapping[str, Any]], Json]] = {
    "faults": _faults,
    "faults/clear": _clear,
    "funds": _funds,
    "adjust": _adjust,
    "accounts/onboard": _account(account_state.onboard),
    "accounts/restrict": _account(require_document),
    "accounts/close": _account(account_state.close),
    "accounts/deauthorize": _account(account_state.deauthorize),
    "payouts/fail": _fail_payout,
    "events/resend": _resend,
    "keys/revoke": _revoke,
}
