"""The database URL, as the operator sets it."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError


def parse_database_url(text: str) -> URL:
    """Parse a `sqlite:///FILE` or `postgresql://…` URL and choose its driver.

    Raises:
        ValueError: it is neither of the two, or its driver is not installed.
    """
    expected = "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
    if text.startswith("postgres://"):  # as hosting providers write it
        text = text.replace("postgres://", "postgresql://", 1)
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise ValueError(expected) from error
    if backend == "sqlite":
        if url.database in {None, "", ":memory:"}:
            raise ValueError("expected a file: an in-memory database is not supported")
        return url.set(drivername="sqlite+aiosqlite")
    if backend != "postgresql":
        raise ValueError(expected)
    try:
        import psycopg  # noqa: F401, PLC0415  an optional extra
    except ImportError as error:
        raise ValueError("PostgreSQL needs the extra dateline[postgres]") from error
    return url.set(drivername="postgresql+psycopg")
