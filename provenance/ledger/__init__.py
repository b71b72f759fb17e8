"""Double-entry books: accounts, balanced transactions, balances. Knows nothing of works or attribution."""
