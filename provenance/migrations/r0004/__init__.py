"""Revision 0004: frozen; later changes are later revisions."""
