"""One consumer of the rings. Refuses to queue: it keeps one seq for each topic, however slow."""

import asyncio
from collections.abc import AsyncIterator

from app.broker.broker import Announcement


class Listener(AsyncIterator[Announcement]):
    """The rings that one consumer has not taken yet, the highest seq of each topic.

    Topics come out in the order in which they first rang. A ring that is not above what its topic
    has rung before is left out, because brokers repeat rings and two processes' rings may cross. A
    desk is rung by the clocks of several processes, of which one may be behind: there only the ring
    that came last is left out if it comes again.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, int] = {}
        self._highest: dict[str, int] = {}
        self._stirred = asyncio.Event()
        self._closed = False

    def ring(self, announcement: Announcement) -> None:
        """Note a ring; it never waits."""
        topic, seq = announcement.topic, announcement.seq
        highest = self._highest.get(topic, 0)
        if self._closed or seq == highest or (seq < highest and not topic.startswith("~")):
            return
        self._highest[topic] = self._waiting[topic] = seq
        self._stirred.set()

    def close(self) -> None:
        """End the iterator, once it has given what it holds."""
        self._closed = True
        self._stirred.set()

    async def __anext__(self) -> Announcement:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._stirred.clear()
            await self._stirred.wait()
        topic = next(iter(self._waiting))
        return Announcement(topic, self._waiting.pop(topic))
