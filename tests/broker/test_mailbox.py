"""Promises of one consumer's rings."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from app.broker.broker import Notification
from app.broker.notifier import Mailbox

_rings = st.builds(Notification, st.sampled_from(["a", "b", "c"]), st.integers(1, 20))


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
    mailbox, taken = Mailbox(), []
    for step in steps:
        if step is not None:
            mailbox.put(step)
        elif len(mailbox):
            taken.append(await anext(mailbox))
    mailbox.close()
    return taken + [ring async for ring in mailbox]


async def test_a_desk_is_heard_by_whichever_clock():
    """A process whose clock is behind rings as well; only a ring that comes back is left out."""
    mailbox, heard = Mailbox(), []
    for seq in (100, 100, 99, 101, 101):
        mailbox.put(Notification("~a", seq))
        heard += [(await anext(mailbox)).seq for _ in range(len(mailbox))]
    assert heard == [100, 99, 101]


async def test_topics_are_given_in_the_order_in_which_they_first_rang():
    """A topic that rings again keeps its place, so none can push the others back."""
    mailbox = Mailbox()
    for topic, seq in [("a", 1), ("b", 1), ("a", 2), ("c", 1), ("b", 2)]:
        mailbox.put(Notification(topic, seq))
    mailbox.close()
    heard = [(ring.topic, ring.seq) async for ring in mailbox]
    assert heard == [("a", 2), ("b", 2), ("c", 1)]


async def test_a_wait_that_is_given_up_takes_no_ring_along():
    """A consumer may wait with a timeout, and still hears the next ring."""
    mailbox = Mailbox()
    waiting = asyncio.create_task(anext(mailbox))
    await asyncio.sleep(0)
    waiting.cancel()
    mailbox.put(Notification("a", 1))
    assert await anext(mailbox) == Notification("a", 1)
