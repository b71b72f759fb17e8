"""Column types by database, and the reference to a seal, as they were at this revision."""

import sqlalchemy as sa

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.Text().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
DAY = sa.Text().with_variant(sa.Date(), "postgresql")


def sealed_by(column: str) -> sa.ForeignKey:
    """A reference to a row that is written after this one, in the same transaction."""
    return sa.ForeignKey(column, deferrable=True, initially="DEFERRED")
