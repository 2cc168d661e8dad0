"""What comes in from the street: bytes on a connection, as no HTTP client would send them."""

import re
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.contract.streams import open_stream
from tests.dateline import DatelineServer

HOST = b"Host: a.example\r\n"
PATIENCE = 60.0  # seconds for something that is sure to come


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, and whether the connection ended after it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> str:
        """The last part of the problem's type."""
        assert self.headers["content-type"] == "application/problem+json"
        document = orjson.loads(self.body)
        assert document["status"] == self.status
        assert document["title"]
        assert document["detail"]
        return str(document["type"]).removeprefix("/problems/")


class Street:
    """A connection on which a test says what it likes.

    Args:
        server: to which it leads.
        address: of the loopback network, from which it comes.
    """

    def __init__(self, server: DatelineServer, address: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection(
            ("127.0.0.1", server.port), source_address=(address, 0)
        )
        self._socket.settimeout(PATIENCE)

    def say(self, data: bytes) -> None:
        """Send as much as the server takes; it may have hung up before the end."""
        with suppress(ConnectionError):
            self._socket.sendall(data)

    def hear(self) -> bytes:
        """What comes next; nothing at the end."""
        return self._socket.recv(65536)

    def hear_answer(self) -> bytes:
        """One answer with a length, whole, in however many pieces it comes."""
        heard = b""
        while not (
            length := re.search(rb"content-length: (\d+)\r\n.*?\r\n\r\n", heard, re.DOTALL)
        ) or (len(heard) < length.end() + int(length[1])):
            heard += self.hear()
        return heard

    def rest(self) -> bytes:
        """All that comes until the server hangs up, which it does in order and by itself."""
        heard = bytearray()
        while piece := self.hear():
            heard += piece
        return bytes(heard)

    def answers(self) -> list[Answer]:
        """All answers until the server hangs up."""
        heard, found = self.rest(), []
        while heard:
            head, _, heard = heard.partition(b"\r\n\r\n")
            start, *fields = head.decode("ascii").split("\r\n")
            headers = {n.lower(): v for n, _, v in (field.partition(": ") for field in fields)}
            length = int(headers.get("content-length", "0"))
            found.append(Answer(int(start.split()[1]), headers, heard[:length]))
            heard = heard[length:]
        return found

    def answer(self) -> Answer:
        """The only answer, after which the server hangs up."""
        (only,) = self.answers()
        assert only.headers["connection"] == "close"
        return only

    def fileno(self) -> int:
        """Its number, to wait for it."""
        return self._socket.fileno()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


@contextmanager
def street(server: DatelineServer, said: bytes = b""):
    """A connection for the length of a block, on which something has been said already."""
    connection = Street(server)
    try:
        connection.say(said)
        yield connection
    finally:
        connection.close()


def told(server: DatelineServer, said: bytes) -> Answer:
    """The only answer to what was said."""
    with street(server, said) as connection:
        return connection.answer()


def resident(server: DatelineServer) -> int:
    """Bytes of memory that the server's process holds."""
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * 4096


class Bystander:
    """A reader with an open stream, whom nothing of all this may concern."""

    def __init__(self, server: DatelineServer, chief: httpx.Client, slug: str, stream: Any) -> None:
        self._server = server
        self._entries = f"/v1/coverages/{slug}/entries"
        self._chief = chief
        self._stream = stream
        self._count = 0

    def check(self) -> None:
        """Publish an entry: it arrives, as the next one and once."""
        self._count += 1
        headline = f"Entry {self._count}"
        self._chief.post(self._entries, json={"headline": headline}).raise_for_status()
        assert self._stream.event()["entry"]["headline"] == headline


@contextmanager
def bystander(server: DatelineServer, key: str, slug: str):
    """A reader for the length of a block."""
    with httpx.Client(
        base_url=server.url,
        headers={"Authorization": f"Bearer {key}"},
        timeout=PATIENCE,
        limits=httpx.Limits(max_keepalive_connections=0),  # none that the server is about to close
    ) as chief:
        chief.post("/v1/coverages", json={"slug": slug, "title": "A test"}).raise_for_status()
        with open_stream(server, slug) as stream:
            yield Bystander(server, chief, slug, stream)
