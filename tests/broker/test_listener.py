"""Promises of one consumer's rings."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from app.broker.broker import Announcement
from app.broker.listener import Listener

_rings = st.builds(Announcement, st.sampled_from(["a", "b", "c"]), st.integers(1, 20))


@given(st.lists(st.one_of(_rings, st.none())))
def test_each_topic_ascends_to_its_highest_ring(steps):
    """Whatever rings and whenever it is taken, a topic's seqs rise and end with the highest."""
    taken = asyncio.run(_take(steps))
    for topic in "abc":
        rung = [step.seq for step in steps if step and step.topic == topic]
        heard = [ring.seq for ring in taken if ring.topic == topic]
        assert heard == sorted(set(heard))
        assert heard[-1:] == [max(rung)] if rung else heard == []


async def _take(steps):
    """Ring at each step, or take one ring where it is None; then take what is left."""
    listener, taken = Listener(), []
    for step in steps:
        if step is not None:
            listener.ring(step)
        elif listener._waiting:
            taken.append(await anext(listener))
    listener.close()
    return taken + [ring async for ring in listener]


async def test_a_desk_is_heard_by_whichever_clock():
    """A process whose clock is behind rings as well; only a ring that comes back is left out."""
    listener, heard = Listener(), []
    for seq in (100, 100, 99, 101, 101):
        listener.ring(Announcement("~a", seq))
        heard += [(await anext(listener)).seq for _ in list(listener._waiting)]
    assert heard == [100, 99, 101]


async def test_topics_are_given_in_the_order_in_which_they_first_rang():
    """A topic that rings again keeps its place, so none can push the others back."""
    listener = Listener()
    for topic, seq in [("a", 1), ("b", 1), ("a", 2), ("c", 1), ("b", 2)]:
        listener.ring(Announcement(topic, seq))
    listener.close()
    heard = [(ring.topic, ring.seq) async for ring in listener]
    assert heard == [("a", 2), ("b", 2), ("c", 1)]


async def test_a_wait_that_is_given_up_takes_no_ring_along():
    """A consumer may wait with a timeout, and still hears the next ring."""
    listener = Listener()
    waiting = asyncio.create_task(anext(listener))
    await asyncio.sleep(0)
    waiting.cancel()
    listener.ring(Announcement("a", 1))
    assert await anext(listener) == Announcement("a", 1)
