"""Lifecycle: ends streams whose lifetime is over, whose client does not read, and at shutdown.

All streams share one clock, which ticks four times a second. Nothing here waits for a client.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterator
from math import ceil
from time import monotonic

from app.formats.websocket import CloseCode
from app.hub.config import HubConfig
from app.hub.connection import Connection, Owner
from app.hub.expiry_index import ExpiryIndex
from app.hub.metrics import Metrics
from app.hub.retry import retry_delay
from app.hub.slow_readers import SlowReaders

_log = logging.getLogger(__name__)


class Lifecycle:
    """The connections that the hub owns, from start to end.

    Args:
        config: the hub's times and sizes.
        metrics: records the lag of the event loop.

    Attributes:
        slow_readers: ends the connections whose client does not read.
    """

    def __init__(self, config: HubConfig, metrics: Metrics) -> None:
        self._config = config
        self._metrics = metrics
        self._is_draining = False
        self._expiry = ExpiryIndex()
        self.slow_readers = SlowReaders(config)

    def __len__(self) -> int:
        return len(self._expiry)

    def __iter__(self) -> Iterator[Connection]:
        """Iterate over all connections."""
        return iter(self._expiry)

    def add(self, connection: Connection) -> None:
        """Add a connection, and choose its lifetime."""
        lifetime = self._config.lifetime * random.uniform(0.8, 1.0)  # noqa: S311  spreads load
        connection.expires = ceil(monotonic() + lifetime)
        self._expiry.add(connection)

    def lost(self, connection: Connection) -> None:
        """Forget a connection that has closed."""
        self.slow_readers.discard(connection)
        self._expiry.discard(connection)

    async def watch(self, tick: Callable[[float], None]) -> None:
        """End slow and expired connections at each tick of the clock, until cancelled.

        Args:
            tick: called at each tick with the time of the clock.
        """
        while True:
            before = monotonic()
            await asyncio.sleep(self._config.tick)
            now = monotonic()
            self._metrics.loop_lag.observe(max(0.0, now - before - self._config.tick))
            try:
                self.end_overdue(now)
                tick(now)
            except Exception:  # noqa: BLE001 - without this task no stream would ever end
                _log.exception("a tick of the streams' clock failed; another follows")

    def end_overdue(self, now: float) -> None:
        """End the connections whose time-out or lifetime is over at `now`, a time of the clock."""
        self.slow_readers.end_overdue(now)
        for connection in self._expiry.expired(now):
            if not connection.is_paused:  # else its time-out ends it, with the reason "slow"
                connection.end("rotated", CloseCode.END, retry_delay())

    def disconnect_all(self, owner: Owner) -> None:
        """End the connections of an owner."""
        for connection in [c for c in self._expiry if c.owner is owner]:
            self.disconnect(connection)

    async def drain(self) -> None:
        """End every stream, in random order, spread over the configured time if there are many."""
        self._is_draining = True
        config = self._config
        rest = list(self._expiry)
        random.shuffle(rest)
        window = min(config.drain, len(rest) / config.drain_rate)
        size = max(1, round(len(rest) * config.drain_batch / max(window, config.drain_batch)))
        while rest:
            batch, rest = rest[:size], rest[size:]
            for connection in batch:
                self.disconnect(connection)
            await asyncio.sleep(config.drain_batch)

    def close(self) -> None:
        """End every stream at once."""
        self._is_draining = True
        for connection in list(self._expiry):
            self.disconnect(connection)

    def disconnect(self, connection: Connection) -> None:
        """End a stream whose client should reconnect, to this process or another."""
        if not self._is_draining:
            connection.end("rotated", CloseCode.END, retry_delay())
        elif connection.is_paused:
            connection.reason = "shutdown"
            connection.abort()  # else it would delay the shutdown
        else:
            connection.end("shutdown", CloseCode.RESTART, retry_delay())
