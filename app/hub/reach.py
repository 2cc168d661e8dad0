"""Reach: how many open streams have received an event, down to the client's kernel.

A stream is reached once its position is past the event, its transport's buffer is empty, and the
kernel at the other end has acknowledged every byte. Behind a proxy, that is the proxy's kernel.
Whether a program has read the bytes, or a person has seen them, nobody can know.

Only retractions are watched, for half a minute: the newsroom has to know whether one has arrived.
"""

import asyncio
import fcntl
import logging
import struct
import termios
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from app.hub.config import HubConfig
from app.hub.connection import Connection
from app.hub.lifecycle import Lifecycle
from app.hub.slices import TimeSlices
from app.hub.subscriber import Subscriber

_log = logging.getLogger(__name__)

_INT = struct.Struct("i")


@dataclass(frozen=True, slots=True)
class Reach:
    """The number of open streams, and of those that an event has reached."""

    reached: int
    open: int


Report = Callable[[str, int, Reach], Awaitable[None]]


@dataclass(eq=False, slots=True)
class PulledStream:
    """A stream that its own task writes, and its transport if that is known."""

    slug: str
    subscriber: Subscriber
    transport: asyncio.BaseTransport | None


class ReachWatch:
    """Counts the streams of this process that retractions have reached.

    Args:
        lifecycle: the connections that the hub writes to.
        slices: the time slices in which sockets are asked.
        config: the times at which streams are counted.
        report: stores a count of a coverage's streams for an event's seq; None counts nothing.
    """

    def __init__(
        self, lifecycle: Lifecycle, slices: TimeSlices, config: HubConfig, report: Report | None
    ) -> None:
        self._lifecycle = lifecycle
        self._slices = slices
        self._config = config
        self._report = report
        self._pulled: set[PulledStream] = set()
        self.tasks: set[asyncio.Task[None]] = set()

    @contextmanager
    def counting(
        self, slug: str, subscriber: Subscriber, transport: asyncio.BaseTransport | None
    ) -> Iterator[None]:
        """Count a stream that its own task writes, while the block runs."""
        stream = PulledStream(slug, subscriber, transport)
        self._pulled.add(stream)
        try:
            yield
        finally:
            self._pulled.discard(stream)

    def watch(self, slug: str, seq: int) -> None:
        """Count a coverage's streams until an event has reached all, and report each change."""
        if self._report is None:
            return
        task = asyncio.create_task(self._watch(slug, seq, self._report))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _watch(self, slug: str, seq: int, report: Report) -> None:
        last = None
        for pause in self._config.reach_pauses:
            await asyncio.sleep(pause)
            reach = await self.count(slug, seq)
            if reach != last and (reach.open or last):
                last = reach
                try:
                    await report(slug, seq, reach)
                except SQLAlchemyError as error:
                    _log.warning("the reach of a retraction cannot be stored: %s", error)
                    last = None
            if reach.reached == reach.open:
                return

    async def count(self, slug: str, seq: int) -> Reach:
        """Count a coverage's open streams, and those that an event has reached."""
        owned = [each for each in self._lifecycle if each.owner.slug == slug]
        pulled = [each for each in self._pulled if each.slug == slug]
        states = await self._slices.map(partial(_has_reached, seq), owned)
        states += await self._slices.map(partial(_has_reached_pulled, seq), pulled)
        still_open = [state for state in states if state is not None]
        return Reach(sum(still_open), len(still_open))


def _has_reached(seq: int, connection: Connection) -> bool | None:
    """Return whether an event has reached a connection; None if it is closed."""
    if connection.transport.is_closing():
        return None
    shard = connection.shard
    position = connection.seq if shard is None else shard.seq
    return position >= seq and _is_acknowledged(connection.transport)


def _has_reached_pulled(seq: int, stream: PulledStream) -> bool | None:
    transport = stream.transport
    if transport is not None and transport.is_closing():
        return None
    return stream.subscriber.written >= seq and (transport is None or _is_acknowledged(transport))


def _is_acknowledged(transport: asyncio.BaseTransport) -> bool:
    if isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size():
        return False
    raw_socket = transport.get_extra_info("socket")
    try:
        # On Linux SIOCOUTQ is the same request: the bytes that the peer has not acknowledged.
        answer = fcntl.ioctl(raw_socket.fileno(), termios.TIOCOUTQ, _INT.pack(0))
    except OSError:  # not a TCP socket, or closed at this moment
        return True
    unacknowledged: int = _INT.unpack(answer)[0]
    return unacknowledged == 0
