"""The schema revision of a database, and this program's own, without Alembic.

A start finds the database up to date, as a rule, and need not import the migrations to see it.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

import app

_TABLE = "alembic_version"


def migrations_folder() -> Path:
    """Return the folder of Alembic's environment: in the package, or beside it in a checkout."""
    folder = Path(app.__file__).parent / "migrations"
    return folder if folder.is_dir() else folder.parent.parent / "migrations"


def newest_revision() -> str:
    """Return this program's revision: the number with which its last migration's name begins."""
    names = (path.name for path in (migrations_folder() / "versions").glob("[0-9]*_*.py"))
    return max(names).partition("_")[0]


def current_revision(connection: Connection) -> str | None:
    """Return the revision of a database; None if it has no tables of Dateline."""
    if not inspect(connection).has_table(_TABLE):
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {_TABLE}"))  # noqa: S608  a constant
    return revision
