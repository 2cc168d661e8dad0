"""Readers of one coverage, one class per transport: cut off again and again, resumed by cursor.

Each keeps the events in the order of their arrival, so that a test can compare them with the
journal. Every status, reset and end of a stream is recorded; nothing is hidden by a retry.
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

# httpcore tries to import it at every request; while it is absent, that searches all of sys.path.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

Json = dict[str, Any]

_WAIT = 20  # seconds of a long poll
_SILENCE = httpx.Timeout(30, read=60)


class Reader(ABC):
    """One reader, which starts at the beginning of the journal.

    Args:
        base_url: The server's URL.
        slug: The coverage that it reads.
        rng: Random source for the cuts and the pauses after them.
        lives: Shortest and longest time between two cuts, in seconds; None: never cut.

    `received` is None, or the list to which each event is added as it came, for tests that want it.
    """

    kind = ""

    def __init__(
        self,
        base_url: str,
        slug: str,
        rng: random.Random,
        lives: tuple[float, float] | None = None,
    ) -> None:
        self.base_url = base_url
        self.address = f"{base_url}/v1/coverages/{slug}"
        self.cursor = "0"
        self.seqs: list[int] = []
        self.digests: list[bytes] = []
        self.received: list[str] | None = None
        self.cuts = 0
        self.resets = 0
        self.endings: list[str] = []
        # One client per reader: a shared pool searches all of its connections at every request.
        self._client = httpx.AsyncClient(timeout=_SILENCE, verify=False, trust_env=False)
        self._rng = rng
        self._lives = lives
        self._changed = asyncio.Event()
        self.is_open = asyncio.Event()

    @property
    def seq(self) -> int:
        """The seq of the last event received; 0 before the first."""
        return self.seqs[-1] if self.seqs else 0

    async def follow(self) -> None:
        """Read until cancelled, and reconnect whenever the stream ends."""
        async with self._client:
            await self._follow()

    async def _follow(self) -> None:
        while True:
            life = self._rng.uniform(*self._lives) if self._lives else None
            try:
                async with asyncio.timeout(life):
                    ending = await self._listen()
            except TimeoutError:
                self.cuts += 1
            except (httpx.TransportError, WebSocketException, OSError) as error:
                self.endings.append(_name(error))
            else:
                self.endings.append(ending)
            self.is_open.clear()
            await asyncio.sleep(self._rng.uniform(0.05, 1.0))

    async def reached(self, seq: int) -> None:
        """Wait until the reader has received every event up to `seq`."""
        while self.seq < seq:
            self._changed.clear()
            await self._changed.wait()

    @abstractmethod
    async def _listen(self) -> str:
        """Receive events until the server ends the stream; return how it ended."""

    def _take(self, event: Json) -> None:
        if self.received is not None:
            self.received.append(orjson.dumps(event).decode())
        event.pop("html", None)
        self.seqs.append(event["seq"])
        self.digests.append(digest(event))
        self.cursor = event["cursor"]
        self._changed.set()


class SseReader(Reader):
    """Server-sent events, decoded by httpx-sse and not by the project's own code."""

    kind = "SSE"
    forms: Sequence[str] = ("json", "html")
    encodings: Sequence[str] = ("gzip", "identity")

    async def _listen(self) -> str:
        form = self._rng.choice(self.forms)
        encoding = self._rng.choice(self.encodings)
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
    """A WebSocket, closed by a closing handshake or by an abort, at random."""

    kind = "WebSocket"

    async def _listen(self) -> str:
        address = f"{self.address}/socket?after={self.cursor}".replace("http", "ws", 1)
        compression = self._rng.choice((None, None, None, "deflate"))
        async with connect(address, compression=compression, proxy=None) as socket:
            try:
                async for text in socket:
                    self._receive(orjson.loads(text))
            finally:
                if self._rng.random() < 0.5:
                    socket.transport.abort()
        return str(socket.close_code)

    def _receive(self, frame: Json) -> None:
        self.is_open.set()
        if frame["type"] == "reset":
            self.resets += 1
        elif frame["type"] != "hello":
            self._take(frame)


class PollReader(Reader):
    """Long-polling, one request after another."""

    kind = "long-poll"

    async def _listen(self) -> str:
        query = {"limit": self._rng.randint(1, 100), "wait": _WAIT, "after": self.cursor}
        answer = await self._client.get(
            f"{self.address}/events", params=query, extensions={"trace": self._note_sent}
        )
        if not answer.is_success:
            return str(answer.status_code)
        for event in answer.json()["events"]:
            self._take(event)
        return "clean"

    async def _note_sent(self, step: str, _about: Mapping[str, Any]) -> None:
        # A waiting poll has received no byte yet: it counts as open once its request is sent.
        if step == "http11.send_request_body.complete":
            self.is_open.set()


READERS: tuple[type[Reader], ...] = (SseReader, SocketReader, PollReader)


@asynccontextmanager
async def following(readers: Sequence[Reader]) -> AsyncIterator[None]:
    """Run the readers during the block; an exception in a reader ends the block."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(reader.follow()) for reader in readers]
        try:
            yield
        finally:
            for task in running:
                task.cancel()


async def all_reached(readers: Collection[Reader], seq: int) -> None:
    """Wait until each reader has received every event up to `seq`."""
    await asyncio.gather(*(reader.reached(seq) for reader in readers))


async def all_open(readers: Collection[Reader]) -> None:
    """Wait until each reader's stream is open."""
    await asyncio.gather(*(reader.is_open.wait() for reader in readers))


def _name(error: Exception) -> str:
    if isinstance(error, InvalidStatus):
        return str(error.response.status_code)
    if isinstance(error, ConnectionClosed):
        return str(error.rcvd.code if error.rcvd else 1006)
    return "refused" if isinstance(error, httpx.ConnectError | ConnectionError) else "torn"


def digest(event: Mapping[str, Any]) -> bytes:
    """Return a hash of an event that does not depend on the order of its JSON keys."""
    return hashlib.blake2b(orjson.dumps(event, option=orjson.OPT_SORT_KEYS)).digest()


def check_same(readers: Collection[Reader], journal: Sequence[Json]) -> None:
    """Check that each reader received the journal: each seq once, in order, with the same content.

    Raises:
        AssertionError: A reader missed an event, or received it twice or with other content.
    """
    expected = [digest(event) for event in journal]
    for reader in readers:
        assert reader.seqs == list(range(1, len(journal) + 1)), f"a {reader.kind} reader's order"
        assert reader.digests == expected, f"a {reader.kind} reader's words"
        assert reader.resets == 0, f"a {reader.kind} reader was reset"
