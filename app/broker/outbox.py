"""The rings that still have to go out. Refuses to queue: it keeps one seq for each topic."""

import asyncio
from collections.abc import Sequence

from app.broker.broker import Announcement


class Outbox:
    """The highest seq of each topic that no server has accepted yet.

    A ring stays until it is settled, so that one cut off on its way is sent again.
    """

    def __init__(self) -> None:
        self._unsent: dict[str, int] = {}
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()

    def put(self, announcement: Announcement) -> None:
        """Lay a ring in; a lower seq of the same topic gives way, a higher one stays."""
        seq = max(announcement.seq, self._unsent.get(announcement.topic, 0))
        self._unsent[announcement.topic] = seq
        self._emptied.clear()
        self._filled.set()

    async def waiting(self, seconds: float) -> list[Announcement]:
        """Wait for something to send.

        Returns:
            What is to be sent now; empty when nothing came for so many seconds.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._filled.wait()
        except TimeoutError:
            return []
        return [Announcement(topic, seq) for topic, seq in self._unsent.items()]

    def settle(self, sent: Sequence[Announcement]) -> None:
        """Take out what was sent, except where a higher seq came meanwhile."""
        for announcement in sent:
            if self._unsent.get(announcement.topic) == announcement.seq:
                del self._unsent[announcement.topic]
        if not self._unsent:
            self._filled.clear()
            self._emptied.set()

    async def emptied(self) -> None:
        """Wait until everything is sent."""
        await self._emptied.wait()
