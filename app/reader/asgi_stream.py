"""Streams over plain ASGI, for connections that the hub cannot take over: one task for each client.

The task takes frames from a hub subscriber, and writes them at the client's speed.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

from app.formats.wires import Encoder
from app.hub.config import HubConfig
from app.hub.replay import Start
from app.hub.retry import retry_delay
from app.hub.subscriber import Subscriber

Write = Callable[[list[bytes]], Awaitable[None]]


async def write_stream(
    subscriber: Subscriber, encoder: Encoder, start: Start, config: HubConfig, write: Write
) -> bool:
    """Write a stream's first frames, then its subscriber's frames until the stream is over.

    The first frames have the retry delay, the cursor and, if needed, the reason of a reset.

    Args:
        subscriber: the source of the frames.
        encoder: the encoder of the wire format, for the first frames and heartbeats.
        start: where the stream begins.
        config: the heartbeat interval, the lifetime of a stream, and the time-out of a write.
        write: writes a list of frames, and returns once the client's buffer has room again.

    Returns:
        True once the stream has ended; False if the client could not keep up.
    """
    first = [encoder.start(start.cursor, retry_delay())]
    if start.reset:
        first.append(encoder.reset(start.cursor, start.reset))
    await write(first)
    loop = asyncio.get_running_loop()
    until = loop.time() + config.lifetime * random.uniform(0.8, 1.0)  # noqa: S311
    while (remaining := until - loop.time()) > 0:
        frames = await subscriber.frames(min(remaining, config.heartbeat))
        if frames is None:
            break
        try:
            async with asyncio.timeout(config.stall):
                await write(frames or [encoder.heartbeat])
                subscriber.written = subscriber.seq
        except TimeoutError:
            return False
    return True
