"""Simulated interleavings of a newsroom, a hub and its readers, step by step and without a clock.

The journal is the newsdesk's in memory. Each reading of it takes as many turns of the event loop as
the script says, before and after it reads, and fails while the database is unavailable. Every
reader's frames are checked: each seq once and ascending, and no headline of an entry whose
retraction any reader has received.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from typing import Any, Literal

from app.formats.public_json import PublicJson
from app.formats.websocket import MessageEncoder
from app.formats.wires import Wire
from app.hub.config import HubConfig
from app.hub.hub import Hub
from app.hub.replay import resume_at
from app.hub.subscriber import Reading, Subscriber
from app.timeline.cursor import Cursor
from app.timeline.fold import Page, fold
from tests.newsdesk import Newsdesk
from tests.strategies import Action

PUBLIC_JSON = PublicJson("")
WIRES = (Wire.SSE_JSON, Wire.WEBSOCKET_MESSAGES)
FOREVER = 3600.0
SLUG = "apollo-11"

Step = Literal[
    "publish", "amend", "retract", "pin", "change", "ring", "come", "read", "wait", "cut", "turn",
    "away", "back",
]  # fmt: skip


class DatabaseUnavailable(Exception):
    """The database does not answer."""


@dataclass
class Reader:
    """A client: the events it has received, and its subscription while it is connected."""

    cursor: Cursor
    page: Page | None
    wire: Wire
    seqs: list[int] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    subscriber: Subscriber | None = None
    forbidden: frozenset[str] = frozenset()
    reading: asyncio.Task[None] | None = None
    subscription: ExitStack = field(default_factory=ExitStack)


class Simulation:
    """A run of one script.

    Args:
        pace: turns of the event loop that a reading takes before and after it reads.
        config: the hub's configuration.
    """

    def __init__(self, pace: Collection[tuple[int, int]], config: HubConfig) -> None:
        self.desk = Newsdesk(SLUG).act_all([])
        self.readers: list[Reader] = []
        self.retracted_headlines: set[str] = set()  # whose retraction any reader has received
        self.is_unavailable = False
        self._pace: Iterator[tuple[int, int]] = cycle(pace)
        self._config = config
        self._queue: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self._changes = 0
        self.hub = Hub(
            read_since=self._read_since,
            read_heads=self._read_heads,
            notifications=self._notifications,
            is_connected=lambda: True,
            encoders=dict.fromkeys(WIRES, MessageEncoder(PUBLIC_JSON)),
            config=config,
            now=lambda: datetime.now(UTC),
            render=lambda *_: b"",
        )

    async def run(self, step: Step, number: int) -> None:
        """Run one step; `number` selects the reader or entry, the seq, or the duration."""
        match step:
            case "publish" | "amend" | "retract" | "pin" | "change":
                self._commit(step, number)
            case "ring":
                # Late, current, repeated, for a seq that does not exist yet, or for another
                # coverage.
                seq = self.desk.coverage.cursor.seq - 2 + number % 4
                self._queue.put_nowait((SLUG if number % 7 else "apollo-12", max(seq, 1)))
            case "come":
                self._connect_reader(number)
            case "read" | "wait" if self.readers:
                self._read(self.readers[number % len(self.readers)], step == "wait")
            case "cut" if self.readers:
                await self._cancel(self.readers[number % len(self.readers)])
            case "away" | "back":
                self.is_unavailable = step == "away"
            case _:
                pass
        for _ in range(number if step == "turn" else number % 3):
            await asyncio.sleep(0)

    async def finish(self) -> None:
        """Let every reader catch up, with the database available and notifications arriving."""
        self.is_unavailable = False
        head = self.desk.coverage.cursor
        for reader in self.readers:
            while reader.cursor.seq < head.seq:
                self._queue.put_nowait((SLUG, head.seq))
                self._read(reader, waits=False)
                if reader.reading is not None:
                    await asyncio.wait({reader.reading})
                await asyncio.sleep(0)
        for reader in self.readers:
            await self._cancel(reader)

    def folded(self, reader: Reader) -> Page | None:
        """The page of a reader that has folded every received event into its first page."""
        events = [self.desk.journal[seq - 1] for seq in reader.seqs]
        return fold(reader.page, events)

    def _commit(self, step: Step, number: int) -> None:
        self._changes += 1
        fields = {"headline": f"<{self._changes}>", "key_event": number % 2 == 0}
        fields = {} if step == "pin" else fields
        head = {"title": f"({self._changes})"}
        self.desk.act(Action(step, number, fields, head))  # type: ignore[arg-type]

    def _connect_reader(self, number: int) -> None:
        # The first four are new readers at any position; after that a disconnected reader resumes.
        head = self.desk.coverage.cursor
        if len(self.readers) < 4:
            cursor = head.at(number % (head.seq + 1))
            page = fold(None, self.desk.journal[: cursor.seq])
            self.readers.append(Reader(cursor, page, WIRES[number % len(WIRES)]))
        self._connect(self.readers[number % len(self.readers)])

    def _connect(self, reader: Reader) -> None:
        if reader.subscriber is not None:
            return
        head = self.desk.coverage.cursor
        start = resume_at(str(reader.cursor), head, self._config.replay_limit)
        if start.reset is not None:
            reader.seqs, reader.page = [], fold(None, self.desk.journal)
            reader.cursor = start.cursor
        stream = self.hub.subscription(SLUG, head, reader.wire, start.cursor.seq)
        reader.subscriber = reader.subscription.enter_context(stream)
        reader.forbidden = frozenset(self._headlines_of_retracted())

    def _headlines_of_retracted(self) -> set[str]:
        retracted = {e.id for e in self.desk.entries.values() if e.status == "retracted"}
        versions = (
            e.entry for e in self.desk.sent if e.entry is not None and e.entry.id in retracted
        )
        return {entry.headline for entry in versions if entry.headline}

    def _read(self, reader: Reader, waits: bool) -> None:
        if reader.reading is not None and reader.reading.done():
            reader.reading.result()  # raises the assertion that failed in the task
            reader.reading = None
        if reader.reading is None:
            self._connect(reader)
            reader.reading = asyncio.create_task(self._pull(reader, FOREVER if waits else 0))

    async def _pull(self, reader: Reader, seconds: float) -> None:
        assert reader.subscriber is not None
        try:
            frames = await reader.subscriber.frames(seconds)
        except DatabaseUnavailable:
            frames = None
        if frames is None:  # the stream ends, and the client reconnects later
            self._disconnect(reader)
            return
        for frame in frames:
            self._receive(reader, frame.decode())

    def _receive(self, reader: Reader, text: str) -> None:
        event = json.loads(text)
        assert event["seq"] == reader.cursor.seq + 1, "each seq once, ascending, without a gap"
        words = self.retracted_headlines | reader.forbidden
        assert not [word for word in words if word in text], "a retracted word"
        reader.seqs.append(event["seq"])
        reader.cursor = reader.cursor.at(event["seq"])
        if event["type"] == "entry.retracted":
            self.retracted_headlines |= {
                published.entry.headline
                for published in self.desk.sent
                if published.entry
                and published.entry.id == event["entry"]["id"]
                and published.entry.headline
            }

    async def _cancel(self, reader: Reader) -> None:
        if reader.reading is not None:
            if not reader.reading.done():
                reader.reading.cancel()
            await asyncio.wait({reader.reading})
            if not reader.reading.cancelled():
                reader.reading.result()
            reader.reading = None
        self._disconnect(reader)

    def _disconnect(self, reader: Reader) -> None:
        reader.subscription.close()
        reader.subscriber = None

    async def _read_since(self, slug: str, after: Cursor, limit: int) -> Reading:
        turns_before, turns_after = next(self._pace)
        for _ in range(turns_before):
            await asyncio.sleep(0)
        if self.is_unavailable:
            raise DatabaseUnavailable
        reading = self.desk.reading(after, limit) if slug == SLUG else Reading([], after.seq)
        for _ in range(turns_after):
            await asyncio.sleep(0)
        return reading

    async def _read_heads(self, slugs: Collection[str]) -> Mapping[str, Cursor]:
        if self.is_unavailable:
            raise DatabaseUnavailable
        return dict.fromkeys(slugs, self.desk.coverage.cursor)

    async def _notifications(self) -> AsyncIterator[tuple[str, int]]:
        while True:
            yield await self._queue.get()
