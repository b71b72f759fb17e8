"""The ports of `provenance.services.ports` on SQLite and PostgreSQL: facts in, facts out, nothing ever changed."""

from provenance.adapters.sql.database import SqlDatabase

__all__ = ["SqlDatabase"]
