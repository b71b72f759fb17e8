"""Credit transfers as a bank reads them, and what a bank answers (ISO 20022). Pure: values and bytes alone."""
