"""What the database refuses of counts, rates and disputes, also in raw SQL.

A refusal of a count's content starts with ``count``, one of a dispute's with ``dispute``; the others are named as in
revision 0001.
"""

from collections.abc import Iterator

from alembic import op

from provenance.migrations.r0001.guards_postgresql import WRITER_LOCK

# As in 0001: with each table, its keys through which INSERT OR REPLACE could remove a row.
APPEND_ONLY: dict[str, tuple[tuple[str, ...], ...]] = {
    "use_count": (("line", "period_from", "uses_before"), ("generation", "work_use", "counts")),
    "fx_rate": (("seq",), ("id",)),
    "dispute": (("seq",), ("id",)),
    "dispute_part": (),
    "dispute_step": (("seq",), ("id",), ("dispute", "number")),
    "dispute_hold": (("seq",), ("id",), ("dispute", "generation"), ("transaction_id",)),
    "dispute_held": (),
    "dispute_settlement": (("seq",), ("id",), ("hold",), ("transaction_id",)),
    "dispute_settled": (),
}

# Rows that are written before the row that seals them, and never after: table, column, the table of the seal.
SEALED = (
    ("use_count", "generation", "generation"),
    ("dispute_part", "dispute", "dispute"),
    ("dispute_held", "hold", "dispute_hold"),
    ("dispute_settled", "settlement", "dispute_settlement"),
)

_LINE = "use_count WHERE line = NEW.line AND period_from = NEW.period_from"
_STEPS = "dispute_step WHERE dispute = NEW.dispute"
_HELD = "dispute_held WHERE hold = NEW.id"
_SETTLED = "dispute_settled WHERE settlement = NEW.id"
_OF_HOLD = "dispute_held WHERE hold = NEW.hold"
_HELD_ENTRIES = "ledger_entry WHERE transaction_id = NEW.transaction_id AND account = 'held/' || currency"

# Table, what must not be so when a row is added, and what to say then. All words are constants of this revision.
_REFUSED = (
    (
        "use_count",
        f"NEW.uses_before <> coalesce((SELECT max(uses_before) + 1 FROM {_LINE}), 0)",  # noqa: S608
        "count: its number is not the next one",
    ),
    (
        "use_count",
        (
            f"NEW.earned_before <> coalesce((SELECT earned_before + micros FROM {_LINE}"  # noqa: S608
            " ORDER BY uses_before DESC LIMIT 1), 0)"
        ),
        "count: what came before is not what the uses before it came to",
    ),
    (
        "dispute",
        "NOT EXISTS (SELECT 1 FROM dispute_part WHERE dispute = NEW.id)",
        "dispute: it is about nobody in particular",
    ),
    (
        "dispute_step",
        f"NEW.number <> coalesce((SELECT max(number) + 1 FROM {_STEPS}), 1)",  # noqa: S608
        "dispute: the step is not the next one",
    ),
    (
        "dispute_step",
        f"EXISTS (SELECT 1 FROM {_STEPS} AND returned_basis_points IS NOT NULL)",  # noqa: S608
        "dispute: it is closed",
    ),
    (
        "dispute_hold",
        (
            f"(SELECT coalesce(sum(micros), 0) FROM {_HELD}) = 0 OR (SELECT sum(micros) FROM {_HELD})"  # noqa: S608
            f" <> (SELECT -coalesce(sum(micros), 0) FROM {_HELD_ENTRIES})"
        ),
        "dispute: its transaction does not hold what is held",
    ),
    (
        "dispute_hold",
        "EXISTS (SELECT 1 FROM dispute_step WHERE dispute = NEW.dispute AND returned_basis_points IS NOT NULL)",
        "dispute: it is closed",
    ),
    (
        "dispute_settlement",
        (
            f"(SELECT count(*) FROM {_OF_HOLD}) <> (SELECT count(*) FROM {_SETTLED}) OR EXISTS ("  # noqa: S608
            f"SELECT 1 FROM dispute_held h WHERE h.hold = NEW.hold AND NOT EXISTS (SELECT 1 FROM dispute_settled s"
            " WHERE s.settlement = NEW.id AND s.party = h.party AND s.currency = h.currency"
            " AND s.released_micros + s.returned_micros = h.micros))"
        ),
        "dispute: released and returned are not what was held",
    ),
    (
        "dispute_settlement",
        (
            f"(SELECT sum(micros) FROM {_OF_HOLD})"  # noqa: S608
            f" <> (SELECT coalesce(sum(micros), 0) FROM {_HELD_ENTRIES})"
        ),
        "dispute: its transaction does not take what was held",
    ),
)


def create_triggers() -> None:
    """All guards of this revision, on the database that is being migrated."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        statements = _sqlite()
    else:
        schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        statements = _postgresql(f"pg_catalog, {schema}, pg_temp")
    for statement in statements:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _sqlite() -> Iterator[str]:
    for table, keys in APPEND_ONLY.items():
        yield _refuse(f"{table}_update", f"BEFORE UPDATE ON {table}", f"append-only: UPDATE of {table}")
        yield _refuse(f"{table}_delete", f"BEFORE DELETE ON {table}", f"append-only: DELETE of {table}")
        for key in keys:
            same = " AND ".join(f"{column} = NEW.{column}" for column in key)
            when = f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608
            yield _refuse(f"{table}_same_{'_'.join(key)}", when, f"duplicate: {', '.join(key)} of {table}")
    for table, column, seal in SEALED:
        when = f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {seal} WHERE id = NEW.{column})"  # noqa: S608
        yield _refuse(f"{table}_sealed", when, f"sealed: {table} of a {seal} that is recorded")
    for number, (table, wrong, message) in enumerate(_REFUSED):
        yield _refuse(f"{table}_check_{number}", f"BEFORE INSERT ON {table} WHEN {wrong}", message)


def _refuse(name: str, when: str, message: str) -> str:
    return f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _postgresql(path: str) -> Iterator[str]:
    for table in APPEND_ONLY:
        when = f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        yield f"CREATE TRIGGER {table}_append_only {when} EXECUTE FUNCTION refuse_change()"
    for table in sorted({table for table, *_ in SEALED} | {table for table, *_ in _REFUSED}):
        sealed = (
            f"IF EXISTS (SELECT 1 FROM {seal} WHERE id = NEW.{column}) THEN"  # noqa: S608
            f" RAISE EXCEPTION 'sealed: {table} of a {seal} that is recorded'; END IF;"
            for name, column, seal in SEALED
            if name == table
        )
        checks = (
            f"IF ({wrong}) THEN RAISE EXCEPTION '{message}'; END IF;"
            for name, wrong, message in _REFUSED
            if name == table
        )
        body = " ".join((f"PERFORM pg_advisory_xact_lock({WRITER_LOCK});", *sealed, *checks, "RETURN NEW;"))
        yield (
            f"CREATE FUNCTION check_{table}() RETURNS trigger LANGUAGE plpgsql SET search_path = {path}"
            f" AS $$ BEGIN {body} END $$"
        )
        yield f"CREATE TRIGGER {table}_check BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION check_{table}()"
