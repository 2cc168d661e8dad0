"""A process that publishes entries: URL SLUG NAME COUNT."""

import asyncio
import sys

from app.store.engine import Store
from tests.record import publish_one


async def write(url: str, slug: str, name: str, count: int) -> None:
    """Publish entries one after the other."""
    store = Store(url)
    for number in range(count):
        await publish_one(store, slug, f"{name}{number}")
    await store.close()


if __name__ == "__main__":
    asyncio.run(write(*sys.argv[1:4], int(sys.argv[4])))
