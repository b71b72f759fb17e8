"""What the database refuses, whoever asks, also in raw SQL; how it does so stands in one file a database.

A message starts with the kind of refusal, a colon and a space: ``append-only``, ``duplicate``, ``sealed``,
``unbalanced``, ``claims``, ``shares``, ``leaf``. The program tells them apart by that.
"""

from alembic import op

from provenance.migrations.r0001 import guards_postgresql, guards_sqlite

# Tables whose rows are never changed or removed: all of them. With each, its keys that nothing else keeps from being
# replaced: INSERT OR REPLACE removes the row in its way without asking a trigger that watches for DELETE.
APPEND_ONLY: dict[str, tuple[tuple[str, ...], ...]] = {
    "leaf": (("kind", "fact"),),
    "party": (("seq",), ("id",)),
    "api_key": (("seq",), ("id",)),
    "key_revocation": (("seq",), ("api_key",)),
    "work": (("seq",), ("id",), ("registrant", "source_id")),
    "revision": (("seq",), ("id",), ("work", "number")),
    "content": (("revision",),),
    "revision_vectors": (("revision", "encoder"),),
    "claims": (("seq",), ("id",)),
    "claim_part": (),
    "licence": (("seq",), ("id",), ("work", "number")),
    "snapshot": (("seq",), ("digest",)),
    "publication": (("seq",),),
    "generation": (("seq",), ("id",), ("service", "external_id"), ("service", "idempotency_key")),
    "part": (),
    "attribution": (),
    "match": (),
    "work_use": (),
    "accrual": (("seq",),),
    "ledger_account": (("id",),),
    "ledger_entry": (),
    "ledger_transaction": (("seq",), ("id",), ("business_key",)),
}

# Rows that are written before the row that seals them, and never after: table, column, the table of the seal.
SEALED = (
    ("claim_part", "claims", "claims"),
    ("part", "generation", "generation"),
    ("attribution", "generation", "generation"),
    ("match", "generation", "generation"),
    ("work_use", "generation", "generation"),
    ("accrual", "generation", "generation"),
    ("ledger_entry", "transaction_id", "ledger_transaction"),
)


def create_triggers() -> None:
    """All guards, on the database that is being migrated."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        statements = guards_sqlite.statements(APPEND_ONLY, SEALED)
    else:
        schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        statements = guards_postgresql.statements(APPEND_ONLY, SEALED, schema=schema)
    for statement in statements:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
