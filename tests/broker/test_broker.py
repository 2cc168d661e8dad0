"""What every broker promises, held by the one in memory and by those on real servers."""

import asyncio

import pytest

from app.broker import Notification
from tests.broker.belfry import Belfry, hear_until


async def test_every_listener_hears_every_ring(belfry: Belfry):
    """Several consumers share a bell and none takes a ring from another."""
    broker = await belfry.hang()
    listeners = [broker.notifications() for _ in range(3)]
    await broker.notify("apollo-11", 1)
    for rings in listeners:
        assert await hear_until(rings, "apollo-11", 1) == [1]


async def test_a_listener_hears_what_rings_before_it_first_waits(belfry: Belfry):
    """Hearing begins with the call, so nothing is lost between it and the first await."""
    broker = await belfry.hang()
    rings = broker.notifications()
    await broker.notify("apollo-11", 7)
    await asyncio.sleep(0)
    assert await anext(rings) == Notification("apollo-11", 7)


async def test_what_rang_before_a_listener_came_is_not_its_business(belfry: Belfry):
    """A newcomer starts at now, because it has just read the journal."""
    broker = await belfry.hang()
    earlier = broker.notifications()
    await broker.notify("earlier", 1)
    await hear_until(earlier, "earlier", 1)
    rings = broker.notifications()
    await broker.notify("later", 1)
    assert await anext(rings) == Notification("later", 1)


async def test_a_topic_never_goes_back(belfry: Belfry):
    """Rings that overtake each other between two processes reach a listener ascending."""
    one, other = await belfry.hang(), await belfry.hang()
    rings = other.notifications()
    for broker, seq in [(one, 2), (other, 1), (other, 5), (one, 4), (one, 6), (other, 3)]:
        await broker.notify("apollo-11", seq)
    await one.notify("apollo-11", 9)
    heard = await hear_until(rings, "apollo-11", 9)
    assert heard == sorted(set(heard))


async def test_a_burst_coalesces_and_its_last_ring_arrives(belfry: Belfry):
    """Ten thousand rings cost a listener a few, and the last is among them."""
    one, other = await belfry.hang(), await belfry.hang()
    rings = other.notifications()
    for seq in range(1, 10_001):
        await one.notify("apollo-11", seq)
    heard = await hear_until(rings, "apollo-11", 10_000)
    assert len(heard) < 100


async def test_a_loud_topic_hides_no_other(belfry: Belfry):
    """While one topic rings without pause, every other one is still heard."""
    one, other = await belfry.hang(), await belfry.hang()
    rings = other.notifications()
    quiet = {f"quiet-{number}" for number in range(100)}
    for seq, topic in enumerate(quiet, start=1):
        await one.notify("loud", seq)
        await one.notify(topic, 1)
    await one.notify("loud", 1_000)
    heard = set()
    async with asyncio.timeout(30):
        while not quiet | {"loud"} <= heard:
            heard.add((await anext(rings)).topic)


async def test_closing_ends_the_iterators(belfry: Belfry):
    """A consumer's loop ends by itself, the waiting one and the one that comes too late."""
    broker = await belfry.hang()
    waiting = asyncio.create_task(_drain(broker.notifications()))
    await asyncio.sleep(0)
    await broker.close()
    async with asyncio.timeout(30):
        assert await waiting == []
        assert await _drain(broker.notifications()) == []


async def test_a_ring_before_the_end_is_still_given(belfry: Belfry):
    """Closing takes away no ring that a listener already had."""
    broker = await belfry.hang()
    rings = broker.notifications()
    await broker.notify("apollo-11", 3)
    await broker.close()
    assert await _drain(rings) == [Notification("apollo-11", 3)]


async def test_opening_and_closing_twice_does_no_harm(belfry: Belfry):
    """Whoever opens or closes the newsroom need not know what was done before."""
    broker = await belfry.hang()
    await broker.open()
    assert broker.is_connected
    await broker.close()
    await broker.close()


async def test_announcing_after_the_end_is_silent(belfry: Belfry):
    """A request that commits while the process leaves gets its answer all the same."""
    broker = await belfry.hang()
    await broker.close()
    await broker.notify("apollo-11", 1)
    await broker.close()


async def test_what_is_no_place_in_a_journal_is_not_announced(belfry: Belfry):
    """A programming mistake shows at the caller, and never reaches the wire."""
    broker = await belfry.hang()
    for topic in ("", "Apollo", "a b", "a:1", "a\n", "a" * 101, "é", "~", "~~~a", "a~"):
        with pytest.raises(ValueError, match="a topic is"):
            await broker.notify(topic, 1)
    for seq in (0, -1, 2**63):
        with pytest.raises(ValueError, match="a seq lies"):
            await broker.notify("apollo-11", seq)


async def _drain(rings):
    return [ring async for ring in rings]
