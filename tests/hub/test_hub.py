"""The hub on a real database: notifications, polls, limits, outages and shutdown."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.formats.public_json import PublicJson
from app.formats.websocket import MessageEncoder
from app.formats.wires import Wire
from app.hub.config import HubConfig
from app.hub.hub import Hub
from app.hub.subscriber import Reading
from app.store.coverages import find_coverage, read_heads, save_coverage
from app.store.engine import Store
from app.store.journal import read_since
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from tests.record import Record
from tests.servers import PostgresServer

FOREVER = 60.0
# A hub that only follows notifications, and one that polls often.
BY_NOTIFICATION = HubConfig(poll=FOREVER, poll_disconnected=FOREVER)
BY_POLL = HubConfig(poll=0.02, poll_disconnected=0.02)


class Harness:
    """A hub on a store, with notifications that the test sends."""

    def __init__(self, store: Store, config: HubConfig = BY_NOTIFICATION) -> None:
        self.store = store
        self.queue: asyncio.Queue[tuple[str, int] | Exception] = asyncio.Queue()
        self.is_connected = True
        self.readings = 0
        self.hub = Hub(
            read_since=self._since,
            read_heads=self._heads,
            notifications=self._notifications,
            is_connected=lambda: self.is_connected,
            encoders={Wire.WEBSOCKET_MESSAGES: MessageEncoder(PublicJson(""))},
            config=config,
            now=lambda: datetime.now(UTC),
            render=lambda *_: b"",
        )

    # A test may replace `read_since` and `read_heads`.
    async def _since(self, slug: str, after: Cursor, limit: int) -> Reading:
        return await self.read_since(slug, after, limit)

    async def _heads(self, slugs: Collection[str]) -> Mapping[str, Cursor]:
        return await self.read_heads(slugs)

    async def read_since(self, slug: str, after: Cursor, limit: int) -> Reading:
        self.readings += 1
        async with self.store.reading() as session:
            events = await read_since(session, slug, after, limit)
            heads = await read_heads(session, [slug])
        return Reading(events, heads[slug].seq if slug in heads else after.seq)

    async def read_heads(self, slugs: Collection[str]) -> Mapping[str, Cursor]:
        async with self.store.reading() as session:
            return await read_heads(session, slugs)

    async def _notifications(self) -> AsyncIterator[tuple[str, int]]:
        while True:
            notification = await self.queue.get()
            if isinstance(notification, Exception):
                raise notification
            yield notification

    @asynccontextmanager
    async def following(self, record: Record, seq: int = 0) -> AsyncIterator["EventReader"]:
        """Subscribe to a coverage after `seq`."""
        head = record.desk.coverage.cursor
        with self.hub.subscription(record.slug, head, Wire.WEBSOCKET_MESSAGES, seq) as subscriber:
            yield EventReader(subscriber)


class EventReader:
    """Reads the events of a stream."""

    def __init__(self, subscriber) -> None:
        self.subscriber = subscriber

    async def read(self, count: int) -> list[int]:
        """Return the seqs of the next events, at least `count` of them."""
        seqs: list[int] = []
        async with asyncio.timeout(FOREVER):
            while len(seqs) < count:
                frames = await self.subscriber.frames(FOREVER)
                assert frames is not None, "the stream ended"
                seqs += [json.loads(frame)["seq"] for frame in frames]
        return seqs


@pytest.fixture
async def harness(store: Store) -> AsyncIterator[Harness]:
    """A running hub that only follows notifications."""
    harness = Harness(store)
    async with harness.hub.running():
        yield harness


@pytest.fixture
def _quiet() -> Iterator[None]:
    """Silence the expected errors about an outage."""
    log = logging.getLogger("app.hub.follower")
    log.disabled = True
    yield
    log.disabled = False


@pytest.fixture
async def polling_harness(store: Store, _quiet: None) -> AsyncIterator[Harness]:
    """A running hub that polls often."""
    harness = Harness(store, BY_POLL)
    async with harness.hub.running():
        yield harness


@pytest.fixture
async def record(store: Store) -> Record:
    """An open coverage."""
    return await Record(store).open()


async def test_the_bell_brings_what_was_committed(harness: Harness, record: Record):
    """A notification delivers a committed event to every stream with one reading of the journal."""
    async with harness.following(record, 1) as one, harness.following(record, 1) as two:
        async with asyncio.timeout(FOREVER):
            while not harness.readings or harness.hub.follower.is_reading:  # noqa: ASYNC110
                await asyncio.sleep(0.005)  # the first reading of the topic
        readings = harness.readings
        await record.publish("One")
        harness.queue.put_nowait((record.slug, 2))
        assert await one.read(1) == await two.read(1) == [2]
        assert harness.readings == readings + 1


async def test_one_ring_brings_all_there_is(store: Store, record: Record):
    """One notification is enough for several pages of events."""
    harness = Harness(store, replace(BY_NOTIFICATION, follow_page=3))
    async with harness.hub.running(), harness.following(record, 1) as reader:
        for number in range(10):
            await record.publish(f"{number}")
        harness.queue.put_nowait((record.slug, 11))
        assert await reader.read(10) == list(range(2, 12))


async def test_what_was_committed_while_a_stream_was_opened_is_not_missed(
    harness: Harness, record: Record
):
    """An event whose notification came before the topic was opened is delivered."""
    head = record.desk.coverage.cursor
    await record.publish("Between the reading of the head and the stream")
    with harness.hub.subscription(
        record.slug, head, Wire.WEBSOCKET_MESSAGES, head.seq
    ) as subscriber:
        assert await EventReader(subscriber).read(1) == [2]


async def test_a_ring_during_a_reading_asks_for_another(store: Store, record: Record):
    """A notification during a reading causes another one, without waiting for the poll."""
    harness = Harness(store)
    original = harness.read_since

    async def read_then_commit(slug: str, after: Cursor, limit: int) -> Reading:
        reading = await original(slug, after, limit)
        if after.seq == 1 and not reading.events:
            await record.publish("One")
            harness.queue.put_nowait((slug, 2))
            await asyncio.sleep(0.01)
        return reading

    harness.read_since = read_then_commit
    async with harness.hub.running(), harness.following(record, 1) as reader:
        assert await reader.read(1) == [2]


@pytest.mark.parametrize("is_connected", [True, False])
async def test_a_lost_ring_is_healed_by_the_poll(
    polling_harness: Harness, record: Record, is_connected: bool
):
    """The poll heals a lost notification, whether or not the broker is known to be disconnected."""
    polling_harness.is_connected = is_connected
    async with polling_harness.following(record, 1) as reader:
        await record.publish("One")
        assert await reader.read(1) == [2]


async def test_a_bell_that_breaks_is_heard_again(polling_harness: Harness, record: Record):
    """A failing notification source is subscribed again, and no stream ends."""

    async def fail_to_read(_slugs: Collection[str]) -> Mapping[str, Cursor]:
        raise RuntimeError("the heads cannot be read")

    polling_harness.queue.put_nowait(RuntimeError("the source of notifications failed"))
    async with polling_harness.following(record, 1) as reader:
        await record.publish("One")
        assert await reader.read(1) == [2]
        while not polling_harness.queue.empty():  # noqa: ASYNC110  for one poll
            await asyncio.sleep(0.005)
        polling_harness.read_heads = fail_to_read  # from here on the poll cannot heal
        await record.publish("Two")
        polling_harness.queue.put_nowait((record.slug, 3))
        assert await reader.read(1) == [3]


@pytest.mark.usefixtures("_quiet")
async def test_a_database_that_comes_back_is_followed_again(postgres: PostgresServer):
    """Streams stay open during a database outage and miss no event."""
    store = Store(postgres.fresh_database())
    await store.migrate()
    record = await Record(store).open()
    harness = Harness(store, BY_POLL)
    async with harness.hub.running(), harness.following(record, 1) as reader:
        await record.publish("Before")
        assert await reader.read(1) == [2]
        postgres.stop()
        harness.queue.put_nowait((record.slug, 3))
        assert await reader.subscriber.frames(0.1) == []
        postgres.start()
        await record.publish("After")
        assert await reader.read(1) == [3]
    await store.close()


async def test_a_journal_that_was_replaced_sends_its_streams_away(
    polling_harness: Harness, record: Record
):
    """If the journal's epoch changes, as after a restored backup, its streams end."""
    async with polling_harness.following(record, 1) as reader:
        coverage = replace(record.desk.coverage, cursor=Cursor("e2", 1))
        async with record.store.writing() as session:
            await save_coverage(session, coverage)
        async with asyncio.timeout(FOREVER):
            while await reader.subscriber.frames(FOREVER) is not None:
                pass
        async with record.store.reading() as session:
            head = (await find_coverage(session, record.slug)).cursor
        with polling_harness.hub.subscription(
            record.slug, head, Wire.WEBSOCKET_MESSAGES, 1
        ) as subscriber:
            assert await subscriber.frames(0.05) == []


async def test_a_stream_of_the_new_life_ends_those_of_the_old_one(harness: Harness, record: Record):
    """A subscription to a new epoch ends the streams of the old one."""
    async with harness.following(record, 1) as reader:
        with harness.hub.subscription(record.slug, Cursor("e2", 1), Wire.WEBSOCKET_MESSAGES, 1):
            assert await reader.subscriber.frames(FOREVER) is None


async def test_a_topic_that_is_opened_during_a_poll_stays_open(store: Store, record: Record):
    """A topic that is opened during a poll stays open, although the poll's answer lacks it."""
    other = await Record(store).open()
    harness = Harness(store, BY_POLL)
    original = harness.read_heads
    requested, release = asyncio.Event(), asyncio.Event()

    async def heads(slugs: Collection[str]) -> Mapping[str, Cursor]:
        stored_heads = await original(slugs)
        requested.set()
        await release.wait()
        return stored_heads

    harness.read_heads = heads
    async with harness.hub.running(), harness.following(record, 1):
        await requested.wait()
        async with harness.following(other, 1) as reader:
            requested.clear()
            release.set()
            await requested.wait()
            await other.publish("One")
            assert await reader.read(1) == [2]


async def test_waiting_ends_with_the_next_event(harness: Harness, record: Record):
    """`wait` ends with the next event, not with a late notification of one that the caller has."""
    stale = record.desk.coverage.cursor
    async with harness.following(record, 1):
        await asyncio.sleep(0.05)
        await record.publish("One")
        head = record.desk.coverage.cursor
        waiting = asyncio.create_task(harness.hub.wait(record.slug, head, FOREVER))
        harness.queue.put_nowait((record.slug, head.seq))
        await harness.hub.wait(record.slug, stale, FOREVER)
        await asyncio.sleep(0.02)
        assert not waiting.done()
        await record.publish("Two")
        harness.queue.put_nowait((record.slug, head.seq + 1))
        async with asyncio.timeout(FOREVER):
            await waiting


async def test_waiting_ends_when_the_patience_does(harness: Harness, record: Record):
    """`wait` ends after its time-out if nothing is published."""
    async with asyncio.timeout(FOREVER):
        await harness.hub.wait(record.slug, record.desk.coverage.cursor, 0.05)


async def test_closing_ends_every_stream_now_and_from_now_on(harness: Harness, record: Record):
    """Closing the hub ends waiting streams and every later one."""
    async with harness.following(record, 1) as reader:
        waiting = asyncio.create_task(reader.subscriber.frames(FOREVER))
        await asyncio.sleep(0)
        harness.hub.close()
        assert await waiting is None
    async with harness.following(record, 1) as late_reader:
        assert await late_reader.subscriber.frames(FOREVER) is None


async def test_a_database_that_hangs_does_not_hold_up_the_end(store: Store, record: Record):
    """A reading in progress does not hold up the shutdown."""
    harness = Harness(store)

    async def never(_slug: str, _after: Cursor, _limit: int) -> list[Event]:
        await asyncio.Event().wait()
        return []

    harness.read_since = never
    async with asyncio.timeout(FOREVER):
        async with harness.hub.running(), harness.following(record, 1):
            await asyncio.sleep(0)


async def test_a_topic_without_streams_is_forgotten_after_a_while(store: Store, record: Record):
    """A topic without streams is kept at first and dropped after `linger`."""
    harness = Harness(store, replace(BY_POLL, linger=0.2))
    topics = harness.hub.follower.topics
    async with harness.hub.running():
        async with harness.following(record, 1):
            pass
        assert record.slug in topics
        async with asyncio.timeout(FOREVER):
            while record.slug in topics:  # noqa: ASYNC110  dropped at a poll
                await asyncio.sleep(0.01)
