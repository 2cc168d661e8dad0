"""Hub: the streams of this process, on the journals that it follows.

The hub writes a stream itself if it could take the connection over from the server (`connect`);
otherwise the connection's owner pulls the frames (`subscription`).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from app.formats.wires import Encoder, Wire
from app.hub.broadcast import Broadcast, Shared
from app.hub.catch_up import CatchUp
from app.hub.config import HubConfig
from app.hub.connection import Connection, OnClose
from app.hub.follower import Follower, Notifications, ReadHeads
from app.hub.lifecycle import Lifecycle
from app.hub.long_poll import LongPoll
from app.hub.long_poll_queue import ParkedRequest, PollQuery, Render
from app.hub.metrics import Metrics
from app.hub.raw_connection import RawConnection
from app.hub.reach import ReachWatch, Report
from app.hub.replay import Start
from app.hub.round_robin import RoundRobin
from app.hub.shard import Shard
from app.hub.slices import TimeSlices
from app.hub.subscriber import ReadSince, Subscriber
from app.hub.topic import Topic
from app.tasks import end_tasks
from app.timeline.cursor import Cursor


class OverCapacity(Exception):
    """This process has reached its limit of streams."""


class Hub:
    """The subscribers of this process.

    `follower` has the topics, `lifecycle` the connections that the hub owns.

    Args:
        read_since: reads the journal's events after a cursor, up to a limit.
        read_heads: reads the heads of the journals of these coverages.
        notifications: an endless iterator of (slug, seq) pairs.
        is_connected: whether notifications are reliable now.
        encoders: one for each wire format.
        config: the hub's times and sizes.
        now: the clock of the events' times.
        render: renders the response to long-polls.
        report_reach: stores how many streams of a coverage a retraction has reached; None counts
            nothing.
        slices: the time slices for long work; None to create them.
    """

    def __init__(
        self,
        *,
        read_since: ReadSince,
        read_heads: ReadHeads,
        notifications: Notifications,
        is_connected: Callable[[], bool],
        encoders: Mapping[Wire, Encoder],
        config: HubConfig,
        now: Callable[[], datetime],
        render: Render,
        report_reach: Report | None = None,
        slices: TimeSlices | None = None,
    ) -> None:
        self.config = config
        self.metrics = Metrics()
        self.slices = slices or TimeSlices()
        self.follower = Follower(
            read_since=read_since,
            read_heads=read_heads,
            notifications=notifications,
            is_connected=is_connected,
            config=config,
            metrics=self.metrics,
            on_growth=self._on_growth,
            on_end=self._on_end,
        )
        self.lifecycle = Lifecycle(config, self.metrics)
        self.reach = ReachWatch(self.lifecycle, self.slices, config, report_reach)
        self._now = now
        self._encoders = encoders
        self._long_poll = LongPoll(render, self.follower.release)
        self._shared = Shared(
            config=config,
            metrics=self.metrics,
            shards=RoundRobin(self._flush),
            lifecycle=self.lifecycle,
            catch_up=CatchUp(
                read_since=self.follower.read_since,
                backfill=self.follower.backfill,
                lifecycle=self.lifecycle,
                config=config,
                slices=self.slices,
            ),
            on_lost=self._on_lost,
        )

    @property
    def is_closing(self) -> bool:
        """Whether the hub ends its streams, and refuses new ones."""
        return self.follower.is_closing

    @property
    def is_idle(self) -> bool:
        """Whether no reading, write or catch-up is pending."""
        shared = self._shared
        return not (self.follower.is_reading or len(shared.shards) or len(shared.catch_up))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the journals while the block runs; then end every stream."""
        running = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self.close()
            self.lifecycle.close()
            running.cancel()
            await asyncio.wait({running})
            await end_tasks([*self.reach.tasks])

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.follower.run())
            tasks.create_task(self.lifecycle.watch(self._tick))

    def _tick(self, now: float) -> None:
        for topic in self.follower.topics.values():
            self._long_poll.answer(topic)
            for lane in topic.lanes.values():
                if lane.sink is not None:
                    lane.sink.send_heartbeats(now)

    def close(self) -> None:
        """Refuse new streams, and end those that are pulled."""
        self.follower.close()
        for topic in self.follower.topics.values():
            self._long_poll.answer(topic)

    async def drain(self) -> None:
        """End every stream, spread over the configured time; clients reconnect elsewhere."""
        self.close()
        await self.lifecycle.drain()

    def encoder(self, wire: Wire) -> Encoder:
        """The encoder of a wire format."""
        return self._encoders[wire]

    @contextmanager
    def subscription(
        self,
        slug: str,
        head: Cursor,
        wire: Wire,
        seq: int,
        transport: asyncio.BaseTransport | None = None,
    ) -> Iterator[Subscriber]:
        """Open a stream of a coverage after `seq`, whose frames the caller pulls.

        Args:
            slug: the coverage.
            head: the head of its journal as just read.
            wire: the stream's wire format.
            seq: the position: the client has every event up to here.
            transport: the connection's transport, to know what has arrived; None if unknown.
        """
        with self.follower.topic(slug, head) as topic:
            subscriber = Subscriber(
                topic,
                topic.lane(wire, self._encoders[wire]),
                seq,
                head.seq,
                read_since=self.follower.read_since,
                page=self.config.replay_page,
                slices=self.slices,
            )
            with self.reach.counting(slug, subscriber, transport):
                yield subscriber

    def connect(
        self,
        raw: RawConnection,
        slug: str,
        head: Cursor,
        wire: Wire,
        start: Start,
        on_close: OnClose,
    ) -> None:
        """Take over a client's connection, and write the stream to it.

        Args:
            raw: the connection from the server.
            slug: the coverage.
            head: the head of its journal as the client's request read it.
            wire: the stream's wire format.
            start: where the stream begins.
            on_close: called with the reason when the connection has closed.
        """
        topic = self.follower.acquire(slug, head)
        lane = topic.lane(wire, self._encoders[wire])
        if lane.sink is None:
            lane.sink = Broadcast(topic, lane, self._shared)
        lane.sink.connect(raw, start, head.seq, on_close)

    def _on_lost(self, topic: Topic, connection: Connection) -> None:
        self.follower.release(topic)
        connection.on_close(connection.reason)

    def _flush(self, shard: Shard) -> None:
        has_new_events = shard.seq < shard.lane.seq
        shard.flush()
        if has_new_events:
            self.metrics.lag.observe((self._now() - shard.lane.newest_at).total_seconds())

    def _on_growth(self, topic: Topic) -> None:
        self._long_poll.answer(topic)
        while topic.unwatched:
            self.reach.watch(topic.slug, topic.unwatched.pop())

    def _on_end(self, topic: Topic) -> None:
        self._long_poll.answer(topic)
        for lane in topic.lanes.values():
            if lane.sink is not None:
                lane.sink.disconnect_all()

    async def wait(self, slug: str, head: Cursor, timeout: float) -> None:  # noqa: ASYNC109
        """Wait until the journal has grown beyond `head`, for `timeout` seconds at most."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        with self.follower.topic(slug, head) as topic:
            # The topic may lag behind: its next event may be one that the caller already has.
            while topic.head.seq <= head.seq and not topic.is_ended:
                if not await topic.wait(until - loop.time()):
                    break

    def park(self, slug: str, query: PollQuery, timeout: float, request: ParkedRequest) -> None:
        """Answer a request with the next event, or with none after `timeout` seconds."""
        topic = self.follower.acquire(slug, query.after)
        self._long_poll.park(topic, query, timeout, request)
