"""The rules for whoever holds an account: name, address, IBAN or other number, BIC; and those for ids and words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provenance.bank_files import account as accounts
from provenance.bank_files.account import BankAccount
from provenance.bank_files.characters import is_reference, plain_text, refused_character
from provenance.bank_files.transfer import REFERENCE_CHARS_MAX, Holder
from provenance.bank_files.violation import Rule, Violation, violation

NAME_CHARS_MAX = 70  # the schema takes 140; SEPA hands on 70
TOWN_CHARS_MAX = 35

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def of_holder(holder: Holder, where: str, *, needs_bic: bool, address: bool) -> Iterator[Violation]:
    """Who holds an account: name, account, and where ``address`` is set a town and a country."""
    yield from of_text(holder.name, f"{where}, name", chars_max=NAME_CHARS_MAX, needed=True)
    yield from _of_account(holder.account, where, needs_bic=needs_bic)
    if holder.country is not None and not _COUNTRY.fullmatch(holder.country):
        yield violation(
            Rule.COUNTRY_MALFORMED, where, f"{holder.country[:8]!r} is no country.", 'Use ISO 3166-1 alpha-2: "DE".'
        )
    if holder.town is not None:
        yield from of_text(holder.town, f"{where}, town", chars_max=TOWN_CHARS_MAX, needed=True)
    if (holder.town is None) != (holder.country is None) or (address and holder.country is None):
        yield violation(
            Rule.TOWN_WITHOUT_COUNTRY,
            where,
            "An address needs a town and a country; a transfer outside SEPA needs an address.",
            "State both.",
        )


def _of_account(account: BankAccount, where: str, *, needs_bic: bool) -> Iterator[Violation]:
    if account.iban is None and account.other_id is None:
        yield violation(Rule.ACCOUNT_MISSING, where, "There is no account.", "State its IBAN, or its number and BIC.")
    if account.iban is not None and account.other_id is not None:
        yield violation(Rule.ACCOUNT_TWICE, where, "There is an IBAN and another number.", "State the IBAN alone.")
    if account.iban is not None:
        yield from _of_iban(account.iban, where)
    if account.other_id is not None and not is_reference(account.other_id, chars_max=accounts.OTHER_ID_CHARS_MAX):
        yield violation(
            Rule.OTHER_ID_MALFORMED,
            where,
            f"The account number isn't 1 to {accounts.OTHER_ID_CHARS_MAX} of the characters that banks take.",
            "Write it as the bank does, in letters and digits.",
        )
    if account.bic is None:
        if needs_bic or account.other_id is not None:
            yield violation(Rule.BIC_MISSING, where, "The bank isn't named.", "State its BIC.")
    elif not accounts.bic_is_well_formed(account.bic):
        yield violation(
            Rule.BIC_MALFORMED, where, f"{account.bic[:16]!r} is no BIC.", "It has 8 or 11 capital letters and digits."
        )
    elif account.iban is not None and not _same_country(account.iban[:2], account.bic[4:6]):
        yield violation(
            Rule.BIC_OF_ANOTHER_COUNTRY,
            where,
            f"The IBAN is of {account.iban[:2]!r}, the BIC of {account.bic[4:6]!r}.",
            "Ask the payee for both again, or leave the BIC out within SEPA.",
        )


def _of_iban(iban: str, where: str) -> Iterator[Violation]:
    if not accounts.iban_is_well_formed(iban):
        yield violation(
            Rule.IBAN_MALFORMED,
            where,
            "The IBAN isn't two letters, two digits, and up to 30 letters and digits.",
            "Write it without spaces, in capitals.",
        )
    elif not accounts.iban_has_its_length(iban):
        chars = accounts.IBAN_CHARS.get(iban[:2])
        known = f"IBANs of {iban[:2]} have {chars} characters" if chars else f"{iban[:2]} has no IBANs"
        yield violation(
            Rule.IBAN_LENGTH, where, f"{known}; this one has {len(iban)}.", "Ask the payee for the IBAN again."
        )
    elif not accounts.iban_checks(iban):
        yield violation(
            Rule.IBAN_CHECK_DIGITS,
            where,
            "The IBAN's check digits are wrong (modulo 97): a digit is wrong, or two changed places.",
            "Ask the payee for the IBAN again.",
        )


def of_text(text: str, where: str, *, chars_max: int, needed: bool) -> Iterator[Violation]:
    """Words for people: they can be written in the bank's characters, and are neither too long nor missing."""
    refused = refused_character(text)
    if refused is not None:
        yield violation(
            Rule.CHARACTER_REFUSED,
            where,
            f"U+{ord(refused):04X} has no plain form that banks take.",
            "Write it in Latin letters, as the payee's bank has it.",
        )
    plain = plain_text(text)
    if needed and not plain:
        yield violation(Rule.NAME_MISSING, where, "It is empty.", "State it, as the account's bank has it.")
    if len(plain) > chars_max:
        yield violation(
            Rule.TEXT_TOO_LONG, where, f"It has {len(plain)} characters.", f"At most {chars_max} are taken."
        )


def of_id(value: str, where: str) -> Iterator[Violation]:
    """An identifier: it can travel as it is."""
    if not is_reference(value, chars_max=REFERENCE_CHARS_MAX):
        yield violation(
            Rule.ID_MALFORMED,
            where,
            f"It isn't 1 to {REFERENCE_CHARS_MAX} of the characters that banks take, without a slash at an end.",
            "Use letters, digits and dashes.",
        )


def _same_country(of_iban: str, of_bic: str) -> bool:
    # Banks of these territories have BICs of their own and IBANs of the country that they belong to (EPC409-09).
    of_another = {"GB": {"GG", "JE", "IM"}, "FR": {"GF", "GP", "MQ", "RE", "YT", "PM", "BL", "MF", "PF", "NC", "WF"}}
    return of_iban == of_bic or of_bic in of_another.get(of_iban, ())
