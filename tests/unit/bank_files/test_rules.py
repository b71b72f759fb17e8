"""Each rule of a bank's file is told when it is broken, and only then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from provenance.bank_files import rules
from provenance.bank_files.account import BankAccount
from provenance.bank_files.rules import VIOLATIONS_TOLD_MAX, check_file, violations
from provenance.bank_files.transfer import Amount, CreditTransfer, Holder, Service, TransferFile
from provenance.bank_files.violation import Rule
from provenance.kernel.errors import InvalidBankFile

from .transfer_values import ANNE, DAY, DEBTOR, JOHN, MADE_AT, a_file, as_one_batch, to_john, transfer


def paying(account: BankAccount, **changes: object) -> TransferFile:
    return a_file(transfer(creditor=replace(ANNE, account=account, **changes)))  # type: ignore[arg-type]  # a test's own


def euros(minor_units: int) -> Amount:
    return Amount(currency="EUR", minor_units=minor_units)


IBAN = "FR1420041010050500013M02606"
CASES: dict[Rule, Callable[[], TransferFile]] = {
    Rule.ACCOUNT_MISSING: lambda: a_file(to_john_at(BankAccount(bic="CHASUS33"))),
    Rule.ACCOUNT_TWICE: lambda: paying(BankAccount(iban=IBAN, other_id="1", bic="BNPAFRPP")),
    Rule.AMOUNT_NOT_POSITIVE: lambda: a_file(transfer(amount=euros(-1))),
    Rule.AMOUNT_TOO_LARGE: lambda: a_file(transfer(amount=euros(100_000_000_000))),
    Rule.BATCH_EMPTY: lambda: as_one_batch(a_file(transfer()), transfers=()),
    Rule.BIC_MALFORMED: lambda: paying(BankAccount(iban=IBAN, bic="BNPAFR")),
    Rule.BIC_MISSING: lambda: a_file(to_john_at(BankAccount(other_id="12"))),
    Rule.BIC_OF_ANOTHER_COUNTRY: lambda: paying(BankAccount(iban=IBAN, bic="COBADEFF")),
    Rule.CHARACTER_REFUSED: lambda: paying(BankAccount(iban=IBAN), name="Ελένη"),
    Rule.COUNTRY_MALFORMED: lambda: paying(BankAccount(iban=IBAN), town="Paris", country="fr"),
    Rule.CURRENCY_MIXED: lambda: as_one_batch(a_file(to_john("A"), to_john_in("CHF"))),
    Rule.CURRENCY_UNKNOWN: lambda: a_file(to_john_in("XXX")),
    Rule.DATE_BEFORE_CREATION: lambda: a_file(transfer(), execution_date=MADE_AT.date() - timedelta(days=1)),
    Rule.FILE_EMPTY: a_file,
    Rule.IBAN_CHECK_DIGITS: lambda: paying(BankAccount(iban=IBAN.replace("14", "15", 1))),
    Rule.IBAN_LENGTH: lambda: paying(BankAccount(iban="FR1420041010050500013M026")),
    Rule.IBAN_MALFORMED: lambda: paying(BankAccount(iban="FR14 2004 1010 0505 0001 3M02 606")),
    Rule.ID_DUPLICATE: lambda: a_file(transfer("A"), transfer("A")),
    Rule.ID_MALFORMED: lambda: a_file(transfer("payout_1")),
    Rule.NAME_MISSING: lambda: paying(BankAccount(iban=IBAN), name="  "),
    Rule.OTHER_ID_MALFORMED: lambda: a_file(to_john_at(BankAccount(other_id="1" * 35, bic="CHASUS33"))),
    Rule.SERVICE_UNFIT: lambda: as_one_batch(a_file(to_john()), service=Service.SEPA),
    Rule.TEXT_TOO_LONG: lambda: a_file(transfer(note="n" * 141)),
    Rule.TIME_WITHOUT_ZONE: lambda: replace(a_file(transfer()), created_at=MADE_AT.replace(tzinfo=None)),
    Rule.TOWN_WITHOUT_COUNTRY: lambda: a_file(transfer(creditor=replace(ANNE, town="Paris"))),
    Rule.SUM_TOO_LARGE: lambda: a_file(*(to_john(str(n), 999_999_999_999_999_999) for n in range(2))),
}


def to_john_at(account: BankAccount) -> CreditTransfer:
    return transfer(creditor=replace(JOHN, account=account), amount=Amount(currency="USD", minor_units=1))


def to_john_in(currency: str) -> CreditTransfer:
    return transfer("C", creditor=JOHN, amount=Amount(currency=currency, minor_units=1))


@pytest.mark.parametrize("rule", CASES, ids=lambda r: r.value)
def test_a_broken_rule_is_told_alone_with_its_place_and_its_mend(rule: Rule) -> None:
    found = list(violations(CASES[rule]()))
    assert {v.rule for v in found} == {rule}
    assert all(v.where and v.message and v.mend for v in found)


def test_every_rule_has_its_case() -> None:
    assert set(CASES) | {Rule.FILE_TOO_LARGE} == set(Rule)


def test_a_file_of_too_many_transfers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TRANSFERS_MAX", 1)
    assert [v.rule for v in violations(a_file(transfer("A"), transfer("B")))] == [Rule.FILE_TOO_LARGE]


def test_good_files_break_no_rule() -> None:
    check_file(a_file(transfer(), to_john()))
    check_file(a_file(transfer(), debtor=Holder(name="P", account=BankAccount(iban="DE89370400440532013000"))))
    check_file(a_file(transfer(amount=euros(99_999_999_999)), execution_date=MADE_AT.date()))


def test_a_bank_outside_sepa_needs_the_payers_bank_named_too() -> None:
    debtor = replace(DEBTOR, account=BankAccount(iban="DE89370400440532013000"))
    assert [v.rule for v in violations(a_file(to_john(), debtor=debtor))] == [Rule.BIC_MISSING]


def test_all_violations_are_told_at_once_up_to_a_bound() -> None:
    with pytest.raises(InvalidBankFile) as refused:
        check_file(a_file(*(transfer(f"bad_{n}", amount=euros(0)) for n in range(VIOLATIONS_TOLD_MAX))))
    assert len(refused.value.data["violations"]) == VIOLATIONS_TOLD_MAX  # type: ignore[arg-type]


def test_no_violation_tells_an_account_number() -> None:
    wrong = "FR1520041010050500013M02606"
    assert wrong not in " ".join(map(str, violations(paying(BankAccount(iban=wrong)))))


def test_the_day_of_the_file_is_its_utc_day() -> None:
    east = timezone(timedelta(hours=9))
    early = replace(a_file(transfer(), execution_date=DAY), created_at=datetime(2026, 12, 1, 8, 59, tzinfo=east))
    assert not list(violations(early))
    late = replace(early, created_at=datetime(2026, 12, 1, 9, 0, tzinfo=east))
    assert [v.rule for v in violations(late)] == [Rule.DATE_BEFORE_CREATION]
