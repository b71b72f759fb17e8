"""A licence states a risk; a use names the threshold that it was held against, and may be held for review."""

import sqlalchemy as sa
from alembic import op

_RISK = "risk_basis_points_max BETWEEN 1 AND 10000"
_THRESHOLD = "threshold_ppm BETWEEN 0 AND 1000001"
_REVIEW = "outcome <> 'review' OR (threshold_ppm IS NOT NULL AND held_micros IS NOT NULL)"
_OUTCOMES_BEFORE = "outcome IN ('paid', 'credited', 'blocked', 'unlicensed', 'unclaimed')"
_OUTCOMES = "outcome IN ('paid', 'credited', 'blocked', 'unlicensed', 'unclaimed', 'review')"
_KEPT = "work_use_before_0002"
_KEEP = f"CREATE TABLE {_KEPT} AS SELECT * FROM work_use"  # noqa: S608  a constant
_REFILL = f"INSERT INTO work_use SELECT * FROM {_KEPT}"  # noqa: S608  a constant


def alter_tables() -> None:
    """``licence`` and ``work_use``."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _replace_outcomes(connection)
    else:
        connection.exec_driver_sql(
            "ALTER TABLE work_use DROP CONSTRAINT ck_work_use_outcome,"
            f" ADD CONSTRAINT ck_work_use_outcome CHECK ({_OUTCOMES})"
        )
    for table, column, checks in (
        ("licence", "risk_basis_points_max", {"risk": _RISK}),
        ("work_use", "threshold_ppm", {"threshold": _THRESHOLD, "review": _REVIEW}),
    ):
        stated = " ".join(f"CONSTRAINT ck_{table}_{name} CHECK ({check})" for name, check in checks.items())
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER {stated}")


def _replace_outcomes(connection: sa.Connection) -> None:
    """SQLite can't alter a constraint: the table is made anew from its own words, with its rows and its triggers.

    References to it are checked when all is committed. Dropping a table asks none of its triggers.
    """
    schema = sa.table("sqlite_master", sa.column("tbl_name"), sa.column("type"), sa.column("sql"))
    words = sa.select(schema.c.sql).where(schema.c.tbl_name == "work_use", schema.c.sql.is_not(None))
    made = connection.execute(words.where(schema.c.type == "table")).scalar_one()
    others = connection.execute(words.where(schema.c.type != "table")).scalars().all()
    assert made.count(_OUTCOMES_BEFORE) == 1, "the constraint of revision 0001"
    for statement in (
        "PRAGMA defer_foreign_keys = ON",
        _KEEP,
        "DROP TABLE work_use",
        made.replace(_OUTCOMES_BEFORE, _OUTCOMES),
        _REFILL,
        f"DROP TABLE {_KEPT}",
        *others,
    ):
        connection.exec_driver_sql(statement)
