"""Where attribution and ledger meet: licence terms x shares x price become accruals, and these a transaction."""
