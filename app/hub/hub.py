"""The subscribers of this process and the journal that they follow.

Theory of operation. The broker rings a bell: "coverage so-and-so is at seq n". The hub then reads
the journal since the seq that its topic holds, once for all subscribers, and the topic frames each
event once per lane. The bell carries no payload, so a ring that is lost, doubled or late costs time
and never truth: a poll of the heads heals it, each second, or four times a second while the broker
is down. A topic is opened by its first subscriber and forgotten a minute after its last one.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from app.hub.connection import Connection, Leave
from app.hub.lane import Lane, Wire
from app.hub.line import Line
from app.hub.metrics import Metrics
from app.hub.push import Push
from app.hub.replay import Start
from app.hub.socket import SocketConnection
from app.hub.subscriber import ReadSince, Subscriber
from app.hub.terms import Terms
from app.hub.topic import Topic
from app.timeline.cursor import Cursor
from app.timeline.event import Event

_log = logging.getLogger(__name__)

_POLL, _POLL_BELL_DOWN = 1.0, 0.25  # seconds
_LINGER = 60.0  # seconds that a topic without subscribers is kept for those who come back
_PAGE = 500  # events read from the journal at a time


class OverCapacity(Exception):
    """This process holds as many streams as it may."""


class Hub:
    """Topics by slug, and the streams that follow them.

    Args:
        read_since: the journal's events behind a cursor, at most so many.
        read_heads: where the journals of these coverages end.
        bell: what rings: (slug, seq) pairs without an end.
        bell_is_up: whether the bell can be relied on now.
        wires: every lane's encoding by its name.
        terms: how a stream lives.
        now: the clock of the events' times.
    """

    def __init__(
        self,
        *,
        read_since: ReadSince,
        read_heads: Callable[[Collection[str]], Awaitable[Mapping[str, Cursor]]],
        bell: Callable[[], AsyncIterator[tuple[str, int]]],
        bell_is_up: Callable[[], bool],
        wires: Mapping[str, Wire],
        terms: Terms,
        now: Callable[[], datetime],
    ) -> None:
        self._read_since = read_since
        self._read_heads = read_heads
        self._bell = bell
        self._bell_is_up = bell_is_up
        self._wires = wires
        self._terms = terms
        self._topics: dict[str, Topic] = {}
        self._reading: dict[Topic, asyncio.Task[None]] = {}
        self._deepening: dict[Topic, asyncio.Task[None]] = {}
        self._looking: dict[str, asyncio.Task[Cursor | None]] = {}
        self._running: asyncio.Task[None] | None = None
        self.is_closing = False
        self.metrics = Metrics()
        self._push = Push(
            read_since=self._read,
            deepen=self._deepen,
            terms=terms,
            metrics=self.metrics,
            now=now,
            left=self._left,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen to the bell while the block runs; then send every subscriber away."""
        self._running = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self.close()
            self._push.close()
            tasks = {self._running, *self._reading.values(), *self._deepening.values()}
            for task in tasks:  # a reading too: a database that hangs must not hold up the end
                task.cancel()
            await asyncio.wait(tasks)

    def close(self) -> None:
        """Take no more streams, and end those that are pulled."""
        self.is_closing = True
        for topic in self._topics.values():
            topic.end()

    async def drain(self) -> None:
        """Send every stream away, spread over the terms' time; each is to come back elsewhere."""
        self.close()
        await self._push.drain()

    def wire(self, lane: str) -> Wire:
        """The wire of that name."""
        return self._wires[lane]

    @contextmanager
    def subscription(self, slug: str, head: Cursor, lane: str, seq: int) -> Iterator[Subscriber]:
        """A stream of a coverage from `seq` on, for a transport that pulls its frames.

        Args:
            slug: which coverage.
            head: the head of its journal as just read.
            lane: the name of the wire.
            seq: up to where the client has everything.
        """
        with self._topic(slug, head) as topic:
            lane_of_it = topic.lane(lane, self._wires[lane])
            yield Subscriber(topic, lane_of_it, seq, head.seq, self._read)

    def connect(
        self, line: Line, slug: str, head: Cursor, lane: str, start: Start, leave: Leave
    ) -> None:
        """Own a client's line from now on, and write the stream to it.

        Args:
            line: what the server gave up; the head of the response is out.
            slug: which coverage.
            head: the head of its journal as the client's request read it.
            lane: the name of the wire.
            start: where the stream begins.
            leave: called with the reason when it is over.
        """
        topic = self._enter(slug, head)
        lane_of_it = topic.lane(lane, self._wires[lane])
        kind = SocketConnection if line.is_socket else Connection
        connection = kind(self._push, topic, lane_of_it, start.cursor.seq, head.seq, leave)
        connection.attach(line)
        self._push.take(connection, start)

    def _left(self, connection: Connection) -> None:
        self._leave(connection.topic)
        connection.leave(connection.reason)

    async def wait(self, slug: str, head: Cursor, patience: float) -> None:
        """Wait until the journal has grown beyond `head`, for `patience` seconds at most."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        with self._topic(slug, head) as topic:
            # The bell may ring for what the caller has already: this process hears it later.
            while topic.head.seq <= head.seq and not topic.is_ended:
                if not await topic.rung(until - loop.time()):
                    break

    def head_of(self, slug: str) -> Cursor | None:
        """Where a journal ends, without looking; None if that is not known for sure."""
        topic = self._topics.get(slug)
        if topic is None or topic.is_ended or topic in self._reading or not self._bell_is_up():
            return None
        return topic.head

    async def find_head(self, slug: str) -> Cursor | None:
        """Where a journal ends; one look for all who ask at a time. None if there is none."""
        if (known := self.head_of(slug)) is not None:
            return known
        if slug not in self._looking:
            self._looking[slug] = asyncio.create_task(self._look(slug))
        return await asyncio.shield(self._looking[slug])

    async def _look(self, slug: str) -> Cursor | None:
        try:
            head = (await self._read_heads([slug])).get(slug)
        finally:
            del self._looking[slug]
        if head is not None:
            self._leave(self._enter(slug, head))  # followed from now on, for those who come next
        return head

    @contextmanager
    def _topic(self, slug: str, head: Cursor) -> Iterator[Topic]:
        topic = self._enter(slug, head)
        try:
            yield topic
        finally:
            self._leave(topic)

    def _enter(self, slug: str, head: Cursor) -> Topic:
        topic = self._topics.get(slug)
        if topic is not None and topic.head.epoch != head.epoch:
            self._end(topic)  # nothing would ring for it any more
        if topic is None or topic.is_ended:
            topic = self._topics[slug] = Topic(slug, head, self._push.due)
            topic.is_ended = self.is_closing
            # Whatever was committed since the head was read rang for nobody.
            self._ring(slug, head.seq + 1)
        self._ring(slug, head.seq)
        topic.subscribers += 1
        topic.idle_since = None
        return topic

    def _leave(self, topic: Topic) -> None:
        topic.subscribers -= 1
        if topic.subscribers == 0:
            topic.idle_since = asyncio.get_running_loop().time()

    def _end(self, topic: Topic) -> None:
        topic.end()
        self._push.dismiss(topic)

    def _lanes(self) -> Iterator[Lane]:
        return (lane for topic in self._topics.values() for lane in topic.lanes.values())

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._poll())
            tasks.create_task(self._push.watch(self._lanes))

    async def _listen(self) -> None:
        while True:
            try:
                async for slug, seq in self._bell():
                    self._ring(slug, seq)
            except Exception:  # noqa: BLE001 - with this task every stream would fall silent
                _log.exception("the bell cannot be heard; trying again")
                await asyncio.sleep(_POLL)
            else:
                return  # taken down

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(_POLL if self._bell_is_up() else _POLL_BELL_DOWN)
            self._forget_idle()
            asked = dict(self._topics)
            if not asked:
                continue
            try:
                heads = await self._read_heads(list(asked))
            except Exception:  # noqa: BLE001 - whatever it was, the next poll may read
                _log.exception("the heads cannot be read; trying again")
                continue
            for slug, topic in asked.items():  # not those opened meanwhile: nobody asked for them
                head = heads.get(slug)
                if head is None or head.epoch != topic.head.epoch:
                    self._end(topic)  # the journal was replaced by another: clients reload
                else:
                    self._ring(slug, head.seq)

    def _forget_idle(self) -> None:
        now = asyncio.get_running_loop().time()
        for slug, topic in list(self._topics.items()):
            if topic.idle_since is not None and now - topic.idle_since > _LINGER:
                del self._topics[slug]

    def _ring(self, slug: str, seq: int) -> None:
        topic = self._topics.get(slug)
        if topic is None or seq <= topic.head.seq:
            return
        topic.wanted = max(topic.wanted, seq)
        if topic not in self._reading:
            self._reading[topic] = asyncio.create_task(self._catch_up(topic))

    async def _catch_up(self, topic: Topic) -> None:
        try:
            while topic.wanted > topic.head.seq:
                # What rings during the reading may be too late for it, and asks for another.
                wanted, topic.wanted = topic.wanted, 0
                events = await self._read(topic.slug, topic.head, _PAGE)
                if events:  # else those who wait would be woken for nothing
                    topic.extend(events)
                if len(events) == _PAGE:
                    topic.wanted = max(topic.wanted, wanted)
        except Exception:  # noqa: BLE001 - whatever it was, the poll tries again
            _log.exception("the journal of %s cannot be read; trying again", topic.slug)
        finally:
            # Here and not in a callback: a ring between the two would start no reading.
            del self._reading[topic]

    async def _read(self, slug: str, after: Cursor, limit: int) -> list[Event]:
        self.metrics.readings.inc()
        return await self._read_since(slug, after, limit)

    async def _deepen(self, topic: Topic) -> None:
        """Let a topic's ring reach back as far as it may: one reading for all who come back."""
        if topic.is_deep:
            return
        if topic not in self._deepening:
            self._deepening[topic] = asyncio.create_task(self._read_back(topic))
        # Shielded: one who leaves does not take the reading with him.
        await asyncio.shield(self._deepening[topic])

    async def _read_back(self, topic: Topic) -> None:
        try:
            while (page := topic.page_before()) is not None and not topic.is_ended:
                after, count = page
                retractions = topic.retractions
                events = await self._read(topic.slug, after, count)
                if topic.page_before() == page and topic.retractions == retractions:
                    topic.deepen(events)
        finally:
            del self._deepening[topic]
