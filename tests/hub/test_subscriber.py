"""One open stream whose frames are pulled."""

import asyncio
import json

from app.formats.public_json import PublicJson
from app.formats.websocket import MessageEncoder
from app.formats.wires import Wire
from app.hub.config import HubConfig
from app.hub.slices import TimeSlices
from app.hub.subscriber import Reading, Subscriber
from app.hub.topic import Topic
from app.timeline.cursor import Cursor
from tests.newsdesk import Newsdesk

ENCODER = MessageEncoder(PublicJson(""))
FOREVER = 3600.0
SMALL = HubConfig(buffer_events=2, replay_page=3)


class Harness:
    """A newsdesk, its topic, and a journal whose readings can be blocked."""

    def __init__(self, entries: int, config: HubConfig | None = None) -> None:
        self.desk = Newsdesk().act_all([])
        for number in range(entries):
            self.desk.publish(f"word-{number}")
        self._config = config or HubConfig()
        self.topic = Topic("apollo-11", Cursor("e1", 0), self._config)
        self.readings = 0
        self.gate = asyncio.Event()
        self.gate.set()

    def catch_up(self) -> None:
        """Append the journal's new events to the topic."""
        self.topic.extend(self.desk.since(self.topic.head, 10**6), self.desk.coverage.cursor.seq)

    def subscribe(self, seq: int, known: int = 0) -> Subscriber:
        """Open a stream after `seq`."""
        lane = self.topic.lane(Wire.WEBSOCKET_MESSAGES, ENCODER)
        return Subscriber(
            self.topic,
            lane,
            seq,
            known,
            read_since=self._read_since,
            page=self._config.replay_page,
            slices=TimeSlices(),
        )

    async def _read_since(self, _slug: str, after: Cursor, limit: int) -> Reading:
        events = self.desk.reading(after, limit)
        self.readings += 1
        await self.gate.wait()
        return events


def seqs(frames: list[bytes] | None) -> list[int]:
    """The seqs of the frames' events."""
    assert frames is not None
    return [json.loads(frame)["seq"] for frame in frames]


async def test_what_the_buffer_holds_comes_without_asking_the_journal():
    """Events in the buffer are sent without reading the journal."""
    harness = Harness(5)
    harness.catch_up()
    assert seqs(await harness.subscribe(2).frames(0)) == [3, 4, 5, 6]
    assert harness.readings == 0


async def test_what_lies_further_back_comes_from_the_journal_in_pages():
    """Older events come in pages of the journal until the buffer covers the position, each once."""
    harness = Harness(9, SMALL)
    harness.catch_up()
    stream = harness.subscribe(0)
    pages = [seqs(await stream.frames(0)) for _ in range(4)]
    assert pages == [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10]]
    assert harness.readings == 3
    assert await stream.frames(0) == []


async def test_silence_ends_after_the_patience():
    """After the time-out a silent stream returns no frames, and does not end."""
    harness = Harness(0)
    harness.catch_up()
    stream = harness.subscribe(1)
    assert await stream.frames(0.001) == []


async def test_who_waits_is_woken_by_what_comes():
    """A waiting stream wakes up with all new events."""
    harness = Harness(0)
    harness.catch_up()
    waiting = asyncio.create_task(harness.subscribe(1).frames(FOREVER))
    await asyncio.sleep(0)
    harness.desk.publish("One")
    harness.desk.publish("Two")
    harness.catch_up()
    assert seqs(await waiting) == [2, 3]


async def test_the_end_of_a_topic_wakes_everybody():
    """The end of a topic ends waiting and later streams."""
    harness = Harness(3)
    harness.catch_up()
    stream = harness.subscribe(4)
    waiting = asyncio.create_task(stream.frames(FOREVER))
    await asyncio.sleep(0)
    harness.topic.end()
    assert await waiting is None
    assert await stream.frames(FOREVER) is None
    assert await harness.subscribe(0).frames(FOREVER) is None


async def test_a_reading_that_a_retraction_overtakes_is_made_again():
    """A page that was read before a retraction is read again, without the retracted text."""
    harness = Harness(4, SMALL)
    harness.catch_up()
    harness.gate.clear()
    reading = asyncio.create_task(harness.subscribe(0).frames(0))
    while harness.readings == 0:  # noqa: ASYNC110  it takes a turn or two of the event loop
        await asyncio.sleep(0)
    harness.desk.retract(harness.desk.entries["n1"])
    harness.catch_up()
    assert seqs(await harness.subscribe(5).frames(0)) == [6]
    harness.gate.set()
    frames = await reading
    assert seqs(frames) == [1, 2, 3]
    assert b"word-0" not in b"".join(frames or [])


async def test_nobody_runs_ahead_of_the_topic():
    """A stream does not send a retraction before the topic has redacted its buffer."""
    harness = Harness(6, SMALL)
    harness.catch_up()
    harness.desk.retract(harness.desk.entries["n6"])
    ahead, behind = harness.subscribe(4, known=8), harness.subscribe(6)
    assert seqs(await ahead.frames(0)) == [5, 6, 7]
    assert await ahead.frames(0) == []
    assert b"word-5" in b"".join(await behind.frames(0) or [])
    harness.catch_up()
    assert seqs(await ahead.frames(0)) == [8]
    assert b"word-5" not in b"".join(await harness.subscribe(6).frames(0) or [])


async def test_who_knows_of_a_newer_head_gets_nothing_from_an_older_buffer():
    """A stream opened after a retraction does not use a buffer that is not yet redacted."""
    harness = Harness(2)
    harness.catch_up()
    harness.desk.retract(harness.desk.entries["n1"])
    frames = await harness.subscribe(0, known=4).frames(0)
    assert seqs(frames) == [1, 2, 3]
    assert b"word-0" not in b"".join(frames or [])
    assert harness.readings == 1


async def test_a_journal_that_lost_what_it_had_ends_the_stream():
    """If the journal has lost events, the stream ends, so that the client is reset."""
    harness = Harness(6, SMALL)
    harness.catch_up()
    harness.desk.journal.clear()
    assert await harness.subscribe(0).frames(0) is None
