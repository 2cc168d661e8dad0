"""Direct access to the database for the operator's commands, without a server."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from app.cli.refusal import Refused
from app.settings import Settings, read_settings
from app.store.database_url import parse_database_url
from app.store.engine import Store

Result = TypeVar("Result")

_PATIENCE = 10.0  # seconds in which a server that was started just before creates the database
_PAUSE = 0.1


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


def find_database(settings: Settings) -> None:
    """Check that a database exists in this folder, if the configured one is a file relative to it.

    Only the server creates one: in a wrong folder, a command would act on an empty newsroom that
    nobody serves.

    Raises:
        Refused: there is none.
    """
    url = parse_database_url(settings.database_url)
    file = Path(url.database or "")
    if url.get_backend_name() != "sqlite" or file.is_absolute():
        return
    for _ in range(round(_PATIENCE / _PAUSE)):
        if file.exists():
            return
        time.sleep(_PAUSE)
    raise Refused(
        f"there is no database {file.absolute()}: run this command in the folder of"
        " `dateline serve`, which creates one, or set DATELINE_DATABASE_URL"
    )


def in_transaction(do: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    """Run a function in one transaction on the configured database.

    Raises:
        Refused: there is no database in this folder.
        StoreError: the database cannot be opened, or is newer than this program.
    """
    settings = read_settings()
    find_database(settings)

    async def run() -> Result:
        async with open_store(settings) as store, store.writing() as session:
            return await do(session)

    return asyncio.run(run())
