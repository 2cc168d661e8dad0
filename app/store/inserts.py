"""Insertion of many rows, and of a row that may be there already."""

import asyncio
from collections.abc import Iterable, Mapping
from itertools import islice

from sqlalchemy import insert, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.prepared import table_of

TableRows = tuple[type[SQLModel], Iterable[Mapping[str, object]]]  # a table, and rows for it

_BATCH = 50  # rows that are created and inserted in one turn of the event loop


async def insert_rows(
    session: AsyncSession, table: type[SQLModel], rows: Iterable[Mapping[str, object]]
) -> None:
    """Insert any number of rows, even none; other tasks run between two batches."""
    pending = iter(rows)
    while batch := list(islice(pending, _BATCH)):
        await session.exec(insert(table_of(table)), params=batch)
        await asyncio.sleep(0)


async def insert_new(
    session: AsyncSession, table: type[SQLModel], row: Mapping[str, object]
) -> bool:
    """Insert a row unless one with its unique values exists, even in a concurrent transaction.

    Returns:
        Whether it was inserted.
    """
    dialect = session.get_bind().dialect.name
    insert_into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert_into(table).values(**row).on_conflict_do_nothing().returning(literal(1))
    return (await session.exec(statement)).first() is not None
