"""Alembic's entry: offline and command-line use have no place here, the program migrates itself."""

from alembic import context
from sqlmodel import SQLModel

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    # The caller's transaction holds them all: a failed step leaves the tables as they were.
    transaction_per_migration=False,
)
context.run_migrations()
