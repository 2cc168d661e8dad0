"""A stream through plain ASGI, where its line cannot be had from the server: a task a reader.

The hub has no part in this file: it drives a subscriber's frames, at its client's speed.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

from app.hub.config import HubConfig
from app.hub.subscriber import Subscriber

Write = Callable[[list[bytes]], Awaitable[None]]


async def drive(subscriber: Subscriber, heartbeat: bytes, config: HubConfig, write: Write) -> bool:
    """Write a subscriber's frames until the stream is over.

    Args:
        subscriber: what comes next.
        heartbeat: written after silence.
        config: the silence before a heartbeat, the life of a stream, the patience with a client.
        write: takes a list of frames and returns once the client's buffer has room again.

    Returns:
        Whether the stream came to its end; False if the client could not keep up.
    """
    loop = asyncio.get_running_loop()
    life = config.lifetime * random.uniform(0.8, 1.0)  # noqa: S311
    until = loop.time() + life
    while (left := until - loop.time()) > 0:
        frames = await subscriber.frames(min(left, config.heartbeat))
        if frames is None:
            break
        try:
            async with asyncio.timeout(config.stall):
                await write(frames or [heartbeat])
        except TimeoutError:
            return False
    return True
