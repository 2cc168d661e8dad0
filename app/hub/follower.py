"""The journals that this process follows: a topic each, as far as notifications and polls tell.

Theory of operation. The broker notifies: "coverage so-and-so is at seq n". The follower then reads
the journal since the seq that its topic holds, once for all subscribers, and the topic encodes each
event once per lane. A notification has no payload, so one that is lost, doubled or late costs time
and never truth: a poll of the heads heals it, each second, or four times a second while the broker
is down. A topic is opened by whoever first asks for it, and forgotten a minute after the last
subscriber left.

Cached answers depend on the same heads: a topic that is only read from is followed too (`follow`),
and its head is given out (`head_of`) as long as nothing was notified that it lacks. A notification
makes it unknown at once, before anything is read.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from app.hub.config import HubConfig
from app.hub.metrics import Metrics
from app.hub.subscriber import ReadSince
from app.hub.topic import Topic
from app.timeline.cursor import Cursor
from app.timeline.event import Event

_log = logging.getLogger(__name__)

ReadHeads = Callable[[Collection[str]], Awaitable[Mapping[str, Cursor]]]
Notifications = Callable[[], AsyncIterator[tuple[str, int]]]


class Follower:
    """Topics by slug.

    Args:
        read_since: the journal's events behind a cursor, at most so many.
        read_heads: where the journals of these coverages end.
        notifications: an endless iterator of (slug, seq) pairs.
        is_connected: whether notifications can be relied on now.
        config: times and sizes.
        metrics: where readings are counted.
        on_growth: called with a topic that has taken in new events.
        on_end: called with a topic that is over: its journal was replaced by another.
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
        self._on_redaction: Callable[[str], None] = lambda _slug: None
        self._topics: dict[str, Topic] = {}
        self._reading: dict[Topic, asyncio.Task[None]] = {}
        self._deepening: dict[Topic, asyncio.Task[None]] = {}
        self._head_readings: dict[str, asyncio.Task[Cursor | None]] = {}
        self._outages = 0  # times that the broker was found down
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
        """Listen and poll until cancelled; then give up the readings under way."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                tasks.create_task(self._poll())
        finally:
            # A database that hangs must not delay the end.
            tasks_left = {*self._reading.values(), *self._deepening.values()}
            for task in tasks_left:
                task.cancel()
            if tasks_left:
                await asyncio.wait(tasks_left)

    def close(self) -> None:
        """End every topic, and those that are opened later too."""
        self.is_closing = True
        for topic in self._topics.values():
            topic.end()

    async def find_head(self, slug: str) -> Cursor | None:
        """Where a journal ends; one reading for all who ask at a time. None if there is none."""
        if (known := self.head_of(slug)) is not None:
            return known
        if slug not in self._head_readings:
            self._head_readings[slug] = asyncio.create_task(self._read_head(slug))
        return await asyncio.shield(self._head_readings[slug])

    async def _read_head(self, slug: str) -> Cursor | None:
        try:
            head = (await self._read_heads([slug])).get(slug)
        finally:
            del self._head_readings[slug]
        if head is not None:
            self.leave(self.enter(slug, head))  # followed from now on, for those who come next
        return head

    def on_head_change(self, callback: Callable[[str], None]) -> None:
        """Have this called with a slug as soon as `head_of` no longer gives the head it gave."""
        self._on_head_change = callback

    def on_redaction(self, callback: Callable[[str], None]) -> None:
        """Have this called with a slug when words were retracted, or it is no longer followed."""
        self._on_redaction = callback

    def head_of(self, slug: str) -> Cursor | None:
        """Where a journal ends, without reading; None if that is not known for sure.

        What this process has notified is in it. What another one has may be missing for as long as
        the notification is under way; while the broker is down, nothing is sure.
        """
        topic = self._topics.get(slug)
        if topic is None or topic.is_ended:
            return None
        if not self._is_connected():
            self._outages += 1
            self._invalidate_heads(topic)
        if not topic.is_head_known:
            return None
        topic.was_asked = True  # the time costs more than all the rest: the next poll notes it
        return topic.head

    async def follow(self, slug: str, head: Cursor) -> None:
        """Keep up with a coverage for a minute, and return when its head is known, if it can be.

        Args:
            slug: which coverage.
            head: the head of its journal as just read.
        """
        if self._connection() is None:
            return
        is_new = slug not in self._topics
        with self.topic(slug, head) as topic:
            if not topic.is_head_known:
                self._read_up_to(slug, topic.head.seq + 1)
            if reading := self._reading.get(topic):
                await asyncio.wait({reading})
        if is_new:
            idle = [t for t in self._topics.values() if t.idle_since is not None]
            if len(idle) > self._config.followed:
                self._forget(min(idle, key=lambda topic: topic.idle_since or 0.0))

    def notify(self, slug: str, seq: int) -> None:
        """Say that a journal has reached a seq; from now on no older head is given out."""
        topic = self._topics.get(slug)
        if topic is not None and seq > topic.head.seq:
            topic.notified = max(topic.notified, seq)
            self._read_up_to(slug, seq)

    @contextmanager
    def topic(self, slug: str, head: Cursor) -> Iterator[Topic]:
        """A topic with one more subscriber for the length of a block.

        Args:
            slug: which coverage.
            head: the head of its journal as just read.
        """
        topic = self.enter(slug, head)
        try:
            yield topic
        finally:
            self.leave(topic)

    def enter(self, slug: str, head: Cursor) -> Topic:
        """A topic with one more subscriber, for whom `leave` is to be called."""
        topic = self._topics.get(slug)
        if topic is not None and topic.head.epoch != head.epoch:
            self._end(topic)  # nothing would be notified of it any more
        if topic is None or topic.is_ended:
            topic = self._topics[slug] = Topic(slug, head, self._config)
            topic.is_ended = self.is_closing
            # What was committed since the head was read was notified to nobody.
            self._read_up_to(slug, head.seq + 1)
        self.notify(slug, head.seq)
        topic.subscribers += 1
        topic.idle_since = None
        return topic

    def leave(self, topic: Topic) -> None:
        """One subscriber less."""
        topic.subscribers -= 1
        if topic.subscribers == 0:
            topic.idle_since = asyncio.get_running_loop().time()

    async def _listen(self) -> None:
        while True:
            try:
                async for slug, seq in self._notifications():
                    self.notify(slug, seq)
            except Exception:  # noqa: BLE001 - without this task every stream would fall silent
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
            asked = dict(self._topics)
            if not asked:
                continue
            try:
                heads = await self._read_heads(list(asked))
            except Exception:  # noqa: BLE001 - whatever it was, the next poll may read
                _log.exception("the heads cannot be read; trying again")
                self._invalidate_heads(*asked.values())
                continue
            for slug, topic in asked.items():  # not those opened meanwhile: nobody asked for them
                self._compare(topic, heads.get(slug), connection)

    def _compare(self, topic: Topic, head: Cursor | None, connection: int | None) -> None:
        if head is None or head.epoch != topic.head.epoch:
            self._end(topic)  # clients load anew
        else:
            self.notify(topic.slug, head.seq)
            topic.is_head_known = self._is_head_known(topic, connection)

    def _end(self, topic: Topic) -> None:
        topic.end()
        self._invalidate_heads(topic)
        self._on_redaction(topic.slug)
        self._on_end(topic)

    def _forget_idle(self) -> None:
        now = asyncio.get_running_loop().time()
        for topic in list(self._topics.values()):
            was_asked, topic.was_asked = topic.was_asked, False
            if topic.idle_since is not None:
                topic.idle_since = now if was_asked else topic.idle_since
                if now - topic.idle_since > self._config.linger:
                    self._forget(topic)

    def _forget(self, topic: Topic) -> None:
        if self._topics.get(topic.slug) is topic:
            del self._topics[topic.slug]
            self._on_head_change(topic.slug)
            self._on_redaction(topic.slug)

    def _invalidate_heads(self, *topics: Topic) -> None:
        for topic in topics:
            topic.is_head_known = False
            self._on_head_change(topic.slug)

    def _is_head_known(self, topic: Topic, connection: int | None) -> bool:
        # Where the broker was down in between, something may have been notified to nobody.
        is_same = connection is not None and self._connection() == connection
        return is_same and topic.notified <= topic.head.seq

    def _connection(self) -> int | None:
        """The number of the present connection to the broker; None while it is down."""
        if self._is_connected():
            return self._outages
        self._outages += 1
        return None

    def _read_up_to(self, slug: str, seq: int) -> None:
        topic = self._topics.get(slug)
        if topic is None or seq <= topic.head.seq:
            return
        topic.wanted = max(topic.wanted, seq)
        self._invalidate_heads(topic)
        if topic not in self._reading:
            self._reading[topic] = asyncio.create_task(self._read_news(topic))

    async def _read_news(self, topic: Topic) -> None:
        page = self._config.follow_page
        try:
            while topic.wanted > topic.head.seq:
                # What is notified during the reading may be too late for it, and asks for another.
                wanted, topic.wanted = topic.wanted, 0
                connection = self._connection()
                events = await self.read_since(topic.slug, topic.head, page)
                if events:  # else those who wait would be woken for nothing
                    topic.extend(events)
                    if any(event.type == "entry.retracted" for event in events):
                        self._on_redaction(topic.slug)
                    self._on_growth(topic)
                if len(events) == page:
                    topic.wanted = max(topic.wanted, wanted)
                topic.is_head_known = self._is_head_known(topic, connection)
        except Exception:  # noqa: BLE001 - whatever it was, the poll tries again
            _log.exception("the journal of %s cannot be read; trying again", topic.slug)
        finally:
            # Here and not in a callback: a notification between the two would start no reading.
            del self._reading[topic]

    async def read_since(self, slug: str, after: Cursor, limit: int) -> list[Event]:
        """The journal's events behind a cursor, at most so many; counted."""
        self._metrics.readings.inc()
        return await self._read_since(slug, after, limit)

    async def deepen(self, topic: Topic) -> None:
        """Let a topic's buffer reach back as far as it may: one reading for all who come back."""
        if topic.is_deep:
            return
        if topic not in self._deepening:
            self._deepening[topic] = asyncio.create_task(self._read_back(topic))
        # Shielded: a client that leaves does not cancel the reading for the others.
        await asyncio.shield(self._deepening[topic])

    async def _read_back(self, topic: Topic) -> None:
        try:
            while (page := topic.page_before()) is not None and not topic.is_ended:
                after, count = page
                retractions = topic.retractions
                events = await self.read_since(topic.slug, after, count)
                if topic.page_before() == page and topic.retractions == retractions:
                    topic.deepen(events)
        finally:
            del self._deepening[topic]
