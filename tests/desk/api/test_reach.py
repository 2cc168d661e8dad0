"""Reach of a retraction: the desk is told how many open pages have received it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from tests.contract.problem import check_problem
from tests.dateline import DatelineServer, running_server

Json = dict[str, object]
_DEADLINE = 60
_LONG = "word " * 12_000  # ten such entries are more than the buffers of a socket
_STREAMS = ("/v1/coverages/moon/events", "/v1/events?coverage=moon")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server that waits for slow readers for longer than a test takes."""
    with running_server(tmp_path_factory.mktemp("reach"), stall="300") as running:
        bearer = {"Authorization": f"Bearer {running.key('chief')}"}
        with httpx.Client(base_url=running.url, headers=bearer) as chief:
            coverage = {"slug": "moon", "title": "Moon"}
            chief.post("/v1/coverages", json=coverage).raise_for_status()
        yield running


@dataclass
class Audience:
    """Readers of a coverage: some read, some never do."""

    port: int
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    idle: list[socket.socket] = field(default_factory=list)

    async def add_reader(self, path: str) -> None:
        """Open a stream, and read it until it ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(_request(path))
        await reader.readuntil(b"retry:")
        self.writers.append(writer)

        async def read() -> None:
            while await reader.read(65536):
                pass

        self.tasks.append(asyncio.create_task(read()))

    async def add_idle(self, path: str) -> None:
        """Open a stream, and read nothing of it."""
        idle = socket.socket()
        idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        idle.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(idle, ("127.0.0.1", self.port))
        await loop.sock_sendall(idle, _request(path))
        self.idle.append(idle)

    def cut(self, count: int) -> None:
        """Close the connections of some who read."""
        for writer in self.writers[:count]:
            writer.close()
        del self.writers[:count]

    async def wake(self) -> None:
        """Have those read who did not."""
        for idle in self.idle:
            reader, writer = await asyncio.open_connection(sock=idle)
            self.writers.append(writer)

            async def read(reader: asyncio.StreamReader = reader) -> None:
                while await reader.read(65536):
                    pass

            self.tasks.append(asyncio.create_task(read()))
        self.idle.clear()

    def close(self) -> None:
        """Close all connections."""
        for writer in self.writers:
            writer.close()
        for idle in self.idle:
            idle.close()
        for task in self.tasks:
            task.cancel()


def _request(path: str) -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
    return head.encode()


@asynccontextmanager
async def audience_of(server: DatelineServer) -> AsyncIterator[Audience]:
    """An audience that leaves at the end."""
    audience = Audience(server.port)
    try:
        yield audience
    finally:
        audience.close()


async def _reach(editor: httpx.AsyncClient, entry_id: str, reached: int, streams: int) -> None:
    """Wait until the desk is told these numbers."""
    counted: Json = {}
    async with asyncio.timeout(_DEADLINE):
        while (counted.get("reached"), counted.get("open")) != (reached, streams):
            await asyncio.sleep(0.1)
            answer = await editor.get(f"/v1/coverages/moon/entries/{entry_id}/reach")
            counted = answer.json()


@pytest.mark.full("2,000 connections", but=["40"])
@pytest.mark.parametrize(
    ("readers", "never", "cut"), [(40, 4, 6), (2000, 20, 30)], ids=["40", "2000"]
)
async def test_the_desk_is_told_whom_a_retraction_has_reached(
    server: DatelineServer, readers: int, never: int, cut: int
) -> None:
    """Who reads is reached, who never reads is open and not reached, and who left is not counted.

    Who reads again is reached then.
    """
    bearer = {"Authorization": f"Bearer {server.key('editor')}"}
    async with (
        httpx.AsyncClient(base_url=server.url, headers=bearer, timeout=120) as editor,
        audience_of(server) as audience,
    ):
        for number in range(readers - never):
            await audience.add_reader(_STREAMS[number % 2])
        for number in range(never):
            await audience.add_idle(_STREAMS[number % 2])
        path = "/v1/coverages/moon/entries"
        for number in range(10):
            entry = {"headline": f"{number}", "body": _LONG}
            (await editor.post(path, json=entry)).raise_for_status()
        entry_id = (await editor.post(path, json={"headline": "Wrong"})).json()["id"]
        audience.cut(cut)
        retraction = f"{path}/{entry_id}/retraction"
        (await editor.post(retraction, json={"note": "Not so."})).raise_for_status()
        await _reach(editor, entry_id, readers - never - cut, readers - cut)
        await audience.wake()
        await _reach(editor, entry_id, readers - cut, readers - cut)


async def test_only_a_retraction_has_a_reach(server: DatelineServer) -> None:
    """A standing entry has none, and readers are not told."""
    bearer = {"Authorization": f"Bearer {server.key('editor')}"}
    async with httpx.AsyncClient(base_url=server.url, timeout=120) as reader:
        entry = {"headline": "Right"}
        path = "/v1/coverages/moon/entries"
        entry_id = (await reader.post(path, json=entry, headers=bearer)).json()["id"]
        address = f"{path}/{entry_id}/reach"
        check_problem(await reader.get(address, headers=bearer), 409, "entry-not-retracted")
        check_problem(await reader.get(address), 401, "not-signed-in")
