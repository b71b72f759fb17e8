"""An account at a bank and who holds it, in a line: how payouts name where they go. One holder, one text.

iban=FR1420041010050500013M02606; name=Anne Muller
account=123456789012; bic=CHASUS33XXX; name=John Roe; town=New York; country=US
"""

from __future__ import annotations

from provenance.bank_files.account import BankAccount, plain_iban
from provenance.bank_files.characters import plain_text
from provenance.bank_files.holder_rules import of_holder
from provenance.bank_files.transfer import Holder
from provenance.kernel.errors import InvalidBankFile, InvalidInput

_FIELDS = ("iban", "account", "bic", "name", "town", "country")


def account_text(holder: Holder) -> str:
    """The line of a holder.

    Raises:
        InvalidBankFile: a bank would refuse the account, or the name can't be written as banks have it.
    """
    plain = Holder(
        name=plain_text(holder.name),
        account=BankAccount(
            iban=plain_iban(holder.account.iban) if holder.account.iban is not None else None,
            other_id=holder.account.other_id,
            bic=holder.account.bic.upper() if holder.account.bic is not None else None,
        ),
        town=plain_text(holder.town) if holder.town is not None else None,
        country=holder.country,
    )
    found = list(of_holder(plain, "the account", needs_bic=plain.account.iban is None, address=False))
    if found:
        told = [{"rule": v.rule.value, "where": v.where, "message": v.message, "mend": v.mend} for v in found]
        raise InvalidBankFile(found[0].message, mend=found[0].mend, violations=told)
    account = plain.account
    values = (account.iban, account.other_id, account.bic, plain.name, plain.town, plain.country)
    return "; ".join(f"{field}={value}" for field, value in zip(_FIELDS, values, strict=True) if value is not None)


def holder_from(text: str) -> Holder:
    """The holder of a line.

    Raises:
        InvalidInput: it is no line of `account_text`.
    """
    values: dict[str, str] = {}
    for part in text.split("; "):
        field, equals, value = part.partition("=")
        if not equals or field not in _FIELDS or field in values:
            raise InvalidInput("The account isn't written as a bank account.", mend="State it again: provenance bank.")
        values[field] = value
    account = BankAccount(iban=values.get("iban"), other_id=values.get("account"), bic=values.get("bic"))
    return Holder(name=values.get("name", ""), account=account, town=values.get("town"), country=values.get("country"))
