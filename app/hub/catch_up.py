"""Catch-up: replays the journal to connections that are behind the topic's buffer.

Each such connection has a task. It reads the journal in pages and waits for the client to drain in
between, so it holds at most one page in memory.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from app.formats.websocket import CloseCode
from app.hub.config import HubConfig
from app.hub.connection import Connection
from app.hub.lane import Lane
from app.hub.lifecycle import Lifecycle
from app.hub.retry import retry_delay
from app.hub.slices import TimeSlices
from app.hub.subscriber import ReadSince, Subscriber
from app.hub.topic import Topic

_log = logging.getLogger(__name__)


class CatchUp:
    """The tasks of the connections that are behind.

    Args:
        read_since: reads the journal's events after a cursor, up to a limit.
        backfill: fills a topic's buffer as far back as its limits allow.
        lifecycle: ends a stream whose journal has no more events.
        config: the hub's times and sizes.
        slices: the time slices in which frames of a replay are encoded.
    """

    def __init__(
        self,
        *,
        read_since: ReadSince,
        backfill: Callable[[Topic], Awaitable[None]],
        lifecycle: Lifecycle,
        config: HubConfig,
        slices: TimeSlices,
    ) -> None:
        self._read_since = read_since
        self._backfill = backfill
        self._lifecycle = lifecycle
        self._config = config
        self._slices = slices
        self._tasks: dict[Connection, asyncio.Task[None]] = {}
        self._drained: dict[Connection, asyncio.Future[None]] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._tasks

    def start(self, connection: Connection, topic: Topic, lane: Lane) -> None:
        """Replay to a connection up to the buffer, then have it join; one task per connection."""
        if connection not in self._tasks:
            self._tasks[connection] = asyncio.create_task(self._run(connection, topic, lane))

    def resumed(self, connection: Connection) -> None:
        """Continue the replay to a connection whose buffer has drained, if its task waits."""
        if (drained := self._drained.pop(connection, None)) and not drained.done():
            drained.set_result(None)

    def lost(self, connection: Connection) -> None:
        """Cancel the task of a connection that has closed."""
        self.resumed(connection)
        if task := self._tasks.get(connection):
            task.cancel()

    async def _run(self, connection: Connection, topic: Topic, lane: Lane) -> None:
        try:
            await self._backfill(topic)
            await self._replay(connection, topic, lane)
            while lane.is_cold(connection.seq):
                await self._slices.map(lane.warm, range(connection.seq + 1, lane.seq + 1))
        except Exception as error:  # noqa: BLE001 - whatever it was, the client reconnects
            _log.warning("a stream was ended: the journal cannot be read (%s)", error)
            connection.end("error", CloseCode.TRY_LATER, retry_delay())
        finally:
            del self._tasks[connection]
        connection.join()

    async def _replay(self, connection: Connection, topic: Topic, lane: Lane) -> None:
        subscriber = Subscriber(
            topic,
            lane,
            connection.seq,
            connection.known_head,
            read_since=self._read_since,
            page=self._config.replay_page,
            slices=self._slices,
        )
        while not topic.serves(connection.seq, connection.known_head):
            if connection.is_paused:
                self._drained[connection] = asyncio.get_running_loop().create_future()
                await self._drained[connection]
            frames = await subscriber.frames(self._config.tick)
            if connection.is_ending or connection.transport.is_closing():
                break
            if frames is None:  # the topic has ended, or its journal has no more events
                self._lifecycle.disconnect(connection)
                break
            connection.feed(frames)
            subscriber.seq = connection.seq  # the unsent rest of a page is read again, not kept
