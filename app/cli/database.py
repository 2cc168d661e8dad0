"""Direct access to the database for the operator's commands, without a server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from app.settings import Settings, read_settings
from app.store.engine import Store

Result = TypeVar("Result")


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """Migrate the database to this program's revision, and open it for the length of the block.

    Raises:
        StoreError: the database cannot be opened, or is newer than this program.
    """
    store = Store(settings.database_url)
    try:
        await store.migrate()
        yield store
    finally:
        await store.close()


def in_transaction(do: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """Run a function in one transaction on the configured database.

    Raises:
        StoreError: the database cannot be opened, or is newer than this program.
    """

    async def run() -> Result:
        async with open_store(read_settings()) as store, store.writing() as session:
            return await do(session)

    return asyncio.run(run())
