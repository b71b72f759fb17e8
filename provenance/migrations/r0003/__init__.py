"""What revision 0003 makes: overlaps of works."""
