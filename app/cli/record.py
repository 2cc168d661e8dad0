"""The record as the operator's commands reach it: the database itself, with no server between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.settings import Settings
from app.store.engine import Store


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The database at this program's revision, open for the length of the block.

    Raises:
        StoreError: it cannot be opened, or is newer than this program.
    """
    store = Store(settings.database_url)
    try:
        await store.migrate()
        yield store
    finally:
        await store.close()
