"""Readers of one coverage, one class a door: they are cut off and resume by their cursors.

Each keeps what it received in the order in which it came, so that a test may hold it against the
journal. Refuses to hide anything: a status, a reset or an end that came is counted.
"""

import asyncio
import hashlib
import random
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
from httpx_sse import aconnect_sse
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

# httpx's core looks for it in every request; where it is absent, through all of the path.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

Json = dict[str, Any]

_WAIT = 20  # seconds of a long poll
_SILENCE = httpx.Timeout(30, read=60)


class Reader(ABC):
    """One reader, from the journal's beginning on.

    Args:
        base_url: of the server.
        slug: what it reads.
        chance: when it is cut off, and how long it stays away.
        lives: the shortest and the longest time between two cuts, in seconds; None: never cut.

    `kept` is None, or the list into which a test wants every event as it came.
    """

    kind = ""

    def __init__(
        self,
        base_url: str,
        slug: str,
        chance: random.Random,
        lives: tuple[float, float] | None = None,
    ) -> None:
        self.base_url = base_url
        self.address = f"{base_url}/v1/coverages/{slug}"
        self.cursor = "0"
        self.seqs: list[int] = []
        self.digests: list[bytes] = []
        self.kept: list[str] | None = None
        self.cuts = 0
        self.resets = 0
        self.endings: list[str] = []
        # One each: a pool of many lines looks through all of them for every request.
        self._client = httpx.AsyncClient(timeout=_SILENCE, verify=False, trust_env=False)
        self._chance = chance
        self._lives = lives
        self._stirred = asyncio.Event()
        self.is_open = asyncio.Event()

    @property
    def seq(self) -> int:
        """Up to where it has everything."""
        return self.seqs[-1] if self.seqs else 0

    async def follow(self) -> None:
        """Read, and come back whenever the stream is over, until cancelled."""
        async with self._client:
            await self._follow()

    async def _follow(self) -> None:
        while True:
            life = self._chance.uniform(*self._lives) if self._lives else None
            try:
                async with asyncio.timeout(life):
                    ending = await self._listen()
            except TimeoutError:
                self.cuts += 1
            except (httpx.TransportError, WebSocketException, OSError) as loss:
                self.endings.append(_name(loss))
            else:
                self.endings.append(ending)
            self.is_open.clear()
            await asyncio.sleep(self._chance.uniform(0.05, 1.0))

    async def reached(self, seq: int) -> None:
        """Wait until it has everything up to `seq`."""
        while self.seq < seq:
            self._stirred.clear()
            await self._stirred.wait()

    @abstractmethod
    async def _listen(self) -> str:
        """Take what comes until the server ends it; say how it ended."""

    def _take(self, event: Json) -> None:
        if self.kept is not None:
            self.kept.append(orjson.dumps(event).decode())
        event.pop("html", None)
        self.seqs.append(event["seq"])
        self.digests.append(digest(event))
        self.cursor = event["cursor"]
        self._stirred.set()


class SseReader(Reader):
    """Server-Sent Events, taken apart by a decoder that is not the project's."""

    kind = "SSE"
    forms: Sequence[str] = ("json", "html")
    encodings: Sequence[str] = ("gzip", "identity")

    async def _listen(self) -> str:
        form = self._chance.choice(self.forms)
        encoding = self._chance.choice(self.encodings)
        headers = {"Last-Event-ID": self.cursor, "Accept-Encoding": encoding}
        address = f"{self.address}/events?format={form}"
        async with aconnect_sse(self._client, "GET", address, headers=headers) as source:
            if not source.response.is_success:
                return str(source.response.status_code)
            self.is_open.set()
            async for message in source.aiter_sse():
                if message.event == "reset":
                    self.resets += 1
                elif message.data:
                    self._take(orjson.loads(message.data))
        return "clean"


class SocketReader(Reader):
    """A WebSocket, which it leaves politely or not."""

    kind = "WebSocket"

    async def _listen(self) -> str:
        address = f"{self.address}/socket?after={self.cursor}".replace("http", "ws", 1)
        compression = self._chance.choice((None, None, None, "deflate"))
        async with connect(address, compression=compression, proxy=None) as socket:
            try:
                async for text in socket:
                    self._receive(orjson.loads(text))
            finally:
                if self._chance.random() < 0.5:
                    socket.transport.abort()
        return str(socket.close_code)

    def _receive(self, frame: Json) -> None:
        self.is_open.set()
        if frame["type"] == "reset":
            self.resets += 1
        elif frame["type"] != "hello":
            self._take(frame)


class PollReader(Reader):
    """Long polls, one after another."""

    kind = "long-poll"

    async def _listen(self) -> str:
        query = {"limit": self._chance.randint(1, 100), "wait": _WAIT, "after": self.cursor}
        answer = await self._client.get(
            f"{self.address}/events", params=query, extensions={"trace": self._note_sent}
        )
        if not answer.is_success:
            return str(answer.status_code)
        for event in answer.json()["events"]:
            self._take(event)
        return "clean"

    async def _note_sent(self, step: str, _about: Mapping[str, Any]) -> None:
        # A poll that waits has no first byte: open is what the server has been asked.
        if step == "http11.send_request_body.complete":
            self.is_open.set()


READERS: tuple[type[Reader], ...] = (SseReader, SocketReader, PollReader)


@asynccontextmanager
async def following(readers: Sequence[Reader]) -> AsyncIterator[None]:
    """Let the readers read while the block runs; a reader that fails ends it."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(reader.follow()) for reader in readers]
        try:
            yield
        finally:
            for task in running:
                task.cancel()


async def all_reached(readers: Collection[Reader], seq: int) -> None:
    """Wait until each reader has everything up to `seq`."""
    await asyncio.gather(*(reader.reached(seq) for reader in readers))


async def all_open(readers: Collection[Reader]) -> None:
    """Wait until each reader's door is open."""
    await asyncio.gather(*(reader.is_open.wait() for reader in readers))


def _name(loss: Exception) -> str:
    if isinstance(loss, InvalidStatus):
        return str(loss.response.status_code)
    if isinstance(loss, ConnectionClosed):
        return str(loss.rcvd.code if loss.rcvd else 1006)
    return "refused" if isinstance(loss, httpx.ConnectError | ConnectionError) else "torn"


def digest(event: Mapping[str, Any]) -> bytes:
    """What an event says, however its JSON is written, in a few bytes."""
    return hashlib.blake2b(orjson.dumps(event, option=orjson.OPT_SORT_KEYS)).digest()


def check_same(readers: Collection[Reader], journal: Sequence[Json]) -> None:
    """Hold what each reader received against the journal: each seq once, in order, the same words.

    Raises:
        AssertionError: somebody missed something, or got it twice, or otherwise.
    """
    expected = [digest(event) for event in journal]
    for reader in readers:
        assert reader.seqs == list(range(1, len(journal) + 1)), f"a {reader.kind} reader's order"
        assert reader.digests == expected, f"a {reader.kind} reader's words"
        assert reader.resets == 0, f"a {reader.kind} reader was reset"
