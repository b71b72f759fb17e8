"""Accounts and banks: IBAN (ISO 13616) and BIC (ISO 9362). Says what is wrong with one; asks nobody whether it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Characters of an IBAN by country (SWIFT's IBAN registry).
IBAN_CHARS = {
    country: int(chars)
    for country, chars in (
        (word[:2], word[2:])
        for word in """
        AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29
        ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20
        LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29
        PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
        YE30
        """.split()
    )
}
# Countries whose banks take SEPA credit transfers (EPC409-09); Guernsey, Jersey and the Isle of Man have IBANs of GB.
SEPA_COUNTRIES = frozenset(
    """
    AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS
    SE SI SK SM VA
    """.split()
)
OTHER_ID_CHARS_MAX = 34

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}", re.ASCII)
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """An account by its ``iban``, or by another id that its bank uses (``other_id``); ``bic`` names the bank.

    Nothing is checked here: the rules of the file list all that is wrong at once.
    """

    iban: str | None = None
    other_id: str | None = None
    bic: str | None = None

    @property
    def country(self) -> str | None:
        """That of the IBAN, else of the bank, else None."""
        if self.iban:
            return self.iban[:2]
        return self.bic[4:6] if self.bic and len(self.bic) >= 6 else None  # ISO 9362: letters 5 and 6

    def hint(self) -> str:
        """Enough to tell it from others for a person, and too little to pay it: the ends of its number."""
        number = self.iban or self.other_id or ""
        return f"{number[:2]}…{number[-4:]}" if len(number) > 8 else "…"  # a shorter one would be told


def plain_iban(written: str) -> str:
    """An IBAN as people write it, in groups and small letters, as a bank reads it. Checks nothing."""
    return "".join(written.split()).upper()


def iban_is_well_formed(iban: str) -> bool:
    """Whether the schema would take it: two letters, two digits, up to thirty letters and digits, all capitals."""
    return _IBAN.fullmatch(iban) is not None


def iban_has_its_length(iban: str) -> bool:
    """Whether its country has IBANs of that length."""
    return IBAN_CHARS.get(iban[:2]) == len(iban)


def iban_checks(iban: str) -> bool:
    """Whether its check digits are right: ISO 7064, modulo 97 (ISO 13616, annex). It must be well-formed."""
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def iban_check_digits(country: str, rest: str) -> str:
    """The two check digits of an IBAN of a country with what follows them."""
    number = int("".join(str(int(c, 36)) for c in rest + country + "00"))
    return f"{98 - number % 97:02d}"


def bic_is_well_formed(bic: str) -> bool:
    """Whether it is a BIC of 8 or 11 characters (the pattern of BICFIDec2014Identifier)."""
    return _BIC.fullmatch(bic) is not None
