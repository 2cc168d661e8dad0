"""The mailbox of one consumer."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from app.broker.broker import Notification
from app.broker.notifier import Mailbox

_notifications = st.builds(Notification, st.sampled_from(["a", "b", "c"]), st.integers(1, 20))


@given(st.lists(st.one_of(_notifications, st.none())))
def test_each_topic_ascends_to_its_highest_ring(steps):
    """In any order of puts and reads a topic's seqs ascend and end with the highest."""
    taken = asyncio.run(_take(steps))
    for topic in "abc":
        put = [step.seq for step in steps if step and step.topic == topic]
        received = [notification.seq for notification in taken if notification.topic == topic]
        assert received == sorted(set(received))
        assert received[-1:] == [max(put)] if put else received == []


async def _take(steps):
    """Put each notification, or read one where the step is None; then read the rest."""
    mailbox, taken = Mailbox(), []
    for step in steps:
        if step is not None:
            mailbox.put(step)
        elif len(mailbox):
            taken.append(await anext(mailbox))
    mailbox.close()
    return taken + [notification async for notification in mailbox]


async def _take_all(mailbox):
    return [await anext(mailbox) for _ in range(len(mailbox))]


async def test_a_desk_is_heard_by_whichever_clock():
    """A desk topic's seqs may go back, since clocks differ; only repeats are dropped."""
    mailbox, received = Mailbox(), []
    for seq in (100, 100, 99, 101, 101):
        mailbox.put(Notification("~a", seq))
        received += [(await anext(mailbox)).seq for _ in range(len(mailbox))]
    assert received == [100, 99, 101]


async def test_topics_are_given_in_the_order_in_which_they_first_rang():
    """Topics are returned in the order of their first notification, even if one repeats."""
    mailbox = Mailbox()
    for topic, seq in [("a", 1), ("b", 1), ("a", 2), ("c", 1), ("b", 2)]:
        mailbox.put(Notification(topic, seq))
    mailbox.close()
    received = [(notification.topic, notification.seq) async for notification in mailbox]
    assert received == [("a", 2), ("b", 2), ("c", 1)]


async def test_a_wait_that_is_given_up_takes_no_ring_along():
    """A cancelled wait does not lose the next notification."""
    mailbox = Mailbox()
    waiting = asyncio.create_task(anext(mailbox))
    await asyncio.sleep(0)
    waiting.cancel()
    mailbox.put(Notification("a", 1))
    assert await anext(mailbox) == Notification("a", 1)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5))), st.integers(1, 5))
def test_only_the_topics_that_rang_last_are_remembered(put, remembered):
    """A mailbox knows the last seqs of a bounded number of topics, and repeats those of others."""
    mailbox, last = Mailbox(remembered), dict[str, int]()
    for topic, seq in ((f"~{number}", seq) for number, seq in put):
        is_repeated = last.get(topic) == seq
        mailbox.put(Notification(topic, seq))
        assert len(asyncio.run(_take_all(mailbox))) == (not is_repeated)
        if not is_repeated:
            last.pop(topic, None)
            last[topic] = seq
            for forgotten in list(last)[:-remembered]:
                del last[forgotten]


async def test_what_waits_never_goes_back():
    """A lower seq replaces none that waits to be read, even of a topic that is not remembered."""
    mailbox = Mailbox(remembered=1)
    for topic, seq in [("a", 5), ("b", 1), ("a", 4)]:
        mailbox.put(Notification(topic, seq))
    mailbox.close()
    assert [n async for n in mailbox] == [Notification("a", 5), Notification("b", 1)]
