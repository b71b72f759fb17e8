"""Exchange what a party is owed into another currency, at the latest rate that is recorded and fresh enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from provenance.kernel.errors import InvalidMoney, MoreThanOwed, NotFound
from provenance.kernel.fx import Converted, convert
from provenance.kernel.ids import check_external_id
from provenance.kernel.money import MicroUnits, Money, check_currency
from provenance.ledger.accounts import Account, AccountKind
from provenance.ledger.fx import exchange
from provenance.services.ports import Database
from provenance.services.rates import rate_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """What was exchanged into what, by which rate, and the transaction that says so."""

    converted: Converted
    transaction: str


def exchange_owed(
    database: Database,
    party: str,
    money: Money,
    into: str,
    *,
    reference: str,
    on: date,
    days_old_max: int,
    at: datetime,
) -> Exchanged:
    """Owe a party another currency in place of ``money``, at the rate of the day ``on``. The same again does nothing.

    What is exchanged is authorised on the account's locked balance: no two at once take the same money.

    Raises:
        NotFound: there is no such party.
        InvalidMoney: nothing is to be exchanged, or into the same currency.
        MoreThanOwed: the party is owed less.
        RateMissing, RateStale: there is no rate of that day, or of `days_old_max` days before it.
        Conflict: the reference was used for another amount.
    """
    check_currency(into)
    check_external_id(reference, what="reference")
    if money.micros <= 0 or money.currency == into:
        raise InvalidMoney(
            f"{money} can't be exchanged into {into}.", mend="Give an amount above zero, and another currency."
        )
    with database.begin(write=True) as work:
        if work.parties.get(party) is None:
            raise NotFound(f"There is no party {party!r}.", mend="Register it first.", party=party)
        rate = rate_on(work, money.currency, into, on=on, days_old_max=days_old_max)
        converted = convert(money, rate)
        made = exchange(converted, party, reference=reference, effective_at=at)
        known = work.books.get(made.id)
        if known is None:
            payable = Account(kind=AccountKind.PARTY_PAYABLE, party=party, currency=money.currency)
            owed = -work.books.locked_balances([payable])[payable]
            if owed < money.micros:
                raise MoreThanOwed(
                    f"{party} is owed {Money(money.currency, MicroUnits(owed))}, less than {money}.",
                    mend="Exchange at most that.",
                    owed_micros=str(owed),
                )
        else:  # the same again is dated as it was
            made = exchange(converted, party, reference=reference, effective_at=known.fact.effective_at)
        work.books.post(made, at)
        work.commit()
    return Exchanged(converted=converted, transaction=made.id)
