"""Functions that tests run in other processes, each with an event loop of its own."""

import asyncio
from itertools import count

from app.store.engine import Store
from tests.record import publish_one, retract_one


def publish_several(url: str, slug: str, name: str, number: int) -> None:
    """Publish entries one after another."""

    async def publish() -> None:
        store = Store(url)
        for each in range(number):
            await publish_one(store, slug, f"{name}{each}")
        await store.close()

    asyncio.run(publish())


def make_tables(url: str) -> int:
    """Migrate a database, and return the number of applied revisions."""
    return len(asyncio.run(Store(url).migrate()))


def write_for_ever(url: str, slug: str, name: str) -> None:
    """Publish entries and retract every second one, until the process is killed."""

    async def write() -> None:
        store = Store(url)
        for number in count():
            await publish_one(store, slug, f"{name}-{number}")
            if number % 2:
                await retract_one(store, slug, f"{name}-{number}")

    asyncio.run(write())
