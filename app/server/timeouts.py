"""Waiting for clients, with one timer for all of them.

A timer or a task for each connection would cost more than the connection. The doorkeeper looks
round once a second, and only while there is somebody to wait for.
"""

import asyncio
from typing import Protocol

_ROUND = 1.0  # seconds between two looks


class Timed(Protocol):
    """A connection that something is to come on."""

    def expired(self) -> float | None:
        """Nothing came in time: act.

        Returns:
            For how many seconds to wait once more; None for not at all.
        """


class ReadTimeouts:
    """Whom this process waits for, and until when."""

    def __init__(self) -> None:
        self._until: dict[Timed, float] = {}
        self._is_on_rounds = False

    def __len__(self) -> int:
        return len(self._until)

    def arm(self, connection: Timed, patience: float) -> None:
        """Wait for so many seconds from now on, whatever was said before."""
        loop = asyncio.get_running_loop()
        self._until[connection] = loop.time() + patience
        if not self._is_on_rounds:
            self._is_on_rounds = True
            loop.call_later(_ROUND, self._look_round, loop)

    def disarm(self, connection: Timed) -> None:
        """Wait no longer: it has come, or nobody is there any more."""
        self._until.pop(connection, None)

    def _look_round(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in [late for late, until in self._until.items() if until <= now]:
            if (patience := connection.expired()) is None:
                self.disarm(connection)
            else:
                self._until[connection] = now + patience
        self._is_on_rounds = bool(self._until)
        if self._is_on_rounds:
            loop.call_later(_ROUND, self._look_round, loop)
