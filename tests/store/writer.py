"""Functions that tests run in other processes, each with an event loop of its own."""

import asyncio

from app.store.engine import Store
from tests.record import publish_one


def publish_several(url: str, slug: str, name: str, count: int) -> None:
    """Publish entries one after another."""

    async def publish() -> None:
        store = Store(url)
        for number in range(count):
            await publish_one(store, slug, f"{name}{number}")
        await store.close()

    asyncio.run(publish())


def make_tables(url: str) -> int:
    """Migrate a database, and return the number of applied revisions."""
    return len(asyncio.run(Store(url).migrate()))
