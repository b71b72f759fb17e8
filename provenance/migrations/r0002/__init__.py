"""Revision 0002: stated risks, uses that are held for review, and what became of them. Frozen, as 0001 is."""
