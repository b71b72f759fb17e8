"""Payouts: what is due, the intent to pay it, and what happened to it. Reads no clock, database or network."""
