"""The outcomes of a use, with ``public_domain`` among them.

PostgreSQL exchanges the check. SQLite can't: there the table is made anew under its name, with the same rows in their
order, and guarded again. Its rows are never out of the database in between, and all of it is one transaction.
"""

import sqlalchemy as sa
from alembic import op

from provenance.migrations.r0001.types import BIG, TEXT, sealed_by

OUTCOME = "outcome IN ('paid', 'credited', 'blocked', 'unlicensed', 'unclaimed', 'public_domain')"

# As the guards of revision 0001 made them; they go with the table that they stand on.
_SQLITE_GUARDS = (
    """CREATE TRIGGER work_use_update BEFORE UPDATE ON "work_use"
    BEGIN SELECT RAISE(ABORT, 'append-only: UPDATE of work_use'); END""",
    """CREATE TRIGGER work_use_delete BEFORE DELETE ON "work_use"
    BEGIN SELECT RAISE(ABORT, 'append-only: DELETE of work_use'); END""",
    """CREATE TRIGGER work_use_sealed BEFORE INSERT ON "work_use"
    WHEN EXISTS (SELECT 1 FROM generation WHERE id = NEW.generation)
    BEGIN SELECT RAISE(ABORT, 'sealed: work_use of a generation that is recorded'); END""",
)


def allow_public_domain() -> None:
    """Exchange the check, on the database that is being migrated."""
    if op.get_bind().dialect.name == "sqlite":
        _make_anew()
    else:
        op.drop_constraint("ck_work_use_outcome", "work_use")
        op.create_check_constraint("outcome", "work_use", OUTCOME)


def _make_anew() -> None:
    # Accruals refer to uses. Checks wait for the commit; by then every use is back.
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE work_use_kept AS SELECT * FROM work_use ORDER BY rowid")
    op.drop_table("work_use")
    _create_table()
    op.execute("INSERT INTO work_use SELECT * FROM work_use_kept ORDER BY rowid")
    op.execute("DROP TABLE work_use_kept")
    for guard in _SQLITE_GUARDS:
        op.execute(guard)


def _create_table() -> None:
    op.create_table(
        "work_use",
        sa.Column("generation", TEXT, sealed_by("generation.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("work", TEXT, sa.ForeignKey("work.id"), nullable=False),
        sa.Column("share_ppb", sa.Integer, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("licence", TEXT, sa.ForeignKey("licence.id"), nullable=True),
        sa.Column("claims", TEXT, sa.ForeignKey("claims.id"), nullable=True),
        sa.Column("price_part_micros", BIG, nullable=False),
        sa.Column("royalty_currency", TEXT, nullable=True),
        sa.Column("royalty_micros", BIG, nullable=True),
        sa.Column("held_currency", TEXT, nullable=True),
        sa.Column("held_micros", BIG, nullable=True),
        sa.UniqueConstraint("generation", "work"),
        sa.CheckConstraint("share_ppb BETWEEN 1 AND 1000000000", name="share"),
        sa.CheckConstraint(OUTCOME, name="outcome"),
        sa.CheckConstraint("price_part_micros >= 0", name="price_part"),
        sa.CheckConstraint(
            "(royalty_currency IS NULL) = (royalty_micros IS NULL) AND length(royalty_currency) = 3 "
            "AND royalty_micros >= 0",
            name="royalty",
        ),
        sa.CheckConstraint(
            "(held_currency IS NULL) = (held_micros IS NULL) AND length(held_currency) = 3 AND held_micros >= 0",
            name="held",
        ),
        sqlite_strict=True,
    )
