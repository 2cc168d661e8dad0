"""Promises of the frames held ready for one kind of client."""

from app.framing.history import PublicForm
from app.framing.sse import SseWire
from app.hub.lane import Lane
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from tests.newsdesk import Newsdesk


class Counting(SseWire):
    """A wire that counts what it frames."""

    framed = 0

    def event(self, event: Event) -> bytes:
        """An event's frame."""
        self.framed += 1
        return super().event(event)


def test_an_event_is_framed_once_for_all():
    """Asking for frames makes none."""
    wire = Counting(PublicForm(""))
    desk = Newsdesk().act_all([])
    lane = Lane(wire, desk.journal)
    desk.publish("One")
    lane.append(desk.journal[-1])
    for _ in range(100):
        assert len(lane.last(2)) == 2
    assert wire.framed == 2
    assert lane.last(2)[0] is lane.last(2)[0]


def test_a_lane_keeps_step_with_the_ring():
    """What is dropped is the oldest; what is framed anew stays in its place."""
    wire = SseWire(PublicForm(""))
    desk = Newsdesk().act_all([])
    for headline in ("One", "Two", "Three"):
        desk.publish(headline)
    lane = Lane(wire, desk.journal)
    lane.drop_oldest()
    desk.retract(desk.entries["n2"])
    lane.reframe(1, desk.journal[2])
    assert lane.last(3) == [wire.event(event) for event in desk.journal[1:4]]
    assert lane.last(0) == []
    assert b"Two" not in b"".join(lane.last(3))


def test_a_wire_without_a_heartbeat_is_silent():
    """The start is the client's own and not the lane's."""
    lane = Lane(SseWire(PublicForm("")), [])
    assert lane.last(0) == []
    assert str(Cursor("e1", 5)).encode() in lane.wire.start(Cursor("e1", 5), 3000)
