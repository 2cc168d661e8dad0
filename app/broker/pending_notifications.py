"""Notifications that are still to be sent: the highest seq of each topic, not a queue."""

import asyncio
from collections.abc import Sequence

from app.broker.broker import Notification


class PendingNotifications:
    """The highest seq of each topic that no server has accepted yet.

    A notification stays until it is marked as sent, so that one whose sending failed is sent again.
    """

    def __init__(self) -> None:
        self._unsent: dict[str, int] = {}
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()

    def put(self, notification: Notification) -> None:
        """Add a notification; the outbox keeps only the highest seq of each topic."""
        seq = max(notification.seq, self._unsent.get(notification.topic, 0))
        self._unsent[notification.topic] = seq
        self._emptied.clear()
        self._filled.set()

    async def pending(self, seconds: float) -> list[Notification]:
        """Wait for something to send, for `seconds` at most.

        Returns:
            The notifications to send now; empty if there were none in that time.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._filled.wait()
        except TimeoutError:
            return []
        return [Notification(topic, seq) for topic, seq in self._unsent.items()]

    def mark_sent(self, sent: Sequence[Notification]) -> None:
        """Remove notifications that were sent, unless a higher seq of the topic came meanwhile."""
        for notification in sent:
            if self._unsent.get(notification.topic) == notification.seq:
                del self._unsent[notification.topic]
        if not self._unsent:
            self._filled.clear()
            self._emptied.set()

    async def emptied(self) -> None:
        """Wait until everything is sent."""
        await self._emptied.wait()
