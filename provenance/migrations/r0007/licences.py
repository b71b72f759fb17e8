"""A licence says whose workers it is for, from when on it opts out, and whether its best version applies."""

from alembic import op

_COLUMNS = {
    "worker_kind": ("TEXT", "worker_kind IN ('brain', 'specialised')"),
    "worker_hosting": ("TEXT", "worker_hosting IN ('hosted', 'on_premises')"),
    "opt_out_from": ("DAY", "opt_out_from > valid_from"),
    "most_favoured": ("INTEGER", "most_favoured = 1"),
}
# PostgreSQL sorts text by its locale unless told otherwise.
_TYPES = {
    "sqlite": {"TEXT": "TEXT", "DAY": "TEXT", "INTEGER": "INTEGER"},
    "postgresql": {"TEXT": 'TEXT COLLATE "C"', "DAY": "DATE", "INTEGER": "INTEGER"},
}


def alter_tables() -> None:
    """``licence``. What isn't stated is null: any worker, no opt-out, not most favoured."""
    connection = op.get_bind()
    types = _TYPES[connection.dialect.name]
    for column, (kind, check) in _COLUMNS.items():
        stated = f"{column} {types[kind]} CONSTRAINT ck_licence_{column} CHECK ({check})"
        connection.exec_driver_sql(f"ALTER TABLE licence ADD COLUMN {stated}")
