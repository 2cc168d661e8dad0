"""Heads that the hub returns without reading: certain, or None."""

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
from app.hub.subscriber import Reading
from app.timeline.cursor import Cursor
from tests.newsdesk import Newsdesk

SLUG = "apollo-11"
FOREVER = 60.0
# A hub that only follows notifications, and one that polls often.
BY_NOTIFICATION = HubConfig(poll=FOREVER, poll_disconnected=FOREVER)
BY_POLL = HubConfig(poll=0.01, poll_disconnected=0.01)


class DatabaseUnavailable(Exception):
    """The database does not answer."""


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that nothing signals."""
    async with asyncio.timeout(FOREVER):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


class Harness:
    """A hub on newsdesks in memory; each reading takes some turns of the event loop."""

    def __init__(self, turns: int = 1, config: HubConfig = BY_NOTIFICATION) -> None:
        self.desks: dict[str, Newsdesk] = {}
        self.invalidated: list[str] = []
        self.is_connected = True
        self.is_unavailable = False
        self.turns = turns
        self.queue: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self.hub = Hub(
            read_since=self._read_since,
            read_heads=self._read_heads,
            notifications=self._notifications,
            is_connected=lambda: self.is_connected,
            encoders={Wire.SSE_JSON: SseEncoder(PublicJson(""))},
            config=config,
            now=lambda: datetime.now(UTC),
            render=lambda *_: b"",
        )
        self.hub.follower.on_head_change(self.invalidated.append)
        self.open(SLUG)

    def open(self, slug: str, epoch: str = "e1") -> None:
        """Add a coverage with one event."""
        self.desks[slug] = Newsdesk(slug, epoch).act_all([])

    def head(self, slug: str = SLUG) -> Cursor:
        """The true head of the coverage's journal."""
        return self.desks[slug].coverage.cursor

    def commit(self, slug: str = SLUG) -> None:
        """Publish an entry without a notification."""
        self.desks[slug].publish("News")

    def announce(self) -> None:
        """Publish an entry and notify the hub in this process."""
        self.commit()
        self.hub.follower.notify(SLUG, self.head().seq)

    async def follow(self, slug: str = SLUG) -> None:
        """Read a coverage's head and follow it."""
        await self.hub.follower.follow(slug, self.head(slug))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the hub for the length of a block."""
        async with self.hub.running():
            yield

    async def _read_since(self, slug: str, after: Cursor, limit: int) -> Reading:
        for _ in range(self.turns):
            await asyncio.sleep(0)
        if self.is_unavailable:
            raise DatabaseUnavailable
        reading = self.desks[slug].reading(after, limit)
        for _ in range(self.turns):
            await asyncio.sleep(0)
        return reading

    async def _read_heads(self, slugs: Collection[str]) -> Mapping[str, Cursor]:
        if self.is_unavailable:
            raise DatabaseUnavailable
        return {slug: self.head(slug) for slug in slugs}

    async def _notifications(self) -> AsyncIterator[tuple[str, int]]:
        while True:
            yield await self.queue.get()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Silence the expected errors about an outage."""
    logging.getLogger("app.hub.follower").disabled = True
    yield
    logging.getLogger("app.hub.follower").disabled = False


async def test_a_head_is_known_once_its_coverage_is_followed():
    """A head is known once its coverage is followed, and not before."""
    harness = Harness()
    async with harness.running():
        assert harness.hub.follower.head_of(SLUG) is None
        await harness.follow()
        assert harness.hub.follower.head_of(SLUG) == harness.head()


async def test_what_was_committed_between_the_reading_and_the_following_is_in_the_head():
    """An event committed between reading the head and following it is in the known head."""
    harness = Harness()
    async with harness.running():
        head_read = harness.head()
        harness.commit()
        await harness.hub.follower.follow(SLUG, head_read)
        assert harness.hub.follower.head_of(SLUG) == harness.head()


async def test_an_announced_event_makes_the_head_unknown_at_once():
    """An announced event invalidates the head before the call returns; the new one is read."""
    harness = Harness()
    async with harness.running():
        await harness.follow()
        harness.invalidated.clear()
        harness.announce()
        assert harness.invalidated == [SLUG]
        assert harness.hub.follower.head_of(SLUG) is None
        await until(lambda: harness.hub.follower.head_of(SLUG) == harness.head())


async def test_an_event_of_another_process_is_known_when_it_is_heard():
    """An event of another process is in the known head after its notification."""
    harness = Harness()
    async with harness.running():
        await harness.follow()
        harness.commit()
        harness.queue.put_nowait((SLUG, harness.head().seq))
        await until(lambda: harness.hub.follower.head_of(SLUG) == harness.head())


async def test_a_head_read_by_somebody_makes_an_older_one_unknown():
    """A newer head that a caller has read invalidates the older one, so that no page goes back."""
    harness = Harness()
    async with harness.running():
        await harness.follow()
        harness.commit()
        following = asyncio.create_task(harness.follow())
        await asyncio.sleep(0)
        assert harness.hub.follower.head_of(SLUG) is None
        await following
        assert harness.hub.follower.head_of(SLUG) == harness.head()


async def test_a_ring_whose_reading_fails_leaves_the_head_unknown():
    """If the reading after a notification fails, the head is unknown until one succeeds."""
    harness = Harness()
    async with harness.running():
        await harness.follow()
        harness.is_unavailable = True
        harness.announce()
        for _ in range(10):
            await asyncio.sleep(0)
        assert harness.hub.follower.head_of(SLUG) is None
        harness.is_unavailable = False
        await harness.follow()
        assert harness.hub.follower.head_of(SLUG) == harness.head()


async def test_the_poll_finds_the_head_again_after_an_outage():
    """After an outage the poll finds the head without any caller reading it."""
    harness = Harness(config=BY_POLL)
    async with harness.running():
        await harness.follow()
        harness.is_unavailable = True
        harness.announce()
        await until(lambda: harness.hub.follower.head_of(SLUG) is None)
        harness.is_unavailable = False
        await until(lambda: harness.hub.follower.head_of(SLUG) == harness.head())


async def test_while_the_bell_is_down_no_head_is_known():
    """While the broker is disconnected, and until the next reading, no head is known."""
    harness = Harness()
    async with harness.running():
        await harness.follow()
        harness.invalidated.clear()
        harness.is_connected = False
        assert harness.hub.follower.head_of(SLUG) is None
        assert harness.invalidated == [SLUG]
        await harness.follow()
        assert harness.hub.follower.head_of(SLUG) is None
        harness.commit()
        harness.is_connected = True
        assert harness.hub.follower.head_of(SLUG) is None
        await harness.follow()
        assert harness.hub.follower.head_of(SLUG) == harness.head()


async def test_an_outage_of_the_bell_that_nobody_saw_is_healed_by_the_poll():
    """The poll heals a lost notification."""
    harness = Harness(config=BY_POLL)
    async with harness.running():
        await harness.follow()
        harness.commit()
        await until(lambda: harness.hub.follower.head_of(SLUG) == harness.head())


async def test_a_journal_that_was_replaced_has_no_known_head():
    """A replaced journal has no known head until its coverage is followed again."""
    harness = Harness(config=BY_POLL)
    async with harness.running():
        await harness.follow()
        harness.invalidated.clear()
        harness.open(SLUG, "e2")
        await until(lambda: harness.hub.follower.head_of(SLUG) is None)
        assert SLUG in harness.invalidated
        await harness.follow()
        await until(lambda: harness.hub.follower.head_of(SLUG) == harness.head())


@pytest.mark.parametrize("asked_for", ["page", "head", "stream"])
async def test_no_more_coverages_are_followed_than_may_be(asked_for: str):
    """Beyond `idle_topics` the least recently requested topic without a stream is dropped."""
    harness = Harness(config=replace(BY_NOTIFICATION, idle_topics=3))
    slugs = [f"c{number}" for number in range(6)]
    for slug in slugs:
        harness.open(slug)
    follower = harness.hub.follower
    async with harness.running():
        with harness.hub.subscription("c0", harness.head("c0"), Wire.SSE_JSON, 1):
            for slug in slugs:
                if asked_for == "page":
                    await harness.follow(slug)
                elif asked_for == "head":
                    await follower.find_head(slug)
                else:
                    with harness.hub.subscription(slug, harness.head(slug), Wire.SSE_JSON, 1):
                        pass
            assert list(follower.topics) == ["c0", "c3", "c4", "c5"]
            await harness.follow("c3")
            await harness.follow("c1")
            assert set(follower.topics) == {"c0", "c5", "c3", "c1"}
    assert {"c1", "c2", "c4"} <= set(harness.invalidated)


async def test_a_coverage_that_nobody_reads_any_more_is_forgotten():
    """A topic without requests is dropped after `linger`; one whose head is requested stays."""
    harness = Harness(config=replace(BY_POLL, linger=0.3))
    harness.open("idle")
    async with harness.running():
        await harness.follow()
        await harness.follow("idle")
        harness.invalidated.clear()
        async with asyncio.timeout(FOREVER):
            while "idle" not in harness.invalidated:
                assert harness.hub.follower.head_of(SLUG) == harness.head()
                await asyncio.sleep(0.001)
        assert harness.hub.follower.head_of("idle") is None
        assert harness.hub.follower.head_of(SLUG) == harness.head()


STEPS = st.sampled_from(
    ["announce", "commit", "follow", "old", "down", "up", "away", "back", "wait"]
)


@given(turns=st.integers(0, 3), steps=st.lists(st.tuples(STEPS, st.integers(0, 4)), max_size=40))
def test_a_known_head_has_all_that_was_announced_here_or_heard(turns: int, steps):
    """In any interleaving, a known head includes every event announced here or notified."""
    asyncio.run(_run_steps(turns, steps))


async def _run_steps(turns: int, steps: list[tuple[str, int]]) -> None:
    harness = Harness(turns)
    required_seq = 0
    async with harness.running(), asyncio.TaskGroup() as readers:
        old_head = harness.head()
        for step, number in steps:
            if step in {"follow", "old"}:
                head = old_head if step == "old" else harness.head()
                readers.create_task(harness.hub.follower.follow(SLUG, head))
            elif _perform(harness, step):
                required_seq = harness.head().seq
            for _ in range(number):
                await asyncio.sleep(0)
            known = harness.hub.follower.head_of(SLUG)
            assert known is None or (harness.is_connected and known.seq >= required_seq)


def _perform(harness: Harness, step: str) -> bool:
    """Run one step, and return whether heads returned from now on must include its event."""
    match step:
        case "announce":
            harness.announce()
        case "commit":  # in another process; its notification is in transit, or lost
            harness.commit()
            if harness.is_connected:
                harness.queue.put_nowait((SLUG, harness.head().seq))
        case "down" | "up":
            harness.is_connected = step == "up"
        case "away" | "back":
            harness.is_unavailable = step == "away"
    return step == "announce" or (step == "commit" and not harness.is_connected)
