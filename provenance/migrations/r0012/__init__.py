"""Revision 0012: the checkpoints of the log. Frozen; later changes come later."""
