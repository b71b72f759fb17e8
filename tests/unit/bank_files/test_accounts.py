"""IBANs and BICs against the examples of the IBAN registry and the numbers that banks print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.bank_files import account
from provenance.bank_files.account import IBAN_CHARS, BankAccount

# Examples as countries' banks publish them.
EXAMPLES = """
AT611904300234573201 BE68539007547034 CH9300762011623852957 CY17002001280000001200527600 CZ6508000000192000145399
DE89370400440532013000 DK5000400440116243 EE382200221020145685 ES9121000418450200051332 FI2112345600000785
FR1420041010050500013M02606 GB29NWBK60161331926819 GR1601101250000000012300695 HR1210010051863000160
HU42117730161111101800000000 IE29AIBK93115212345678 IS140159260076545510730339 IT60X0542811101000000123456
LI21088100002324013AA LT121000011101001000 LU280019400644750000 LV80BANK0000435195001 MC5811222000010123456789030
MT84MALT011000012345MTLCAST001S NL91ABNA0417164300 NO9386011117947 PL61109010140000071219812874
PT50000201231234567890154 RO49AAAA1B31007593840000 SE4550000000058398257466 SI56263300012039086
SK3112000000198742637541 SM86U0322509800000000270100 TR330006100519786457841326 BR9700360305000010009795493P1
SA0380000000608010167519 AE070331234567890123456 QA58DOHB00001234567890ABCDEFG
""".split()


@pytest.mark.parametrize("iban", EXAMPLES)
def test_published_examples_pass_every_check(iban: str) -> None:
    assert account.iban_is_well_formed(iban)
    assert account.iban_has_its_length(iban)
    assert account.iban_checks(iban)


@given(st.sampled_from(EXAMPLES), st.data())
def test_a_wrong_digit_or_two_that_changed_places_are_found(iban: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(4, len(iban) - 2))
    wrong = data.draw(st.sampled_from("0123456789").filter(lambda c: c != iban[place]))
    if iban[place].isdigit():
        assert not account.iban_checks(iban[:place] + wrong + iban[place + 1 :])
    if iban[place] != iban[place + 1] and iban[place : place + 2].isdigit():
        assert not account.iban_checks(iban[:place] + iban[place + 1] + iban[place] + iban[place + 2 :])


@given(st.sampled_from(sorted(IBAN_CHARS)), st.data())
def test_computed_check_digits_check(country: str, data: st.DataObject) -> None:
    rest = data.draw(st.text("0123456789ABCXYZ", min_size=IBAN_CHARS[country] - 4, max_size=IBAN_CHARS[country] - 4))
    iban = country + account.iban_check_digits(country, rest) + rest
    assert account.iban_checks(iban)
    assert account.iban_has_its_length(iban)


def test_an_iban_is_read_as_people_write_it() -> None:
    assert account.plain_iban(" de89 3704 0044 0532 0130 00 ") == "DE89370400440532013000"


@pytest.mark.parametrize("bic", ["COBADEFF", "COBADEFFXXX", "CHASUS33XXX"])
def test_bics_of_eight_and_eleven_are_taken(bic: str) -> None:
    assert account.bic_is_well_formed(bic)


@pytest.mark.parametrize("bic", ["", "COBADEFFXX", "cobadeff", "COBA1EFF", "COBADEFFXXXX", "COBADEFF\n", "ＣOBADEFF"])
def test_what_is_no_bic_is_refused(bic: str) -> None:
    assert not account.bic_is_well_formed(bic)


def test_the_hint_of_an_account_tells_its_ends_and_no_more() -> None:
    assert BankAccount(iban="DE89370400440532013000").hint() == "DE…3000"
    assert BankAccount(other_id="12345678", bic="CHASUS33").hint() == "…"
