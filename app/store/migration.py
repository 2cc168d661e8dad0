"""Migration: runs Alembic inside the program to find and apply the missing revisions."""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from app.store import presence, reach, templates  # noqa: F401  their tables are Dateline's too
from app.store.errors import StoreError
from app.store.revision import current_revision, migrations_folder
from app.store.tables import CoverageRow


def alembic_config() -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    return config


@cache  # each of them is a program of its own, and the command asks more than once
def _known_revisions() -> list[str]:
    scripts = ScriptDirectory.from_config(alembic_config())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def upgrade(connection: Connection) -> list[str]:
    """Apply the missing revisions, in the caller's transaction.

    Returns:
        The revisions applied, oldest first.

    Raises:
        StoreError: the tables are newer than this program, or not its own.
    """
    known = _known_revisions()
    if current_revision(connection) == known[-1]:
        return []
    if connection.dialect.name == "postgresql":
        # Several processes may start at once; SQLite's one writer needs no lock.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('dateline migration'))"))
    current = current_revision(connection)
    tables = set(inspect(connection).get_table_names())
    # A file belongs to one program; a PostgreSQL database may have the tables of an extension.
    if connection.dialect.name != "sqlite":
        tables &= CoverageRow.metadata.tables.keys()
    if current is None and tables:
        raise StoreError("the database has tables that are not Dateline's; give it one of its own")
    if current is not None and current not in known:
        raise StoreError(
            f"the database is at revision {current}, newer than this program: update Dateline"
        )
    if current is not None and connection.dialect.name == "postgresql":
        # In the order in which writes lock them: a migration locks both, in any order.
        connection.execute(text("LOCK TABLE coverage, entry IN ACCESS EXCLUSIVE MODE"))
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return known[known.index(current) + 1 if current else 0 :]
