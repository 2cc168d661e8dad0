"""A raw HTTP client for tests: sends any bytes, and parses the responses."""

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
TIMEOUT = 60.0  # seconds for something that is sure to happen


@dataclass(frozen=True)
class RawResponse:
    """One HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> str:
        """The last segment of the problem's type."""
        assert self.headers["content-type"] == "application/problem+json"
        document = orjson.loads(self.body)
        assert document["status"] == self.status
        assert document["title"]
        assert document["detail"]
        return str(document["type"]).removeprefix("/problems/")


class RawClient:
    """A TCP connection on which a test sends any bytes.

    Args:
        server: the server to connect to.
        address: the client's address, of the loopback network.
    """

    def __init__(self, server: DatelineServer, address: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection(
            ("127.0.0.1", server.port), source_address=(address, 0)
        )
        self._socket.settimeout(TIMEOUT)

    def send(self, data: bytes) -> None:
        """Send bytes; the server may close the connection before the end."""
        with suppress(ConnectionError):
            self._socket.sendall(data)

    def receive(self) -> bytes:
        """Receive the next bytes; empty at the end."""
        return self._socket.recv(65536)

    def receive_response(self) -> bytes:
        """Receive one whole response that has a Content-Length."""
        received = b""
        while not (
            length := re.search(rb"content-length: (\d+)\r\n.*?\r\n\r\n", received, re.DOTALL)
        ) or (len(received) < length.end() + int(length[1])):
            received += self.receive()
        return received

    def receive_all(self) -> bytes:
        """Receive everything until the server closes the connection."""
        received = bytearray()
        while chunk := self.receive():
            received += chunk
        return bytes(received)

    def responses(self) -> list[RawResponse]:
        """Receive and parse all responses until the server closes the connection."""
        received, parsed = self.receive_all(), []
        while received:
            head, _, received = received.partition(b"\r\n\r\n")
            start, *fields = head.decode("ascii").split("\r\n")
            headers = {n.lower(): v for n, _, v in (field.partition(": ") for field in fields)}
            length = int(headers.get("content-length", "0"))
            parsed.append(RawResponse(int(start.split()[1]), headers, received[:length]))
            received = received[length:]
        return parsed

    def response(self) -> RawResponse:
        """The only response, after which the server closes the connection."""
        (only,) = self.responses()
        assert only.headers["connection"] == "close"
        return only

    def fileno(self) -> int:
        """The socket's descriptor, for `select`."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


@contextmanager
def raw_client(server: DatelineServer, data: bytes = b""):
    """A connection for the length of a block, on which data has been sent already."""
    connection = RawClient(server)
    try:
        connection.send(data)
        yield connection
    finally:
        connection.close()


def send_request(server: DatelineServer, data: bytes) -> RawResponse:
    """Send a request and return the only response to it."""
    with raw_client(server, data) as connection:
        return connection.response()


def resident_memory(server: DatelineServer) -> int:
    """The resident memory of the server's process in bytes."""
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * 4096


class StreamProbe:
    """A reader with an open stream that other clients' requests must not affect."""

    def __init__(self, server: DatelineServer, chief: httpx.Client, slug: str, stream: Any) -> None:
        self._server = server
        self._entries = f"/v1/coverages/{slug}/entries"
        self._chief = chief
        self._stream = stream
        self._count = 0

    def check(self) -> None:
        """Publish an entry, and check that its event is the next one on the stream."""
        self._count += 1
        headline = f"Entry {self._count}"
        self._chief.post(self._entries, json={"headline": headline}).raise_for_status()
        assert self._stream.event()["entry"]["headline"] == headline


@contextmanager
def stream_probe(server: DatelineServer, key: str, slug: str):
    """A `StreamProbe` on a new coverage for the length of a block."""
    with httpx.Client(
        base_url=server.url,
        headers={"Authorization": f"Bearer {key}"},
        timeout=TIMEOUT,
        limits=httpx.Limits(max_keepalive_connections=0),  # none that the server is about to close
    ) as chief:
        chief.post("/v1/coverages", json={"slug": slug, "title": "A test"}).raise_for_status()
        with open_stream(server, slug) as stream:
            yield StreamProbe(server, chief, slug, stream)
