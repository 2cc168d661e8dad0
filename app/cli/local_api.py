"""The HTTP API inside this process, on the configured database, with the operator's permissions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from app.access import makers
from app.cli.database import find_database
from app.cli.timeouts import TIMEOUT
from app.main import create_app
from app.settings import read_settings
from app.web.authentication import OPERATOR


@asynccontextmanager
async def open_local_api() -> AsyncIterator[httpx.AsyncClient]:
    """Open an application and a client of it for the length of the block.

    Raises:
        Refused: there is no database in this folder.
    """
    settings = read_settings()
    await asyncio.to_thread(find_database, settings)
    app = create_app(settings)
    async with app.router.lifespan_context(app), local_client(app, settings.base_url) as client:
        yield client


def local_client(app: ASGIApp, base_url: str) -> httpx.AsyncClient:
    """Return a client, as the operator, of an application in this process that is open."""
    transport = httpx.ASGITransport(_AsOperator(app), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=base_url, timeout=TIMEOUT)


class _AsOperator:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, OPERATOR: makers.OPERATOR}, receive, send)
