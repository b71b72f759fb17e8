"""Revision 0011: where parties are paid to, payouts, the inbox. Frozen; later changes are later revisions."""
