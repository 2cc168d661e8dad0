"""Promises of one open stream."""

import asyncio
import json

from app.formats.public_json import PublicJson
from app.formats.websocket import MessageEncoder
from app.formats.wires import Wire
from app.hub.config import HubConfig
from app.hub.slices import TimeSlices
from app.hub.subscriber import Subscriber
from app.hub.topic import Topic
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from tests.newsdesk import Newsdesk

ENCODER = MessageEncoder(PublicJson(""))
FOREVER = 3600.0
SMALL = HubConfig(buffer_events=2, replay_page=3)


class Stage:
    """A newsdesk, its topic, and a journal whose readings can be held up."""

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
        """The topic takes in what the journal has."""
        self.topic.extend(self.desk.since(self.topic.head, 10**6))

    def subscribe(self, seq: int, known: int = 0) -> Subscriber:
        """A stream from `seq` on."""
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

    async def _read_since(self, _slug: str, after: Cursor, limit: int) -> list[Event]:
        found = self.desk.since(after, limit)
        self.readings += 1
        await self.gate.wait()
        return found


def seqs(frames: list[bytes] | None) -> list[int]:
    """Of which events the frames are."""
    assert frames is not None
    return [json.loads(frame)["seq"] for frame in frames]


async def test_what_the_buffer_holds_comes_without_asking_the_journal():
    """A thousand readers who come back cost no query."""
    stage = Stage(5)
    stage.catch_up()
    assert seqs(await stage.subscribe(2).frames(0)) == [3, 4, 5, 6]
    assert stage.readings == 0


async def test_what_lies_further_back_comes_from_the_journal_in_pages():
    """Until the buffer reaches back to the position; each seq once."""
    stage = Stage(9, SMALL)
    stage.catch_up()
    stream = stage.subscribe(0)
    got = [seqs(await stream.frames(0)) for _ in range(4)]
    assert got == [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10]]
    assert stage.readings == 3
    assert await stream.frames(0) == []


async def test_silence_ends_after_the_patience():
    """Nothing is no end: the driver writes a heartbeat."""
    stage = Stage(0)
    stage.catch_up()
    stream = stage.subscribe(1)
    assert await stream.frames(0.001) == []


async def test_who_waits_is_woken_by_what_comes():
    """All of it at once."""
    stage = Stage(0)
    stage.catch_up()
    waiting = asyncio.create_task(stage.subscribe(1).frames(FOREVER))
    await asyncio.sleep(0)
    stage.desk.publish("One")
    stage.desk.publish("Two")
    stage.catch_up()
    assert seqs(await waiting) == [2, 3]


async def test_the_end_of_a_topic_wakes_everybody():
    """Who waits, and who comes too late."""
    stage = Stage(3)
    stage.catch_up()
    stream = stage.subscribe(4)
    waiting = asyncio.create_task(stream.frames(FOREVER))
    await asyncio.sleep(0)
    stage.topic.end()
    assert await waiting is None
    assert await stream.frames(FOREVER) is None
    assert await stage.subscribe(0).frames(FOREVER) is None


async def test_a_reading_that_a_retraction_overtakes_is_made_again():
    """Else the words would go out behind the retraction that others have been handed."""
    stage = Stage(4, SMALL)
    stage.catch_up()
    stage.gate.clear()
    reading = asyncio.create_task(stage.subscribe(0).frames(0))
    while stage.readings == 0:  # noqa: ASYNC110 - it is a turn or two of the loop away
        await asyncio.sleep(0)
    stage.desk.retract(stage.desk.entries["n1"])
    stage.catch_up()
    assert seqs(await stage.subscribe(5).frames(0)) == [6]
    stage.gate.set()
    frames = await reading
    assert seqs(frames) == [1, 2, 3]
    assert b"word-0" not in b"".join(frames or [])


async def test_nobody_runs_ahead_of_the_topic():
    """The retraction goes out only once its words are taken out of the buffer for everybody."""
    stage = Stage(6, SMALL)
    stage.catch_up()
    stage.desk.retract(stage.desk.entries["n6"])
    ahead, behind = stage.subscribe(4, known=8), stage.subscribe(6)
    assert seqs(await ahead.frames(0)) == [5, 6, 7]
    assert await ahead.frames(0) == []
    assert b"word-5" in b"".join(await behind.frames(0) or [])
    stage.catch_up()
    assert seqs(await ahead.frames(0)) == [8]
    assert b"word-5" not in b"".join(await stage.subscribe(6).frames(0) or [])


async def test_who_knows_of_a_newer_head_gets_nothing_from_an_older_buffer():
    """A stream that is opened after a retraction was answered never has its words."""
    stage = Stage(2)
    stage.catch_up()
    stage.desk.retract(stage.desk.entries["n1"])
    frames = await stage.subscribe(0, known=4).frames(0)
    assert seqs(frames) == [1, 2, 3]
    assert b"word-0" not in b"".join(frames or [])
    assert stage.readings == 1


async def test_a_journal_that_lost_what_it_had_ends_the_stream():
    """The client comes back, and is reset by its cursor."""
    stage = Stage(6, SMALL)
    stage.catch_up()
    stage.desk.journal.clear()
    assert await stage.subscribe(0).frames(0) is None
