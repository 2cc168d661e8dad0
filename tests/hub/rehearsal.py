"""Interleavings of a newsroom, a hub and its readers, step by step and without a clock.

The journal is the newsdesk's in memory; each reading of it takes as many turns of the loop as the
script says, before and after the moment that it sees, and fails while the database is away. Every
reader's frames are watched: each seq once and ascending, and no word of an entry whose retraction
somebody has been handed.
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
from app.hub.subscriber import Subscriber
from app.timeline.cursor import Cursor
from app.timeline.event import Event
from app.timeline.fold import Page, fold
from tests.newsdesk import Newsdesk
from tests.strategies import Action

FORM = PublicJson("")
WIRES = (Wire.SSE_JSON, Wire.WEBSOCKET_MESSAGES)
FOREVER = 3600.0
SLUG = "apollo-11"

Deed = Literal[
    "publish", "amend", "retract", "pin", "change", "ring", "come", "read", "wait", "cut", "turn",
    "away", "back",
]  # fmt: skip


class DatabaseAway(Exception):
    """The database does not answer."""


@dataclass
class Reader:
    """A client: what it has, and how it is connected if it is."""

    cursor: Cursor
    page: Page | None
    wire: Wire
    seqs: list[int] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    subscriber: Subscriber | None = None
    forbidden: frozenset[str] = frozenset()
    reading: asyncio.Task[None] | None = None
    line: ExitStack = field(default_factory=ExitStack)


class Rehearsal:
    """One run of a script.

    Args:
        pace: turns of the loop that a reading takes before and after the moment that it sees.
        config: of the hub.
    """

    def __init__(self, pace: Collection[tuple[int, int]], config: HubConfig) -> None:
        self.desk = Newsdesk(SLUG).act_all([])
        self.readers: list[Reader] = []
        self.handed_out: set[str] = set()  # words of entries whose retraction somebody has
        self.is_away = False
        self._pace: Iterator[tuple[int, int]] = cycle(pace)
        self._config = config
        self._bell: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self._born = 0
        self.hub = Hub(
            read_since=self._read_since,
            read_heads=self._read_heads,
            notifications=self._rings,
            is_connected=lambda: True,
            encoders=dict.fromkeys(WIRES, MessageEncoder(FORM)),
            config=config,
            now=lambda: datetime.now(UTC),
            render=lambda *_: b"",
        )

    async def play(self, deed: Deed, number: int) -> None:
        """One step; `number` says which reader or entry, how far, or how long."""
        match deed:
            case "publish" | "amend" | "retract" | "pin" | "change":
                self._commit(deed, number)
            case "ring":
                # Late, right, doubled, for more than there is, or for another coverage.
                seq = self.desk.coverage.cursor.seq - 2 + number % 4
                self._bell.put_nowait((SLUG if number % 7 else "apollo-12", max(seq, 1)))
            case "come":
                self._come(number)
            case "read" | "wait" if self.readers:
                self._read(self.readers[number % len(self.readers)], deed == "wait")
            case "cut" if self.readers:
                await self._cut(self.readers[number % len(self.readers)])
            case "away" | "back":
                self.is_away = deed == "away"
            case _:
                pass
        for _ in range(number if deed == "turn" else number % 3):
            await asyncio.sleep(0)

    async def finish(self) -> None:
        """Let everybody catch up with the database there and the bell ringing."""
        self.is_away = False
        head = self.desk.coverage.cursor
        for reader in self.readers:
            while reader.cursor.seq < head.seq:
                self._bell.put_nowait((SLUG, head.seq))
                self._read(reader, patiently=False)
                if reader.reading is not None:
                    await asyncio.wait({reader.reading})
                await asyncio.sleep(0)
        for reader in self.readers:
            await self._cut(reader)

    def folded(self, reader: Reader) -> Page | None:
        """The page that a reader has who folded every event into the one that it came with."""
        mine = [self.desk.journal[seq - 1] for seq in reader.seqs]
        return fold(reader.page, mine)

    def _commit(self, deed: Deed, number: int) -> None:
        self._born += 1
        fields = {"headline": f"<{self._born}>", "key_event": number % 2 == 0}
        fields = {} if deed == "pin" else fields
        head = {"title": f"({self._born})"}
        self.desk.act(Action(deed, number, fields, head))  # type: ignore[arg-type]

    def _come(self, number: int) -> None:
        # Somebody new from any place, at most as many as make a crowd; else one who was cut.
        head = self.desk.coverage.cursor
        if len(self.readers) < 4:
            at = head.at(number % (head.seq + 1))
            page = fold(None, self.desk.journal[: at.seq])
            self.readers.append(Reader(at, page, WIRES[number % len(WIRES)]))
        self._connect(self.readers[number % len(self.readers)])

    def _connect(self, reader: Reader) -> None:
        if reader.subscriber is not None:
            return
        head = self.desk.coverage.cursor
        start = resume_at(str(reader.cursor), head, self._config.replay_limit)
        if start.reset is not None:
            reader.seqs, reader.page = [], fold(None, self.desk.journal)
            reader.cursor = start.cursor
        subscription = self.hub.subscription(SLUG, head, reader.wire, start.cursor.seq)
        reader.subscriber = reader.line.enter_context(subscription)
        reader.forbidden = frozenset(self._retracted_words())

    def _retracted_words(self) -> set[str]:
        gone = {e.id for e in self.desk.entries.values() if e.status == "retracted"}
        told = (e.entry for e in self.desk.told if e.entry is not None and e.entry.id in gone)
        return {entry.headline for entry in told if entry.headline}

    def _read(self, reader: Reader, patiently: bool) -> None:
        if reader.reading is not None and reader.reading.done():
            reader.reading.result()  # what was seen to be wrong is raised here
            reader.reading = None
        if reader.reading is None:
            self._connect(reader)
            reader.reading = asyncio.create_task(self._pull(reader, FOREVER if patiently else 0))

    async def _pull(self, reader: Reader, patience: float) -> None:
        assert reader.subscriber is not None
        try:
            frames = await reader.subscriber.frames(patience)
        except DatabaseAway:
            frames = None
        if frames is None:  # the stream ends, the client comes back
            self._hang_up(reader)
            return
        for frame in frames:
            self._take(reader, frame.decode())

    def _take(self, reader: Reader, text: str) -> None:
        event = json.loads(text)
        assert event["seq"] == reader.cursor.seq + 1, "each seq once, ascending, without a hole"
        words = self.handed_out | reader.forbidden
        assert not [word for word in words if word in text], "a retracted word"
        reader.seqs.append(event["seq"])
        reader.cursor = reader.cursor.at(event["seq"])
        if event["type"] == "entry.retracted":
            self.handed_out |= {
                told.entry.headline
                for told in self.desk.told
                if told.entry and told.entry.id == event["entry"]["id"] and told.entry.headline
            }

    async def _cut(self, reader: Reader) -> None:
        if reader.reading is not None:
            if not reader.reading.done():
                reader.reading.cancel()
            await asyncio.wait({reader.reading})
            if not reader.reading.cancelled():
                reader.reading.result()
            reader.reading = None
        self._hang_up(reader)

    def _hang_up(self, reader: Reader) -> None:
        reader.line.close()
        reader.subscriber = None

    async def _read_since(self, slug: str, after: Cursor, limit: int) -> list[Event]:
        before, behind = next(self._pace)
        for _ in range(before):
            await asyncio.sleep(0)
        if self.is_away:
            raise DatabaseAway
        found = self.desk.since(after, limit) if slug == SLUG else []
        for _ in range(behind):
            await asyncio.sleep(0)
        return found

    async def _read_heads(self, slugs: Collection[str]) -> Mapping[str, Cursor]:
        if self.is_away:
            raise DatabaseAway
        return dict.fromkeys(slugs, self.desk.coverage.cursor)

    async def _rings(self) -> AsyncIterator[tuple[str, int]]:
        while True:
            yield await self._bell.get()
