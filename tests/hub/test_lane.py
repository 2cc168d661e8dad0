"""A lane: the encoded frames of one wire format."""

from collections import deque

from app.formats.public_json import PublicJson
from app.formats.sse import SseEncoder
from app.hub.lane import Lane
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from tests.newsdesk import Newsdesk


class CountingEncoder(SseEncoder):
    """An encoder that counts the events it encodes."""

    encoded = 0

    def event(self, event: Event) -> bytes:
        """Encode an event."""
        self.encoded += 1
        return super().event(event)


def test_an_event_is_framed_once_for_all():
    """An event is encoded once, when its frame is first requested."""
    encoder = CountingEncoder(PublicJson(""))
    desk = Newsdesk().act_all([])
    desk.publish("One")
    lane = Lane(encoder, desk.journal, 2, 16)
    assert encoder.encoded == 0
    desk.publish("Two")
    lane.append()
    for _ in range(100):
        assert len(lane.last(2)) == 2
    assert encoder.encoded == 2
    assert lane.last(2)[0] is lane.last(2)[0]
    assert lane.since(2) is lane.last(1)[0]
    assert lane.since(1) == b"".join(lane.last(2))


def test_a_lane_keeps_step_with_the_buffer():
    """The lane drops its oldest frame with the buffer's, and encodes a redacted event again."""
    encoder = SseEncoder(PublicJson(""))
    desk = Newsdesk().act_all([])
    for headline in ("One", "Two", "Three"):
        desk.publish(headline)
    buffer = deque(desk.journal)
    lane = Lane(encoder, buffer, 4, 16)
    assert b"Two" in b"".join(lane.last(4))
    lane.drop_oldest()
    buffer.popleft()
    desk.retract(desk.entries["n2"])
    buffer[1] = desk.journal[2]
    lane.invalidate(1)
    assert lane.last(3) == [encoder.event(event) for event in desk.journal[1:4]]
    assert lane.last(0) == []
    assert b"Two" not in b"".join(lane.last(3))


def test_a_lane_keeps_step_with_a_buffer_that_reaches_further_back():
    """Events that are prepended to the buffer come before the frames that exist already."""
    encoder = CountingEncoder(PublicJson(""))
    desk = Newsdesk().act_all([])
    for headline in ("One", "Two", "Three"):
        desk.publish(headline)
    buffer = deque(desk.journal[3:])
    lane = Lane(encoder, buffer, 4, 16)
    newest = lane.last(1)[0]
    for event in reversed(desk.journal[:3]):
        buffer.appendleft(event)
        lane.prepend()
    assert lane.last(4) == [SseEncoder.event(encoder, event) for event in desk.journal]
    assert lane.last(4)[-1] is newest
    assert encoder.encoded == 4


def test_a_lane_without_news_has_nothing_to_write():
    """A lane without events has no frames; the start message belongs to the client."""
    lane = Lane(SseEncoder(PublicJson("")), [], 0, 16)
    assert lane.last(0) == []
    assert lane.since(0) == b""
    assert str(Cursor("e1", 5)).encode() in lane.encoder.start(Cursor("e1", 5), 3000)
