"""Streams over plain ASGI, for connections that the hub cannot take over: one task for each client.

The task takes frames from a hub subscriber, and writes them at the client's speed.
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
        subscriber: the source of the frames.
        heartbeat: the frame that is written after a silence.
        config: the heartbeat interval, the lifetime of a stream, and the time-out of a write.
        write: writes a list of frames, and returns once the client's buffer has room again.

    Returns:
        True once the stream has ended; False if the client could not keep up.
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
