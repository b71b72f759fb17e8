"""Revision 0013: outbound webhooks. Frozen; later changes are later revisions."""
