"""What every broker promises, in memory and on real servers."""

import asyncio

import pytest

from app.broker import Notification
from tests.broker.harness import BrokerHarness, receive_until


async def test_every_listener_hears_every_ring(harness: BrokerHarness):
    """Every consumer receives every notification."""
    broker = await harness.connect()
    listeners = [broker.notifications() for _ in range(3)]
    await broker.notify("apollo-11", 1)
    for notifications in listeners:
        assert await receive_until(notifications, "apollo-11", 1) == [1]


async def test_a_listener_hears_what_rings_before_it_first_waits(harness: BrokerHarness):
    """A consumer receives notifications sent between its call and its first await."""
    broker = await harness.connect()
    notifications = broker.notifications()
    await broker.notify("apollo-11", 7)
    await asyncio.sleep(0)
    assert await anext(notifications) == Notification("apollo-11", 7)


async def test_what_rang_before_a_listener_came_is_not_its_business(harness: BrokerHarness):
    """A consumer does not receive notifications sent before its call."""
    broker = await harness.connect()
    earlier = broker.notifications()
    await broker.notify("earlier", 1)
    await receive_until(earlier, "earlier", 1)
    notifications = broker.notifications()
    await broker.notify("later", 1)
    assert await anext(notifications) == Notification("later", 1)


async def test_a_topic_never_goes_back(harness: BrokerHarness):
    """A topic's seqs reach a consumer in ascending order, from whichever process they come."""
    one, other = await harness.connect(), await harness.connect()
    notifications = other.notifications()
    for broker, seq in [(one, 2), (other, 1), (other, 5), (one, 4), (one, 6), (other, 3)]:
        await broker.notify("apollo-11", seq)
    await one.notify("apollo-11", 9)
    seqs = await receive_until(notifications, "apollo-11", 9)
    assert seqs == sorted(set(seqs))


async def test_a_burst_coalesces_and_its_last_ring_arrives(harness: BrokerHarness):
    """10,000 notifications of a topic are coalesced to fewer than 100, with the last among them."""
    one, other = await harness.connect(), await harness.connect()
    notifications = other.notifications()
    for seq in range(1, 10_001):
        await one.notify("apollo-11", seq)
    seqs = await receive_until(notifications, "apollo-11", 10_000)
    assert len(seqs) < 100


async def test_a_loud_topic_hides_no_other(harness: BrokerHarness):
    """A topic with many notifications does not displace those of other topics."""
    one, other = await harness.connect(), await harness.connect()
    notifications = other.notifications()
    quiet = {f"quiet-{number}" for number in range(100)}
    for seq, topic in enumerate(quiet, start=1):
        await one.notify("loud", seq)
        await one.notify(topic, 1)
    await one.notify("loud", 1_000)
    topics = set()
    async with asyncio.timeout(30):
        while not quiet | {"loud"} <= topics:
            topics.add((await anext(notifications)).topic)


async def test_closing_ends_the_iterators(harness: BrokerHarness):
    """Closing the broker ends waiting and later iterators."""
    broker = await harness.connect()
    waiting = asyncio.create_task(_drain(broker.notifications()))
    await asyncio.sleep(0)
    await broker.close()
    async with asyncio.timeout(30):
        assert await waiting == []
        assert await _drain(broker.notifications()) == []


async def test_a_ring_before_the_end_is_still_given(harness: BrokerHarness):
    """Closing does not discard a notification that a consumer already has."""
    broker = await harness.connect()
    notifications = broker.notifications()
    await broker.notify("apollo-11", 3)
    await broker.close()
    assert await _drain(notifications) == [Notification("apollo-11", 3)]


async def test_opening_and_closing_twice_does_no_harm(harness: BrokerHarness):
    """Opening and closing are idempotent."""
    broker = await harness.connect()
    await broker.open()
    assert broker.is_connected
    await broker.close()
    await broker.close()


async def test_announcing_after_the_end_is_silent(harness: BrokerHarness):
    """Notifying after the close raises no error."""
    broker = await harness.connect()
    await broker.close()
    await broker.notify("apollo-11", 1)
    await broker.close()


async def test_what_is_no_place_in_a_journal_is_not_announced(harness: BrokerHarness):
    """An invalid topic or seq raises ValueError and is not sent."""
    broker = await harness.connect()
    names = ("", "Apollo", "a b", "a:1", "a\n", "a" * 101, "é", "a~")
    marked = ("~", "~~", "~~~", "~~~~a", "~~~A", "~a~~a", "~~~" + "a" * 101)
    for topic in names + marked:
        with pytest.raises(ValueError, match="a topic is"):
            await broker.notify(topic, 1)
    for seq in (0, -1, 2**63):
        with pytest.raises(ValueError, match="a seq lies"):
            await broker.notify("apollo-11", seq)


async def _drain(notifications):
    return [notification async for notification in notifications]
