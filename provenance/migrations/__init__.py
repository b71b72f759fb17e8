"""How the schema came to be, one revision after the other (Alembic). Only forward: facts are append-only."""

# From the oldest to the one that this program works with.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0007", "0008", "0009", "0010", "0012")
