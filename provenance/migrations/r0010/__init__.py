"""Revision 0010: subscription money, the pool's policies, advances. Frozen; later changes come later."""
