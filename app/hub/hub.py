"""The streams of this process, on the journals that it follows.

A stream is written by the hub itself where its line could be had from the server (`connect`), else
its frames are pulled by whoever has it (`subscription`).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from app.framing.wires import Encoder, Wire
from app.hub.connection import Connection, Leave
from app.hub.follower import Follower, ReadHeads
from app.hub.lane import Lane
from app.hub.line import Line
from app.hub.polls import Polls
from app.hub.push import Push
from app.hub.replay import Start
from app.hub.slices import TimeSlices
from app.hub.socket import SocketConnection
from app.hub.subscriber import ReadSince, Subscriber
from app.hub.terms import Terms
from app.hub.topic import Topic
from app.hub.waiting import Held, Question, Render
from app.timeline.cursor import Cursor

_LOOK = 0.25  # seconds between two looks at whose time is over


class OverCapacity(Exception):
    """This process holds as many streams as it may."""


class Hub(Follower):
    """A follower with subscribers.

    Args:
        read_since: the journal's events behind a cursor, at most so many.
        read_heads: where the journals of these coverages end.
        bell: what rings: (slug, seq) pairs without an end.
        bell_is_up: whether the bell can be relied on now.
        encoders: one for each wire format.
        terms: how a stream lives.
        now: the clock of the events' times.
        render: makes the answer to requests that wait for the next event.
        slices: in which long work is done; None for slices of its own.
    """

    def __init__(
        self,
        *,
        read_since: ReadSince,
        read_heads: ReadHeads,
        bell: Callable[[], AsyncIterator[tuple[str, int]]],
        bell_is_up: Callable[[], bool],
        encoders: Mapping[Wire, Encoder],
        terms: Terms,
        now: Callable[[], datetime],
        render: Render,
        slices: TimeSlices | None = None,
    ) -> None:
        super().__init__(
            read_since=read_since, read_heads=read_heads, bell=bell, bell_is_up=bell_is_up
        )
        self._encoders = encoders
        self.slices = slices or TimeSlices()
        self._running: asyncio.Task[None] | None = None
        self._push = Push(
            read_since=self._read,
            deepen=self._deepen,
            terms=terms,
            metrics=self.metrics,
            now=now,
            left=self._left,
            slices=self.slices,
        )
        self._polls = Polls(render, self._leave)

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
            self._polls.answer(topic)

    async def drain(self) -> None:
        """Send every stream away, spread over the terms' time; each is to come back elsewhere."""
        self.close()
        await self._push.drain()

    def encoder(self, wire: Wire) -> Encoder:
        """The encoder of a wire format."""
        return self._encoders[wire]

    @contextmanager
    def subscription(self, slug: str, head: Cursor, wire: Wire, seq: int) -> Iterator[Subscriber]:
        """A stream of a coverage from `seq` on, for a transport that pulls its frames.

        Args:
            slug: which coverage.
            head: the head of its journal as just read.
            wire: its wire format.
            seq: up to where the client has everything.
        """
        with self._topic(slug, head) as topic:
            lane = topic.lane(wire, self._encoders[wire])
            yield Subscriber(topic, lane, seq, head.seq, self._read, self.slices)

    def connect(
        self, line: Line, slug: str, head: Cursor, wire: Wire, start: Start, leave: Leave
    ) -> None:
        """Own a client's line from now on, and write the stream to it.

        Args:
            line: what the server gave up; the head of the response is out.
            slug: which coverage.
            head: the head of its journal as the client's request read it.
            wire: its wire format.
            start: where the stream begins.
            leave: called with the reason when it is over.
        """
        topic = self._enter(slug, head)
        lane = topic.lane(wire, self._encoders[wire])
        kind = SocketConnection if line.is_socket else Connection
        connection = kind(self._push, topic, lane, start.cursor.seq, head.seq, leave)
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

    def hold(self, slug: str, question: Question, patience: float, held: Held) -> None:
        """Answer a request with the next event, or with none after `patience` seconds."""
        self._polls.add(self._enter(slug, question.after), question, patience, held)

    def _grown(self, topic: Topic) -> None:
        self._polls.answer(topic)

    def _due(self, lane: Lane) -> None:
        self._push.due(lane)

    def _end(self, topic: Topic) -> None:
        super()._end(topic)
        self._polls.answer(topic)
        self._push.dismiss(topic)

    def _lanes(self) -> Iterator[Lane]:
        return (lane for topic in self._topics.values() for lane in topic.lanes.values())

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._poll())
            tasks.create_task(self._push.watch(self._lanes))
            tasks.create_task(self._watch_polls())

    async def _watch_polls(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            for topic in self._topics.values():
                self._polls.answer(topic)
