"""Revision 0005: works that were withdrawn. Frozen; later changes are later revisions."""
