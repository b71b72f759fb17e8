"""Check subscription money and exchanges of an export: each posts what its fact says, and all money has a place.

It shares no code with what posts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from provenance.services.check_rows import Check, Form, ReadableArchive, forms_of, guarded

SUBSCRIPTION, EXCHANGE = "subscription", "exchange"
POOL_CAUSES = (SUBSCRIPTION, EXCHANGE)


@dataclass(slots=True)
class PoolMoney:
    """What an export states of subscription money and exchange rates, by id; and what became of the money."""

    subscriptions: dict[str, Form] = field(default_factory=dict)
    rates: dict[str, Form] = field(default_factory=dict)
    taken_in: set[str] = field(default_factory=set)
    nobodys: dict[str, int] = field(default_factory=dict)
    shared: Counter[str] = field(default_factory=Counter)
    closed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, archive: ReadableArchive) -> PoolMoney:
        """What can't be read is another check's problem."""
        found = cls()
        for kind, by_id in ((SUBSCRIPTION, found.subscriptions), ("fx_rate", found.rates)):
            for form in forms_of(archive, kind):
                by_id[str(form.get("id"))] = form
        for form in forms_of(archive, "statement"):
            guarded(form, found.read_statement)
        for form in forms_of(archive, "transaction"):
            if form.get("cause") == SUBSCRIPTION:
                guarded(form, found.subscription_problem)
        return found

    def read_statement(self, form: Form) -> None:
        """Add up what its lines share out."""
        for line in form["lines"]:
            if line["kind"] == "subscribed":
                self.shared[line["inputs"]["subscription"]] += int(line["micros"])
                self.closed[line["inputs"]["subscription"]] = form["period"]

    def cause_problem(self, form: Form) -> str | None:
        """Whether a transaction of one of `POOL_CAUSES` follows from a fact."""
        if form["corrects"] is not None:
            return f"{form['id']}: it corrects nothing, and says that it does"
        return self.subscription_problem(form) if form["cause"] == SUBSCRIPTION else self.exchange_problem(form)

    def subscription_problem(self, form: Form) -> str | None:
        """The service owes the money that was stated; what is nobody's goes to the unattributed pool."""
        _, name, *rest = form["business_key"].split(":")
        stated = self.subscriptions.get(name)
        if stated is None or rest not in ([], ["unattributed"]):
            return f"{form['id']}: no subscription of the export caused it"
        currency, micros, entries = stated["money"]["currency"], int(stated["money"]["micros"]), _entries(form)
        if not rest:
            self.taken_in.add(name)
            expected = {
                f"service_receivable/{stated['service']}/{currency}": micros,
                f"royalty_pool/{currency}": -micros,
            }
        else:
            moved = entries.get(f"royalty_pool/{currency}", 0)
            self.nobodys[name] = moved
            expected = {f"royalty_pool/{currency}": moved, f"unattributed_pool/{currency}": -moved}
            if not 0 < moved <= micros:
                return f"{form['id']}: {moved} are no part of {micros}"
        return None if entries == expected else f"{form['id']}: it posts something else than {name} states"

    def exchange_problem(self, form: Form) -> str | None:
        """Both legs follow from the rate that the key names, to the nearest micro-unit."""
        _, party, *_, rate = form["business_key"].split(":")
        stated, entries = self.rates.get(rate), _entries(form)
        if stated is None:
            return f"{form['id']}: its rate {rate} is not in the export"
        owed = {a.rsplit("/", 1)[1]: m for a, m in entries.items() if a.startswith(f"party_payable/{party}/")}
        if len(owed) != 2 or set(owed) != {stated["base"], stated["quote"]}:
            return f"{form['id']}: it exchanges other currencies than its rate"
        given, got = sorted(owed, key=lambda currency: -owed[currency])
        ratio = Fraction(int(stated["numerator"]), int(stated["denominator"]))
        exact = owed[given] * (ratio if given == stated["base"] else 1 / ratio)
        if owed[given] <= 0 or -owed[got] != int(exact + Fraction(1, 2)):
            return f"{form['id']}: {owed[given]} come to {exact}, and it posts {-owed[got]}"
        expected = {f"party_payable/{party}/{c}": m for c, m in owed.items()}
        expected |= {f"fx_liquidity/{c}": -m for c, m in owed.items()}
        return None if entries == expected else f"{form['id']}: its legs have other sides than the liquidity accounts"

    def place_problem(self, name: str) -> str | None:
        """Of money that a close shared out, parts and nobody's part come to all of it."""
        if name not in self.taken_in:
            return f"{name}: the books don't have it"
        placed, money = self.shared[name] + self.nobodys.get(name, 0), int(self.subscriptions[name]["money"]["micros"])
        is_shared = name in self.closed or name in self.nobodys
        return f"{name}: {placed} of {money} have a place" if is_shared and placed != money else None


def check_pools(money: PoolMoney, *, whole: bool) -> Check:
    """All subscription money. Where the export isn't ``whole``, statements or transactions may lie outside."""
    placed = Check(name="subscription money is taken in, and shared out to the micro-unit")
    if whole:
        for name in money.subscriptions:
            placed.note(money.place_problem(name))
    return placed


def _entries(form: Form) -> Mapping[str, int]:
    return {e["account"]: int(e["micros"]) for e in form["entries"]}
