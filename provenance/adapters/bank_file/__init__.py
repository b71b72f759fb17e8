"""Payouts through a bank: files of credit transfers out, the bank's messages in. Asks no network."""
