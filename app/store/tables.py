"""The tables, apart from the pure values.

A row holds its value's JSON record whole (`state`); the other columns are what queries look at and
are derived from it. Times are integers, milliseconds since 1970 in UTC, alike in both databases.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Dialect, Index, LargeBinary, Text, insert, literal, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept to the millisecond."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Milliseconds since 1970."""
        return None if value is None else (value - _EPOCH) // timedelta(milliseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Back to UTC."""
        return None if value is None else _EPOCH + timedelta(milliseconds=value)


class CoverageRow(SQLModel, table=True):
    """A coverage and the head of its journal; its row lock orders the journal's commits."""

    __tablename__ = "coverage"

    slug: str = Field(primary_key=True, max_length=100)
    epoch: str = Field(max_length=32)
    head_seq: int = Field(sa_type=BigInteger)
    status: str
    created_at: datetime = Field(sa_type=Moment)
    state: str = Field(sa_type=Text)

    __table_args__ = (Index("coverage_by_age", "created_at", "slug"),)


class EntryRow(SQLModel, table=True):
    """An entry as it is now, public or not."""

    __tablename__ = "entry"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    id: str = Field(primary_key=True, max_length=100)
    status: str
    seq: int | None = Field(sa_type=BigInteger)
    key_event: bool
    language: str
    author: str | None
    published_at: datetime | None = Field(sa_type=Moment)
    embargo_until: datetime | None = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
    state: str = Field(sa_type=Text)

    __table_args__ = (
        Index("entry_by_seq", "coverage", "seq"),
        Index(
            "entry_by_embargo",
            "embargo_until",
            sqlite_where=text("status = 'scheduled'"),
            postgresql_where=text("status = 'scheduled'"),
        ),
    )


class EntryTagRow(SQLModel, table=True):
    """A tag of a published entry."""

    __tablename__ = "entry_tag"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    tag: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True, max_length=100)


class JournalRow(SQLModel, table=True):
    """A public event; `state` is the record of the entry or the coverage as it left it."""

    __tablename__ = "journal"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    type: str
    at: datetime = Field(sa_type=Moment)
    entry_id: str | None = Field(max_length=100)
    state: str = Field(sa_type=Text)

    __table_args__ = (
        Index("journal_by_entry", "coverage", "entry_id", "seq"),
        Index("journal_by_time", "coverage", "at"),
    )


class MediaRow(SQLModel, table=True):
    """A picture or video that entries may name; `task` is what is still to be done with its files.

    Of an imported one the files are elsewhere, and `created_at` is None; `origin` is whose files a
    new one gets copies of. `taken_by` and `coverage` are whose it is.
    """

    __tablename__ = "media"

    id: str = Field(primary_key=True, max_length=100)
    state: str = Field(sa_type=Text)
    created_at: datetime | None = Field(default=None, sa_type=Moment)
    task: str | None = Field(default=None, index=True)
    origin: str | None = Field(default=None, max_length=100)
    taken_by: str | None = Field(default=None)
    coverage: str | None = Field(default=None, foreign_key="coverage.slug", max_length=100)


class EntryMediaRow(SQLModel, table=True):
    """An entry that shows a picture or video, public or not."""

    __tablename__ = "entry_media"

    media: str = Field(primary_key=True, max_length=100)
    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    entry_id: str = Field(primary_key=True, max_length=100)


class KeyRow(SQLModel, table=True):
    """An API key, of the whole newsroom or one coverage: never the key itself, only its SHA-256."""

    __tablename__ = "api_key"

    id: str = Field(primary_key=True)
    name: str
    role: str
    coverage: str | None = Field(default=None, foreign_key="coverage.slug", max_length=100)
    digest: bytes = Field(sa_type=LargeBinary)
    made_by: str | None = Field(default=None)
    created_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(sa_type=Moment)


class AnswerRow(SQLModel, table=True):
    """The first answer to an idempotent request, for a day."""

    __tablename__ = "answer"

    caller: str = Field(primary_key=True)
    path: str = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=255)
    digest: bytes = Field(sa_type=LargeBinary)
    status: int
    headers: str = Field(sa_type=Text)
    body: bytes = Field(sa_type=LargeBinary)
    entry_id: str | None = Field(default=None, max_length=100)
    role: str | None = Field(default=None)
    at: datetime = Field(sa_type=Moment)

    __table_args__ = (Index("answer_by_age", "at"), Index("answer_by_entry", "entry_id"))


_BATCH = 50  # rows that are inserted, and made, in one step of the loop


async def insert_rows(
    session: AsyncSession, table: type[SQLModel], rows: Iterable[Mapping[str, object]]
) -> None:
    """Insert any number of rows, none included; everybody else goes on between two batches."""
    pending = iter(rows)
    while batch := list(islice(pending, _BATCH)):
        await session.exec(insert(table), params=batch)
        await asyncio.sleep(0)


async def insert_new(
    session: AsyncSession, table: type[SQLModel], row: Mapping[str, object]
) -> bool:
    """Insert a row unless there is one of its name, also by who does so at this moment.

    Returns:
        Whether it is new.
    """
    dialect = session.get_bind().dialect.name
    insert_into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert_into(table).values(**row).on_conflict_do_nothing().returning(literal(1))
    return (await session.exec(statement)).first() is not None
