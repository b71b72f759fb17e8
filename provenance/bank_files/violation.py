"""A violation of a rule of bank files: its stable code, where it stands, and its mend."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The stable code of what a violation violates."""

    ACCOUNT_MISSING = "account_missing"
    ACCOUNT_TWICE = "account_twice"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    AMOUNT_TOO_LARGE = "amount_too_large"
    BATCH_EMPTY = "batch_empty"
    BIC_MALFORMED = "bic_malformed"
    BIC_MISSING = "bic_missing"
    BIC_OF_ANOTHER_COUNTRY = "bic_of_another_country"
    CHARACTER_REFUSED = "character_refused"
    COUNTRY_MALFORMED = "country_malformed"
    CURRENCY_MIXED = "currency_mixed"
    CURRENCY_UNKNOWN = "currency_unknown"
    DATE_BEFORE_CREATION = "date_before_creation"
    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    IBAN_CHECK_DIGITS = "iban_check_digits"
    IBAN_LENGTH = "iban_length"
    IBAN_MALFORMED = "iban_malformed"
    ID_DUPLICATE = "id_duplicate"
    ID_MALFORMED = "id_malformed"
    NAME_MISSING = "name_missing"
    OTHER_ID_MALFORMED = "other_id_malformed"
    SERVICE_UNFIT = "service_unfit"
    SUM_TOO_LARGE = "sum_too_large"
    TEXT_TOO_LONG = "text_too_long"
    TIME_WITHOUT_ZONE = "time_without_zone"
    TOWN_WITHOUT_COUNTRY = "town_without_country"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that a bank would refuse: where it stands, and what mends it. Tells no account number in full."""

    rule: Rule
    where: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message} {self.mend}"


def violation(rule: Rule, where: str, message: str, mend: str) -> Violation:
    """A violation, in the order in which it is read out."""
    return Violation(rule=rule, where=where, message=message, mend=mend)
