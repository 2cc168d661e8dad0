"""The doorbell of one process (`memory://`). Refuses to reach a second one."""

from collections.abc import AsyncIterator

from app.broker.bell import Bell
from app.broker.broker import Announcement


class MemoryBroker:
    """A bell without a wire: there is nothing to connect and nothing that can break."""

    def __init__(self) -> None:
        self._bell = Bell()

    @property
    def healthy(self) -> bool:
        """Always: the bell hangs in the same room."""
        return True

    async def open(self) -> None:
        """Do nothing: there is nothing to reach."""

    async def close(self) -> None:
        """End every iterator."""
        self._bell.close()

    async def announce(self, topic: str, seq: int) -> None:
        """Ring at every listener of this process.

        Raises:
            ValueError: no topic or seq looks like this.
        """
        self._bell.ring(Announcement(topic, seq))

    def announcements(self) -> AsyncIterator[Announcement]:
        """Hear every ring from this call on."""
        return self._bell.listen()
