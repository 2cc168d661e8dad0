"""Promises of the hub on a real record: the bell, the poll, the limits, outages, the end."""

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
from app.store.coverages import find_coverage, read_heads, save_coverage
from app.store.engine import Store
from app.store.journal import read_since
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from tests.record import Record
from tests.servers import PostgresServer

FOREVER = 60.0
# A hub that hears by notifications alone, and one that polls often.
BY_NOTIFICATION = HubConfig(poll=FOREVER, poll_disconnected=FOREVER)
BY_POLL = HubConfig(poll=0.02, poll_disconnected=0.02)


class Tower:
    """A hub on a store, with a bell that the test rings by hand."""

    def __init__(self, store: Store, config: HubConfig = BY_NOTIFICATION) -> None:
        self.store = store
        self.rings: asyncio.Queue[tuple[str, int] | Exception] = asyncio.Queue()
        self.bell_is_up = True
        self.readings = 0
        self.hub = Hub(
            read_since=self._since,
            read_heads=self._heads,
            notifications=self._bell,
            is_connected=lambda: self.bell_is_up,
            encoders={Wire.WEBSOCKET_MESSAGES: MessageEncoder(PublicJson(""))},
            config=config,
            now=lambda: datetime.now(UTC),
            render=lambda *_: b"",
        )

    # A test may put readers of its own in the place of these two.
    async def _since(self, slug: str, after: Cursor, limit: int) -> list[Event]:
        return await self.read_since(slug, after, limit)

    async def _heads(self, slugs: Collection[str]) -> Mapping[str, Cursor]:
        return await self.read_heads(slugs)

    async def read_since(self, slug: str, after: Cursor, limit: int) -> list[Event]:
        self.readings += 1
        async with self.store.reading() as session:
            return await read_since(session, slug, after, limit)

    async def read_heads(self, slugs: Collection[str]) -> Mapping[str, Cursor]:
        async with self.store.reading() as session:
            return await read_heads(session, slugs)

    async def _bell(self) -> AsyncIterator[tuple[str, int]]:
        while True:
            ring = await self.rings.get()
            if isinstance(ring, Exception):
                raise ring
            yield ring

    @asynccontextmanager
    async def following(self, record: Record, seq: int = 0) -> AsyncIterator["Ear"]:
        """A stream of a coverage, from `seq` on."""
        head = record.desk.coverage.cursor
        with self.hub.subscription(record.slug, head, Wire.WEBSOCKET_MESSAGES, seq) as subscriber:
            yield Ear(subscriber)


class Ear:
    """Who listens to a stream."""

    def __init__(self, subscriber) -> None:
        self.subscriber = subscriber

    async def hear(self, count: int) -> list[int]:
        """The seqs of the next events, at least so many."""
        heard: list[int] = []
        async with asyncio.timeout(FOREVER):
            while len(heard) < count:
                frames = await self.subscriber.frames(FOREVER)
                assert frames is not None, "the stream ended"
                heard += [json.loads(frame)["seq"] for frame in frames]
        return heard


@pytest.fixture
async def tower(store: Store) -> AsyncIterator[Tower]:
    """A hub that runs, and hears by notifications alone."""
    place = Tower(store)
    async with place.hub.running():
        yield place


@pytest.fixture
def _quiet() -> Iterator[None]:
    """Complaints about an outage are expected."""
    log = logging.getLogger("app.hub.follower")
    log.disabled = True
    yield
    log.disabled = False


@pytest.fixture
async def poller(store: Store, _quiet: None) -> AsyncIterator[Tower]:
    """A hub that runs and polls often."""
    place = Tower(store, BY_POLL)
    async with place.hub.running():
        yield place


@pytest.fixture
async def record(store: Store) -> Record:
    """An open coverage."""
    return await Record(store).open()


async def test_the_bell_brings_what_was_committed(tower: Tower, record: Record):
    """To everybody, with one reading for all of them."""
    async with tower.following(record, 1) as one, tower.following(record, 1) as two:
        async with asyncio.timeout(FOREVER):
            while not tower.readings or tower.hub.follower.is_reading:  # noqa: ASYNC110
                await asyncio.sleep(0.005)  # the reading with which a topic begins
        readings = tower.readings
        await record.publish("One")
        tower.rings.put_nowait((record.slug, 2))
        assert await one.hear(1) == await two.hear(1) == [2]
        assert tower.readings == readings + 1


async def test_one_ring_brings_all_there_is(store: Store, record: Record):
    """More than one page of it."""
    tower = Tower(store, replace(BY_NOTIFICATION, follow_page=3))
    async with tower.hub.running(), tower.following(record, 1) as ear:
        for number in range(10):
            await record.publish(f"{number}")
        tower.rings.put_nowait((record.slug, 11))
        assert await ear.hear(10) == list(range(2, 12))


async def test_what_was_committed_while_a_stream_was_opened_is_not_missed(
    tower: Tower, record: Record
):
    """Its ring came before there was a topic to ring for."""
    head = record.desk.coverage.cursor
    await record.publish("Between the reading of the head and the stream")
    with tower.hub.subscription(record.slug, head, Wire.WEBSOCKET_MESSAGES, head.seq) as subscriber:
        assert await Ear(subscriber).hear(1) == [2]


async def test_a_ring_during_a_reading_asks_for_another(store: Store, record: Record):
    """What is committed just after the reading's moment is not left to the poll."""
    tower = Tower(store)
    plain = tower.read_since

    async def slowly(slug: str, after: Cursor, limit: int) -> list[Event]:
        found = await plain(slug, after, limit)
        if after.seq == 1 and not found:
            await record.publish("One")
            tower.rings.put_nowait((slug, 2))
            await asyncio.sleep(0.01)
        return found

    tower.read_since = slowly
    async with tower.hub.running(), tower.following(record, 1) as ear:
        assert await ear.hear(1) == [2]


@pytest.mark.parametrize("bell_is_up", [True, False])
async def test_a_lost_ring_is_healed_by_the_poll(poller: Tower, record: Record, bell_is_up: bool):
    """Whether or not the bell is known to be down."""
    poller.bell_is_up = bell_is_up
    async with poller.following(record, 1) as ear:
        await record.publish("One")
        assert await ear.hear(1) == [2]


async def test_a_bell_that_breaks_is_heard_again(poller: Tower, record: Record):
    """Nothing that a bell does ends the streams."""

    async def fail(_slugs: Collection[str]) -> Mapping[str, Cursor]:
        raise RuntimeError("the heads cannot be read")

    poller.rings.put_nowait(RuntimeError("the bell has a crack"))
    async with poller.following(record, 1) as ear:
        await record.publish("One")
        assert await ear.hear(1) == [2]
        while not poller.rings.empty():  # noqa: ASYNC110 - heard within a poll's time
            await asyncio.sleep(0.005)
        poller.read_heads = fail  # no poll heals from here on
        await record.publish("Two")
        poller.rings.put_nowait((record.slug, 3))
        assert await ear.hear(1) == [3]


@pytest.mark.usefixtures("_quiet")
async def test_a_database_that_comes_back_is_followed_again(postgres: PostgresServer):
    """The streams stay open meanwhile, and miss nothing."""
    store = Store(postgres.fresh_database())
    await store.migrate()
    record = await Record(store).open()
    tower = Tower(store, BY_POLL)
    async with tower.hub.running(), tower.following(record, 1) as ear:
        await record.publish("Before")
        assert await ear.hear(1) == [2]
        postgres.stop()
        tower.rings.put_nowait((record.slug, 3))
        assert await ear.subscriber.frames(0.1) == []
        postgres.start()
        await record.publish("After")
        assert await ear.hear(1) == [3]
    await store.close()


async def test_a_journal_that_was_replaced_sends_its_streams_away(poller: Tower, record: Record):
    """A restored backup has another epoch; the clients come back and are reset."""
    async with poller.following(record, 1) as ear:
        coverage = replace(record.desk.coverage, cursor=Cursor("e2", 1))
        async with record.store.writing() as session:
            await save_coverage(session, coverage)
        async with asyncio.timeout(FOREVER):
            while await ear.subscriber.frames(FOREVER) is not None:
                pass
        async with record.store.reading() as session:
            head = (await find_coverage(session, record.slug)).cursor
        with poller.hub.subscription(record.slug, head, Wire.WEBSOCKET_MESSAGES, 1) as subscriber:
            assert await subscriber.frames(0.05) == []


async def test_a_stream_of_the_new_life_ends_those_of_the_old_one(tower: Tower, record: Record):
    """Nothing would ring for them any more."""
    async with tower.following(record, 1) as ear:
        with tower.hub.subscription(record.slug, Cursor("e2", 1), Wire.WEBSOCKET_MESSAGES, 1):
            assert await ear.subscriber.frames(FOREVER) is None


async def test_a_topic_that_is_opened_during_a_poll_stays_open(store: Store, record: Record):
    """The heads that were asked for do not have it, which says nothing about it."""
    other = await Record(store).open()
    tower = Tower(store, BY_POLL)
    plain = tower.read_heads
    asked, answer = asyncio.Event(), asyncio.Event()

    async def heads(slugs: Collection[str]) -> Mapping[str, Cursor]:
        found = await plain(slugs)
        asked.set()
        await answer.wait()
        return found

    tower.read_heads = heads
    async with tower.hub.running(), tower.following(record, 1):
        await asked.wait()
        async with tower.following(other, 1) as ear:
            asked.clear()
            answer.set()
            await asked.wait()
            await other.publish("One")
            assert await ear.hear(1) == [2]


async def test_waiting_ends_with_the_next_event(tower: Tower, record: Record):
    """And not with one that the caller has already, of which this process hears late."""
    stale = record.desk.coverage.cursor
    async with tower.following(record, 1):
        await asyncio.sleep(0.05)
        await record.publish("One")
        head = record.desk.coverage.cursor
        waiting = asyncio.create_task(tower.hub.wait(record.slug, head, FOREVER))
        tower.rings.put_nowait((record.slug, head.seq))
        await tower.hub.wait(record.slug, stale, FOREVER)
        await asyncio.sleep(0.02)
        assert not waiting.done()
        await record.publish("Two")
        tower.rings.put_nowait((record.slug, head.seq + 1))
        async with asyncio.timeout(FOREVER):
            await waiting


async def test_waiting_ends_when_the_patience_does(tower: Tower, record: Record):
    """With nothing new."""
    async with asyncio.timeout(FOREVER):
        await tower.hub.wait(record.slug, record.desk.coverage.cursor, 0.05)


async def test_closing_ends_every_stream_now_and_from_now_on(tower: Tower, record: Record):
    """Who waits is woken, and who comes is sent away."""
    async with tower.following(record, 1) as ear:
        waiting = asyncio.create_task(ear.subscriber.frames(FOREVER))
        await asyncio.sleep(0)
        tower.hub.close()
        assert await waiting is None
    async with tower.following(record, 1) as late:
        assert await late.subscriber.frames(FOREVER) is None


async def test_a_database_that_hangs_does_not_hold_up_the_end(store: Store, record: Record):
    """A reading under way is given up."""
    tower = Tower(store)

    async def never(_slug: str, _after: Cursor, _limit: int) -> list[Event]:
        await asyncio.Event().wait()
        return []

    tower.read_since = never
    async with asyncio.timeout(FOREVER):
        async with tower.hub.running(), tower.following(record, 1):
            await asyncio.sleep(0)


async def test_a_topic_without_streams_is_forgotten_after_a_while(store: Store, record: Record):
    """Who comes back soon finds it, with its buffer."""
    tower = Tower(store, replace(BY_POLL, linger=0.2))
    topics = tower.hub.follower.topics
    async with tower.hub.running():
        async with tower.following(record, 1):
            pass
        assert record.slug in topics
        async with asyncio.timeout(FOREVER):
            while record.slug in topics:  # noqa: ASYNC110 - forgotten at a poll
                await asyncio.sleep(0.01)
