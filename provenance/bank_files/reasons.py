"""What a bank's reason codes mean for whoever pays, and what mends them (ISO 20022, external reason codes)."""

from __future__ import annotations

_ASK = "Ask the payee for the account again, and pay anew."
_BANK = "Ask the bank, then pay anew or settle it otherwise."
_MEANINGS = {
    "AC01": ("The account number is wrong.", _ASK),
    "AC02": ("The payer's account number is wrong.", "Mend the payer's account in the settings."),
    "AC03": ("The payee's account number is wrong.", _ASK),
    "AC04": ("The account is closed.", _ASK),
    "AC06": ("The account is blocked.", _ASK),
    "AC13": ("The payer's kind of account can't pay this.", "Mend the payer's account in the settings."),
    "AG01": ("The account may not take this kind of payment.", _ASK),
    "AG02": ("The bank doesn't know this kind of payment.", _BANK),
    "AM01": ("The amount is zero.", "Pay one minor unit or more."),
    "AM02": ("The amount is above what is allowed.", "Agree on a limit with the bank, or pay it in parts."),
    "AM03": ("The account can't take this currency.", "Ask the payee for an account in the currency."),
    "AM04": ("The payer's account lacks the money.", "Fund it, then pay anew."),
    "AM05": ("The bank takes it for a duplicate.", "Look for the first one before anything is paid anew."),
    "BE01": ("The name doesn't fit the account.", "Ask the payee for the name as the bank has it."),
    "BE04": ("The payee's address is missing.", "State a town and a country."),
    "BE05": ("The bank doesn't know who sends the file.", _BANK),
    "CNOR": ("The payee's bank can't be reached this way.", _ASK),
    "DUPL": ("It was paid twice, says the bank.", "Look for the first one before anything is paid anew."),
    "FF01": ("The bank can't read the file.", "Send the bank the file and its report."),
    "FOCR": ("It was called back.", "Nothing, where you called it back; else ask the bank."),
    "MD07": ("The payee has died.", "Hold what is owed until the heirs are known."),
    "MS02": ("The payee refused it, without a reason.", "Ask the payee."),
    "MS03": ("The bank refused it, without a reason.", _BANK),
    "NARR": ("The bank says why in its own words.", "Read its words."),
    "RC01": ("The BIC is wrong.", _ASK),
    "RR01": ("The payer's account or id is missing.", "Complete the payer in the settings."),
    "RR02": ("The payer's name or address is missing.", "Complete the payer in the settings."),
    "RR03": ("The payee's name or address is missing.", "State name, town and country."),
    "RR04": ("The law forbids it, or asks for more.", _BANK),
    "TM01": ("It came too late for the day.", "Pay anew for a later day."),
}


def explained(code: str | None) -> tuple[str, str]:
    """What a code means and what mends it; of one that isn't known, that it isn't."""
    if code is None:
        return "The bank gives no reason.", _BANK
    return _MEANINGS.get(code, (f"The bank's reason is {code}.", _BANK))
