"""Revision 0009: entries in the order of recording, checkpoints of balances. Frozen; later changes come later."""
