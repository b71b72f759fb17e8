"""Revision 0001: tables by concept, and their guards by database. Frozen: later changes are later revisions."""
