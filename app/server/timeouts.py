"""Read time-outs: one timer for all connections of the process.

A timer or a task for each connection would cost more than the connection. The shared timer checks
all deadlines once a second, and runs only while at least one time-out is armed.
"""

import asyncio
from typing import Protocol

_INTERVAL = 1.0  # seconds between two checks


class Timed(Protocol):
    """A connection, or a part of one, that has a time-out."""

    def expired(self) -> float | None:
        """Act on the expired time-out.

        Returns:
            Seconds until the next time-out; None to disarm it.
        """


class ReadTimeouts:
    """The armed time-outs of this process."""

    def __init__(self) -> None:
        self._until: dict[Timed, float] = {}
        self._is_scheduled = False

    def __len__(self) -> int:
        return len(self._until)

    def arm(self, connection: Timed, patience: float) -> None:
        """Arm a connection's time-out, replacing an earlier one.

        Args:
            connection: is called when the time-out expires.
            patience: seconds from now.
        """
        loop = asyncio.get_running_loop()
        self._until[connection] = loop.time() + patience
        if not self._is_scheduled:
            self._is_scheduled = True
            loop.call_later(_INTERVAL, self._check, loop)

    def disarm(self, connection: Timed) -> None:
        """Disarm a connection's time-out, if it is armed."""
        self._until.pop(connection, None)

    def _check(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in [late for late, until in self._until.items() if until <= now]:
            if (patience := connection.expired()) is None:
                self.disarm(connection)
            else:
                self._until[connection] = now + patience
        self._is_scheduled = bool(self._until)
        if self._is_scheduled:
            loop.call_later(_INTERVAL, self._check, loop)
