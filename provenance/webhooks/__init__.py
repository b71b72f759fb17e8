"""What is told to parties as it happens: events, who hears of them, signatures, and when it is tried again. Pure."""
