"""Promises of the frames held ready for one kind of client."""

from collections import deque

from app.formats.public_json import PublicJson
from app.formats.sse import SseEncoder
from app.hub.lane import Lane
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from tests.newsdesk import Newsdesk


class Counting(SseEncoder):
    """A wire that counts what it frames."""

    framed = 0

    def event(self, event: Event) -> bytes:
        """An event's frame."""
        self.framed += 1
        return super().event(event)


def test_an_event_is_framed_once_for_all():
    """Asking for frames makes none, and an event that nobody asks for is never framed."""
    wire = Counting(PublicJson(""))
    desk = Newsdesk().act_all([])
    desk.publish("One")
    lane = Lane(wire, desk.journal, 2, 16)
    assert wire.framed == 0
    desk.publish("Two")
    lane.append()
    for _ in range(100):
        assert len(lane.last(2)) == 2
    assert wire.framed == 2
    assert lane.last(2)[0] is lane.last(2)[0]
    assert lane.since(2) is lane.last(1)[0]
    assert lane.since(1) == b"".join(lane.last(2))


def test_a_lane_keeps_step_with_the_buffer():
    """What is dropped is the oldest; what is framed anew stays in its place."""
    wire = SseEncoder(PublicJson(""))
    desk = Newsdesk().act_all([])
    for headline in ("One", "Two", "Three"):
        desk.publish(headline)
    buffer = deque(desk.journal)
    lane = Lane(wire, buffer, 4, 16)
    assert b"Two" in b"".join(lane.last(4))
    lane.drop_oldest()
    buffer.popleft()
    desk.retract(desk.entries["n2"])
    buffer[1] = desk.journal[2]
    lane.invalidate(1)
    assert lane.last(3) == [wire.event(event) for event in desk.journal[1:4]]
    assert lane.last(0) == []
    assert b"Two" not in b"".join(lane.last(3))


def test_a_lane_keeps_step_with_a_buffer_that_reaches_further_back():
    """What was framed stays in its place, and the older ones come before it."""
    wire = Counting(PublicJson(""))
    desk = Newsdesk().act_all([])
    for headline in ("One", "Two", "Three"):
        desk.publish(headline)
    buffer = deque(desk.journal[3:])
    lane = Lane(wire, buffer, 4, 16)
    newest = lane.last(1)[0]
    for event in reversed(desk.journal[:3]):
        buffer.appendleft(event)
        lane.prepend()
    assert lane.last(4) == [SseEncoder.event(wire, event) for event in desk.journal]
    assert lane.last(4)[-1] is newest
    assert wire.framed == 4


def test_a_lane_without_news_has_nothing_to_write():
    """The start is the client's own and not the lane's."""
    lane = Lane(SseEncoder(PublicJson("")), [], 0, 16)
    assert lane.last(0) == []
    assert lane.since(0) == b""
    assert str(Cursor("e1", 5)).encode() in lane.encoder.start(Cursor("e1", 5), 3000)
