"""Revision 0007: licences that reach further, uses that are counted, exchange rates, disputes. Frozen."""
