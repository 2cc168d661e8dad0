"""Connections that are behind the topic's buffer, brought up to it from the journal.

Each has a task while it is behind. It reads the journal in pages and waits for the client in
between, so that a page is the most that is kept for it.
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
        read_since: the journal's events behind a cursor, at most so many.
        deepen: lets a topic's buffer reach back as far as it may.
        lifecycle: ends a stream whose journal has no more.
        config: times and sizes.
        slices: in which frames of a replay are encoded.
    """

    def __init__(
        self,
        *,
        read_since: ReadSince,
        deepen: Callable[[Topic], Awaitable[None]],
        lifecycle: Lifecycle,
        config: HubConfig,
        slices: TimeSlices,
    ) -> None:
        self._read_since = read_since
        self._deepen = deepen
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
        """Bring a connection up to where the buffer reaches, then have it join; once at a time."""
        if connection not in self._tasks:
            catching_up = self._run(connection, topic, lane)
            self._tasks[connection] = asyncio.create_task(catching_up)

    def resumed(self, connection: Connection) -> None:
        """The connection's client has taken everything: go on, if it was waited for."""
        if (drained := self._drained.pop(connection, None)) and not drained.done():
            drained.set_result(None)

    def lost(self, connection: Connection) -> None:
        """The connection is over: forget it."""
        self.resumed(connection)
        if task := self._tasks.get(connection):
            task.cancel()

    async def _run(self, connection: Connection, topic: Topic, lane: Lane) -> None:
        try:
            await self._deepen(topic)
            await self._replay(connection, topic, lane)
            while lane.is_cold(connection.seq):
                await self._slices.map(lane.warm, range(connection.seq + 1, lane.seq + 1))
        except Exception as error:  # noqa: BLE001 - whatever it was, the client comes back
            _log.warning("a stream ends: the journal cannot be read (%s)", error)
            connection.end("error", CloseCode.TRY_LATER, retry_delay())
        finally:
            del self._tasks[connection]
        connection.join()

    async def _replay(self, connection: Connection, topic: Topic, lane: Lane) -> None:
        behind = Subscriber(
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
            frames = await behind.frames(self._config.tick)
            if connection.is_leaving or connection.transport.is_closing():
                break
            if frames is None:  # there is no more of this topic's journal
                self._lifecycle.send_away(connection)
                break
            connection.feed(frames)
            behind.seq = connection.seq  # the rest of a page is read again: it is not kept here
