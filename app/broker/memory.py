"""The broker of a single process (`memory://`)."""

from collections.abc import AsyncIterator

from app.broker.broker import Notification
from app.broker.notifier import Notifier


class MemoryBroker:
    """A notifier without a server: it needs no connection and has no outages."""

    def __init__(self) -> None:
        self._notifier = Notifier()

    @property
    def is_connected(self) -> bool:
        """Always true."""
        return True

    async def open(self) -> None:
        """Do nothing: there is no server to connect to."""

    async def close(self) -> None:
        """End every iterator."""
        self._notifier.close()

    async def notify(self, topic: str, seq: int) -> None:
        """Notify every consumer in this process.

        Raises:
            ValueError: the topic or the seq is invalid.
        """
        self._notifier.notify(Notification(topic, seq))

    def notifications(self) -> AsyncIterator[Notification]:
        """Every notification from this call on."""
        return self._notifier.subscribe()
