"""Values that every layer shares: errors, money, spans, ids, canonical bytes.

No IO, no clock, no randomness; imports nothing of this project.
"""
