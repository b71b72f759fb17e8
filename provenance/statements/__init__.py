"""What a stretch of time came to: periods, and the statement of a party's period. Pure: no database, no clock."""
