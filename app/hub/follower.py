"""Follower: keeps a topic for each journal that this process follows, by notifications and polls.

Theory of operation. The broker notifies that a coverage has reached a seq. The follower then reads
the journal from the seq that its topic has reached, once for all subscribers, and the topic encodes
each event once per lane. A notification has no payload, so a lost, repeated or late one delays
events but never loses any: the follower also polls the heads, each second, or four times a second
while the broker is down. The first request for a topic opens it; the follower forgets it a minute
after the last subscriber has left.

A withdrawn coverage has no head here, and no topic of it lasts: its streams end, and no answer
about it is cached.

The response cache depends on the same heads: the follower also follows a coverage that is only read
(`follow`), and returns its head (`head_of`) as long as it has read everything that was notified. A
notification makes the head unknown at once, before anything is read.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from app.hub.config import HubConfig
from app.hub.metrics import Metrics
from app.hub.subscriber import Reading, ReadSince
from app.hub.topic import Topic
from app.timeline.cursor import Cursor
from app.timeline.redaction import is_redaction

_log = logging.getLogger(__name__)

WITHDRAWAL = "~~~"  # before a slug: the notification that the coverage is withdrawn

ReadHeads = Callable[[Collection[str]], Awaitable[Mapping[str, Cursor]]]
Notifications = Callable[[], AsyncIterator[tuple[str, int]]]


class Follower:
    """Topics by slug.

    Args:
        read_since: reads the journal's events after a cursor, up to a limit.
        read_heads: reads the heads of the journals of these coverages.
        notifications: an endless iterator of (slug, seq) pairs.
        is_connected: whether notifications are reliable now.
        config: the hub's times and sizes.
        metrics: counts the readings.
        on_growth: called with a topic that has new events.
        on_end: called with a topic that has ended, since another journal has replaced its own, or
            its coverage is withdrawn.
    """

    def __init__(
        self,
        *,
        read_since: ReadSince,
        read_heads: ReadHeads,
        notifications: Notifications,
        is_connected: Callable[[], bool],
        config: HubConfig,
        metrics: Metrics,
        on_growth: Callable[[Topic], None],
        on_end: Callable[[Topic], None],
    ) -> None:
        self._read_since = read_since
        self._read_heads = read_heads
        self._notifications = notifications
        self._is_connected = is_connected
        self._config = config
        self._metrics = metrics
        self._on_growth = on_growth
        self._on_end = on_end
        self._on_head_change: Callable[[str], None] = lambda _slug: None
        self._redaction_callbacks: list[Callable[[str], None]] = []
        self._topics: dict[str, Topic] = {}
        self._idle: dict[Topic, None] = {}  # without subscribers, by the time of the last request
        self._reading: dict[Topic, asyncio.Task[None]] = {}
        self._backfills: dict[Topic, asyncio.Task[None]] = {}
        self._head_readings: dict[str, asyncio.Task[Cursor | None]] = {}
        self._outages = 0  # how often the broker was found down
        self.is_closing = False

    @property
    def topics(self) -> Mapping[str, Topic]:
        """The topics by slug."""
        return self._topics

    @property
    def is_reading(self) -> bool:
        """Whether a journal is being read for new events."""
        return bool(self._reading)

    async def run(self) -> None:
        """Listen and poll until cancelled; then cancel the readings in progress."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                tasks.create_task(self._poll())
        finally:
            # A database that hangs must not delay the shutdown.
            tasks_left = {*self._reading.values(), *self._backfills.values()}
            for task in tasks_left:
                task.cancel()
            if tasks_left:
                await asyncio.wait(tasks_left)

    def close(self) -> None:
        """End every topic, including those that are opened later."""
        self.is_closing = True
        for topic in self._topics.values():
            topic.end()

    async def find_head(self, slug: str) -> Cursor | None:
        """Find a journal's head, with one reading for concurrent callers; None if there is none."""
        if (head := self.head_of(slug)) is not None:
            return head
        if slug not in self._head_readings:
            self._head_readings[slug] = asyncio.create_task(self._read_head(slug))
        return await asyncio.shield(self._head_readings[slug])

    async def _read_head(self, slug: str) -> Cursor | None:
        try:
            head = (await self._read_heads([slug])).get(slug)
        finally:
            del self._head_readings[slug]
        if head is not None:
            self.release(self.acquire(slug, head))  # follow it from now on, for later requests
        return head

    def on_head_change(self, callback: Callable[[str], None]) -> None:
        """Register a callback that gets a slug as soon as its known head is no longer valid."""
        self._on_head_change = callback

    def on_redaction(self, callback: Callable[[str], None]) -> None:
        """Register a callback that gets a slug after a retraction, or when following it ends."""
        self._redaction_callbacks.append(callback)

    def _on_redaction(self, slug: str) -> None:
        for callback in self._redaction_callbacks:
            callback(slug)

    def head_of(self, slug: str) -> Cursor | None:
        """A journal's head, without reading; None if it is not known with certainty.

        It includes everything that this process has notified. Events of other processes may be
        missing while their notification is in transit; while the broker is down, no head is known.
        """
        topic = self._topics.get(slug)
        if topic is None or topic.is_ended:
            return None
        if not self._is_connected():
            self._outages += 1
            self._invalidate_heads(topic)
        if not topic.is_head_known:
            return None
        # Reading the clock is too slow here: the next poll notes the time.
        topic.was_requested = True
        return topic.head

    async def follow(self, slug: str, head: Cursor) -> None:
        """Follow a coverage for a minute, and return once its head is known, if it can be.

        Args:
            slug: the coverage.
            head: the head of its journal as just read.
        """
        if self._connection() is None:
            return
        with self.topic(slug, head) as topic:
            if not topic.is_head_known:
                self._read_up_to(slug, topic.head.seq + 1)
            if reading := self._reading.get(topic):
                await asyncio.wait({reading})

    def notify(self, slug: str, seq: int) -> None:
        """Note that a journal has reached a seq; from now on `head_of` returns no older head."""
        topic = self._topics.get(slug)
        if topic is not None and seq > topic.head.seq:
            topic.notified = max(topic.notified, seq)
            self._read_up_to(slug, seq)

    def end(self, slug: str) -> None:
        """End the topic of a coverage that was withdrawn, after the commit.

        Later topics of it end with their first reading.
        """
        if topic := self._topics.get(slug):
            self._end(topic)

    @contextmanager
    def topic(self, slug: str, head: Cursor) -> Iterator[Topic]:
        """Return a topic, counted as having one more subscriber during the block.

        Args:
            slug: the coverage.
            head: the head of its journal as just read.
        """
        topic = self.acquire(slug, head)
        try:
            yield topic
        finally:
            self.release(topic)

    def acquire(self, slug: str, head: Cursor) -> Topic:
        """Add a subscriber to a topic, opened if necessary; the caller must `release` it later."""
        topic = self._topics.get(slug)
        if topic is not None and topic.head.epoch != head.epoch:
            self._end(topic)  # its journal gets no more notifications
        if topic is not None:
            self._idle.pop(topic, None)
        if topic is None or topic.is_ended:
            topic = self._topics[slug] = Topic(slug, head, self._config)
            topic.is_ended = self.is_closing
            # No topic was there to be notified of commits since the head was read.
            self._read_up_to(slug, head.seq + 1)
        self.notify(slug, head.seq)
        topic.subscribers += 1
        return topic

    def release(self, topic: Topic) -> None:
        """Remove a subscriber from a topic; the last one leaves it idle."""
        topic.subscribers -= 1
        if topic.subscribers == 0 and self._topics.get(topic.slug) is topic:
            self._keep_idle(topic)
            if len(self._idle) > self._config.idle_topics:
                self._forget(next(iter(self._idle)))

    def _keep_idle(self, topic: Topic) -> None:
        topic.idle_since = asyncio.get_running_loop().time()
        self._idle.pop(topic, None)
        self._idle[topic] = None

    async def _listen(self) -> None:
        while True:
            try:
                async for slug, seq in self._notifications():
                    if slug.startswith(WITHDRAWAL):
                        self.end(slug.removeprefix(WITHDRAWAL))
                    else:
                        self.notify(slug, seq)
            except Exception:  # noqa: BLE001 - no stream would get events without this task
                _log.exception("notifications cannot be received; trying again")
                await asyncio.sleep(self._config.poll)
            else:
                return  # the broker was closed

    async def _poll(self) -> None:
        config = self._config
        while True:
            await asyncio.sleep(config.poll if self._is_connected() else config.poll_disconnected)
            self._forget_idle()
            connection = self._connection()
            if connection is None:
                self._invalidate_heads(*self._topics.values())
            topics = dict(self._topics)
            if not topics:
                continue
            try:
                heads = await self._read_heads(list(topics))
            except Exception:  # noqa: BLE001 - whatever it was, the next poll may succeed
                _log.exception("the heads cannot be read; trying again")
                self._invalidate_heads(*topics.values())
                continue
            for slug, topic in topics.items():  # not topics opened meanwhile: they were not read
                head = heads.get(slug)
                if head is None or head.epoch != topic.head.epoch:
                    self._end(topic)  # clients reload the page
                else:
                    self.notify(slug, head.seq)
                    topic.is_head_known = self._is_head_known(topic, connection)

    def _end(self, topic: Topic) -> None:
        topic.end()
        self._invalidate_heads(topic)
        self._on_redaction(topic.slug)
        self._on_end(topic)

    def _forget_idle(self) -> None:
        now = asyncio.get_running_loop().time()
        for topic in list(self._idle):
            if topic.was_requested:
                topic.was_requested = False
                self._keep_idle(topic)
            elif now - topic.idle_since > self._config.linger:
                self._forget(topic)

    def _forget(self, topic: Topic) -> None:
        self._idle.pop(topic, None)
        if self._topics.get(topic.slug) is topic:
            del self._topics[topic.slug]
            self._on_head_change(topic.slug)
            self._on_redaction(topic.slug)

    def _invalidate_heads(self, *topics: Topic) -> None:
        for topic in topics:
            topic.is_head_known = False
            self._on_head_change(topic.slug)

    def _is_head_known(self, topic: Topic, connection: int | None) -> bool:
        # If the broker was down in between, a notification may have been lost.
        is_same = connection is not None and self._connection() == connection
        return is_same and topic.notified <= topic.head.seq

    def _connection(self) -> int | None:
        """The number of the current connection to the broker; None while it is down."""
        if self._is_connected():
            return self._outages
        self._outages += 1
        return None

    def _read_up_to(self, slug: str, seq: int) -> None:
        topic = self._topics.get(slug)
        if topic is None or seq <= topic.head.seq:
            return
        topic.read_target = max(topic.read_target, seq)
        self._invalidate_heads(topic)
        if topic not in self._reading:
            self._reading[topic] = asyncio.create_task(self._read_new_events(topic))

    async def _read_new_events(self, topic: Topic) -> None:
        page = self._config.follow_page
        try:
            while topic.read_target > topic.head.seq:
                # The reading may miss events notified while it runs: they cause another one.
                target, topic.read_target = topic.read_target, 0
                connection = self._connection()
                reading = await self.read_since(topic.slug, topic.head, page)
                if reading.is_withdrawn:
                    self._end(topic)
                    return
                if events := reading.events:  # else subscribers would be woken without need
                    topic.extend(events, reading.head)
                    if any(map(is_redaction, events)):
                        self._on_redaction(topic.slug)
                    self._on_growth(topic)
                if len(events) == page:
                    topic.read_target = max(topic.read_target, target)
                topic.is_head_known = self._is_head_known(topic, connection)
        except Exception:  # noqa: BLE001 - whatever it was, the poll tries again
            _log.exception("the journal of %s cannot be read; trying again", topic.slug)
        finally:
            # Not in a callback: a notification before the callback runs would start no reading.
            del self._reading[topic]

    async def read_since(self, slug: str, after: Cursor, limit: int) -> Reading:
        """Read the journal's events after a cursor, `limit` at most, and count the reading."""
        self._metrics.readings.inc()
        return await self._read_since(slug, after, limit)

    async def backfill(self, topic: Topic) -> None:
        """Fill a topic's buffer as far back as its limits allow, once for all that resume."""
        if topic.is_backfilled:
            return
        if topic not in self._backfills:
            self._backfills[topic] = asyncio.create_task(self._read_earlier_events(topic))
        # Shielded: a client that leaves does not cancel the reading for the others.
        await asyncio.shield(self._backfills[topic])

    async def _read_earlier_events(self, topic: Topic) -> None:
        try:
            while (page := topic.page_before()) is not None and not topic.is_ended:
                after, count = page
                retractions = topic.retractions
                reading = await self.read_since(topic.slug, after, count)
                if topic.page_before() == page and topic.retractions == retractions:
                    topic.backfill(reading.events, reading.head)
        finally:
            del self._backfills[topic]
