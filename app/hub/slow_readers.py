"""Slow readers: ends connections whose client does not read, or does not answer a close frame."""

from time import monotonic

from app.formats.websocket import CloseCode
from app.hub.config import HubConfig
from app.hub.connection import Connection
from app.hub.retry import retry_delay


class SlowReaders:
    """The connections that have a time-out.

    Args:
        config: the hub's times.
    """

    def __init__(self, config: HubConfig) -> None:
        self._config = config
        self._deadlines: dict[Connection, float] = {}

    def __len__(self) -> int:
        return len(self._deadlines)

    def paused(self, connection: Connection) -> None:
        """Set the time-out for a connection whose socket is full."""
        self._deadlines[connection] = monotonic() + self._config.stall

    def closing(self, connection: Connection) -> None:
        """Set the time-out for a client's answer to the close frame."""
        config = self._config
        timeout = config.stall if connection.is_paused else config.close_timeout
        self._deadlines[connection] = monotonic() + timeout

    def discard(self, connection: Connection) -> None:
        """Remove the time-out of a connection whose buffer has drained, or which has closed."""
        self._deadlines.pop(connection, None)

    def end_overdue(self, now: float) -> None:
        """End the connections whose time-out is over at `now`, a time of the clock."""
        for connection in [c for c, until in self._deadlines.items() if until <= now]:
            # Send the reason first, if the client may still receive it; then reset the connection.
            is_over = connection.is_ending or connection.transport.is_closing()
            if connection.has_close_codes and not is_over:
                connection.end("slow", CloseCode.TOO_SLOW, retry_delay())
            else:
                connection.reason = connection.reason if connection.is_ending else "slow"
                connection.abort()
