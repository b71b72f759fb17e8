"""What Alembic runs. The caller passes an open connection: the lock and the transaction are its own."""

import sqlalchemy as sa
from alembic import context

from provenance.migrations.naming import NAMES

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=sa.MetaData(naming_convention=NAMES),
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
