"""Promises of the heads that the hub gives out: known for sure, or not at all."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.public_json import PublicJson
from app.formats.sse import SseEncoder
from app.formats.wires import Wire
from app.hub.config import HubConfig
from app.hub.hub import Hub
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from tests.newsdesk import Newsdesk

SLUG = "apollo-11"
FOREVER = 60.0
# A hub that hears by notifications alone, and one that polls often.
BY_NOTIFICATION = HubConfig(poll=FOREVER, poll_disconnected=FOREVER)
BY_POLL = HubConfig(poll=0.01, poll_disconnected=0.01)


class DatabaseAway(Exception):
    """The database does not answer."""


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that tells nobody of its changes."""
    async with asyncio.timeout(FOREVER):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


class Watch:
    """A hub on newsdesks in memory, each reading of which takes some turns of the loop."""

    def __init__(self, turns: int = 1, config: HubConfig = BY_NOTIFICATION) -> None:
        self.desks: dict[str, Newsdesk] = {}
        self.moved: list[str] = []
        self.bell_is_up = True
        self.is_away = False
        self.turns = turns
        self.rings: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self.hub = Hub(
            read_since=self._read_since,
            read_heads=self._read_heads,
            notifications=self._bell,
            is_connected=lambda: self.bell_is_up,
            encoders={Wire.SSE_JSON: SseEncoder(PublicJson(""))},
            config=config,
            now=lambda: datetime.now(UTC),
            render=lambda *_: b"",
        )
        self.hub.follower.on_head_change(self.moved.append)
        self.open(SLUG)

    def open(self, slug: str, epoch: str = "e1") -> None:
        """A coverage with one event."""
        self.desks[slug] = Newsdesk(slug, epoch).act_all([])

    def head(self, slug: str = SLUG) -> Cursor:
        """Where its journal really ends."""
        return self.desks[slug].coverage.cursor

    def commit(self, slug: str = SLUG) -> None:
        """Publish an entry, and tell nobody."""
        self.desks[slug].publish("News")

    def announce(self) -> None:
        """Publish an entry and say so, as this process does it."""
        self.commit()
        self.hub.follower.notify(SLUG, self.head().seq)

    async def follow(self, slug: str = SLUG) -> None:
        """Read a coverage and follow it."""
        await self.hub.follower.follow(slug, self.head(slug))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """With the hub listening."""
        async with self.hub.running():
            yield

    async def _read_since(self, slug: str, after: Cursor, limit: int) -> list[Event]:
        for _ in range(self.turns):
            await asyncio.sleep(0)
        if self.is_away:
            raise DatabaseAway
        found = self.desks[slug].since(after, limit)
        for _ in range(self.turns):
            await asyncio.sleep(0)
        return found

    async def _read_heads(self, slugs: Collection[str]) -> Mapping[str, Cursor]:
        if self.is_away:
            raise DatabaseAway
        return {slug: self.head(slug) for slug in slugs}

    async def _bell(self) -> AsyncIterator[tuple[str, int]]:
        while True:
            yield await self.rings.get()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Complaints about an outage are expected."""
    logging.getLogger("app.hub.follower").disabled = True
    yield
    logging.getLogger("app.hub.follower").disabled = False


async def test_a_head_is_known_once_its_coverage_is_followed():
    """And not before."""
    watch = Watch()
    async with watch.running():
        assert watch.hub.follower.head_of(SLUG) is None
        await watch.follow()
        assert watch.hub.follower.head_of(SLUG) == watch.head()


async def test_what_was_committed_between_the_reading_and_the_following_is_in_the_head():
    """It rang for nobody here."""
    watch = Watch()
    async with watch.running():
        read = watch.head()
        watch.commit()
        await watch.hub.follower.follow(SLUG, read)
        assert watch.hub.follower.head_of(SLUG) == watch.head()


async def test_an_announced_event_makes_the_head_unknown_at_once():
    """What hangs on it is told before the call returns, and the new head comes by itself."""
    watch = Watch()
    async with watch.running():
        await watch.follow()
        watch.moved.clear()
        watch.announce()
        assert watch.moved == [SLUG]
        assert watch.hub.follower.head_of(SLUG) is None
        await until(lambda: watch.hub.follower.head_of(SLUG) == watch.head())


async def test_an_event_of_another_process_is_known_when_it_is_heard():
    """By its ring."""
    watch = Watch()
    async with watch.running():
        await watch.follow()
        watch.commit()
        watch.rings.put_nowait((SLUG, watch.head().seq))
        await until(lambda: watch.hub.follower.head_of(SLUG) == watch.head())


async def test_a_head_read_by_somebody_makes_an_older_one_unknown():
    """So that nobody who has seen an event is shown a page without it."""
    watch = Watch()
    async with watch.running():
        await watch.follow()
        watch.commit()
        following = asyncio.create_task(watch.follow())
        await asyncio.sleep(0)
        assert watch.hub.follower.head_of(SLUG) is None
        await following
        assert watch.hub.follower.head_of(SLUG) == watch.head()


async def test_a_ring_whose_reading_fails_leaves_the_head_unknown():
    """Until the database is back and somebody reads."""
    watch = Watch()
    async with watch.running():
        await watch.follow()
        watch.is_away = True
        watch.announce()
        for _ in range(10):
            await asyncio.sleep(0)
        assert watch.hub.follower.head_of(SLUG) is None
        watch.is_away = False
        await watch.follow()
        assert watch.hub.follower.head_of(SLUG) == watch.head()


async def test_the_poll_finds_the_head_again_after_an_outage():
    """Without anybody reading."""
    watch = Watch(config=BY_POLL)
    async with watch.running():
        await watch.follow()
        watch.is_away = True
        watch.announce()
        await until(lambda: watch.hub.follower.head_of(SLUG) is None)
        watch.is_away = False
        await until(lambda: watch.hub.follower.head_of(SLUG) == watch.head())


async def test_while_the_bell_is_down_no_head_is_known():
    """Nor afterwards, until somebody has read what may have rung for nobody."""
    watch = Watch()
    async with watch.running():
        await watch.follow()
        watch.moved.clear()
        watch.bell_is_up = False
        assert watch.hub.follower.head_of(SLUG) is None
        assert watch.moved == [SLUG]
        await watch.follow()
        assert watch.hub.follower.head_of(SLUG) is None
        watch.commit()
        watch.bell_is_up = True
        assert watch.hub.follower.head_of(SLUG) is None
        await watch.follow()
        assert watch.hub.follower.head_of(SLUG) == watch.head()


async def test_an_outage_of_the_bell_that_nobody_saw_is_healed_by_the_poll():
    """So is a ring that was lost."""
    watch = Watch(config=BY_POLL)
    async with watch.running():
        await watch.follow()
        watch.commit()
        await until(lambda: watch.hub.follower.head_of(SLUG) == watch.head())


async def test_a_journal_that_was_replaced_has_no_known_head():
    """Until its coverage is read anew."""
    watch = Watch(config=BY_POLL)
    async with watch.running():
        await watch.follow()
        watch.moved.clear()
        watch.open(SLUG, "e2")
        await until(lambda: watch.hub.follower.head_of(SLUG) is None)
        assert SLUG in watch.moved
        await watch.follow()
        await until(lambda: watch.hub.follower.head_of(SLUG) == watch.head())


async def test_no_more_coverages_are_followed_than_may_be():
    """Of those that are only read the one asked for longest ago is given up, and never a stream."""
    watch = Watch(config=replace(BY_NOTIFICATION, idle_topics=3))
    names = [f"c{number}" for number in range(6)]
    async with watch.running():
        for name in names:
            watch.open(name)
            # Each at a later moment of the loop's clock.
            now = asyncio.get_running_loop().time()
            await until(lambda now=now: asyncio.get_running_loop().time() > now)
            if name == "c0":
                line = watch.hub.subscription(name, watch.head(name), Wire.SSE_JSON, 1)
                line.__enter__()
            await watch.follow(name)
        known = [name for name in names if watch.hub.follower.head_of(name)]
        line.__exit__(None, None, None)
    assert known == ["c0", "c3", "c4", "c5"]
    assert {"c1", "c2"} <= set(watch.moved)


async def test_a_coverage_that_nobody_reads_any_more_is_forgotten():
    """And what hangs on its head with it; one whose head is asked for is kept."""
    watch = Watch(config=replace(BY_POLL, linger=0.3))
    watch.open("idle")
    async with watch.running():
        await watch.follow()
        await watch.follow("idle")
        watch.moved.clear()
        async with asyncio.timeout(FOREVER):
            while "idle" not in watch.moved:
                assert watch.hub.follower.head_of(SLUG) == watch.head()
                await asyncio.sleep(0.001)
        assert watch.hub.follower.head_of("idle") is None
        assert watch.hub.follower.head_of(SLUG) == watch.head()


DEEDS = st.sampled_from(
    ["announce", "commit", "follow", "old", "down", "up", "away", "back", "wait"]
)


@given(turns=st.integers(0, 3), deeds=st.lists(st.tuples(DEEDS, st.integers(0, 4)), max_size=40))
def test_a_known_head_has_all_that_was_announced_here_or_heard(turns: int, deeds):
    """In any interleaving of commits, late rings, readings old and new, and outages of both."""
    asyncio.run(_act_out(turns, deeds))


async def _act_out(turns: int, deeds: list[tuple[str, int]]) -> None:
    watch = Watch(turns)
    must_have = 0
    async with watch.running(), asyncio.TaskGroup() as readers:
        old = watch.head()
        for deed, number in deeds:
            if deed in {"follow", "old"}:
                head = old if deed == "old" else watch.head()
                readers.create_task(watch.hub.follower.follow(SLUG, head))
            elif _do(watch, deed):
                must_have = watch.head().seq
            for _ in range(number):
                await asyncio.sleep(0)
            known = watch.hub.follower.head_of(SLUG)
            assert known is None or (watch.bell_is_up and known.seq >= must_have)


def _do(watch: Watch, deed: str) -> bool:
    """One deed; says whether every head that is given out from now on has to have what it did."""
    match deed:
        case "announce":
            watch.announce()
        case "commit":  # in another process; its ring is on its way, or lost
            watch.commit()
            if watch.bell_is_up:
                watch.rings.put_nowait((SLUG, watch.head().seq))
        case "down" | "up":
            watch.bell_is_up = deed == "up"
        case "away" | "back":
            watch.is_away = deed == "away"
    return deed == "announce" or (deed == "commit" and not watch.bell_is_up)
