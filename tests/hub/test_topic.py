"""A topic: what a process holds of one coverage."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from app.formats.public_json import PublicJson
from app.formats.websocket import MessageEncoder
from app.formats.wires import Wire
from app.hub.config import HubConfig
from app.hub.topic import Topic
from app.timeline.cursor import Cursor
from tests.newsdesk import Newsdesk
from tests.strategies import Action, actions, series

ENCODER = MessageEncoder(PublicJson(""))


@given(series(actions(), 20), st.integers(1, 8), st.integers(1, 5_000), st.data())
async def test_the_buffer_holds_the_latest_events_as_the_journal_has_them(
    history: list[Action], events: int, size: int, data: st.DataObject
):
    """Every lane has the latest events, redacted, up to both limits and whenever it was opened."""
    desk = Newsdesk().act_all([])
    config = HubConfig(buffer_events=events, buffer_bytes=size)
    topic = Topic("apollo-11", Cursor("e1", 0), config)
    early = topic.lane(Wire.SSE_JSON, ENCODER)
    for action in history:
        desk.act(action)
        if data.draw(st.booleans()):
            topic.extend(desk.since(topic.head, 10**6), desk.coverage.cursor.seq)
    topic.extend(desk.since(topic.head, 10**6), desk.coverage.cursor.seq)
    late = topic.lane(Wire.WEBSOCKET_MESSAGES, ENCODER)
    head = desk.coverage.cursor
    assert topic.head == head
    length = next(n for n in range(events, 0, -1) if topic.covers(head.seq - n))
    expected = [ENCODER.event(event) for event in desk.journal[-length:]]
    assert early.last(length) == late.last(length) == expected
    assert not topic.covers(head.seq - length - 1)
    assert topic.covers(head.seq)


def test_a_retraction_that_was_read_with_earlier_events_is_counted_once():
    """A coverage event read after a retraction keeps its count; one read before is corrected."""
    desk = Newsdesk().act_all([])
    desk.publish("One")
    topic = Topic("apollo-11", Cursor("e1", 0), HubConfig())
    lane = topic.lane(Wire.SSE_JSON, ENCODER)
    desk.act(Action("change", head={"title": "Two"}))
    topic.extend(desk.journal[:3], 3)
    desk.act(Action("change", head={"title": "Three"}))
    desk.act(Action("retract", note="Not so."))
    topic.extend(desk.journal[3:], desk.coverage.cursor.seq)
    assert lane.last(5) == [ENCODER.event(event) for event in desk.journal]


def test_a_buffer_is_bounded_by_its_bytes_and_keeps_the_latest_event():
    """Long events displace older ones; a single event beyond the limit is kept."""
    desk = Newsdesk().act_all([])
    topic = Topic("apollo-11", Cursor("e1", 0), HubConfig(buffer_bytes=10_000))
    for _ in range(3):
        desk.publish("x" * 3_000)
    topic.extend(desk.journal, desk.coverage.cursor.seq)
    assert not topic.covers(0)
    assert topic.covers(2)
    desk.publish("y" * 20_000)
    topic.extend(desk.journal[-1:], desk.coverage.cursor.seq)
    assert topic.covers(4)
    assert not topic.covers(3)


async def test_news_wakes_all_who_wait_and_nobody_later():
    """A new event wakes every current waiter; a later one waits for the next event."""
    topic = Topic("apollo-11", Cursor("e1", 0), HubConfig())
    waiting = [asyncio.create_task(topic.wait(60)) for _ in range(3)]
    await asyncio.sleep(0)
    topic.extend(Newsdesk().act_all([]).journal, 1)
    assert await asyncio.gather(*waiting) == [True, True, True]
    assert await topic.wait(0.001) is False


async def test_one_who_stops_waiting_does_not_stop_the_others():
    """Cancelling one waiter does not wake or cancel the others."""
    topic = Topic("apollo-11", Cursor("e1", 0), HubConfig())
    leaving, staying = (asyncio.create_task(topic.wait(60)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait({leaving})
    assert not staying.done()
    topic.end()
    assert await staying is True
