"""Revision 0008: how parties are paid, closed periods, statements. Frozen; later changes are later revisions."""
