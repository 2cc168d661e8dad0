"""Upgrades that are offered to the application first: the handshake is that of the library."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.hub.harness import TIMEOUT
from tests.reader.two_doors import STREAM, Counting, Doors, doors

_KEY = "dGhlIHNhbXBsZSBub25jZQ=="
_DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"
_PING = b"\x89\x80\x00\x00\x00\x00"
_PONG = b"\x8a\x00"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The two ports."""
    with doors(tmp_path_factory.mktemp("doors")) as opened:
        # So that the journal is followed.
        opened.open_all(f"GET /v1/coverages/SLUG/events HTTP/1.1\r\nHost: a.example\r\n{STREAM}")
        yield opened


def upgrade(
    *fields: str,
    key: str = _KEY,
    version: str = "13",
    connection: str = "Upgrade",
    protocol: str = "websocket",
    target: str = "/v1/coverages/SLUG/socket",
) -> str:
    """Return a request for an upgrade."""
    lines = [
        f"GET {target} HTTP/1.1",
        "Host: live.example",
        f"Connection: {connection}",
        f"Upgrade: {protocol}",
        f"Sec-WebSocket-Key: {key}",
        f"Sec-WebSocket-Version: {version}",
        *fields,
    ]
    return "".join(f"{line}\r\n" for line in lines)


# Taken from the offer, and by the library with a protocol of its own.
TAKEN = {
    "plain": upgrade(),
    "other letter case": upgrade(connection="uPGRADE", protocol="WebSocket"),
    "several tokens": upgrade(connection="keep-alive, Upgrade"),
    "deflate": upgrade(_DEFLATE),
    "deflate with parameters": upgrade(f"{_DEFLATE}; client_max_window_bits"),
    "too small a window": upgrade(f"{_DEFLATE}; server_max_window_bits=8"),
    "two offers": upgrade(f"{_DEFLATE}; server_max_window_bits=8, permessage-deflate"),
    "unknown extension": upgrade("Sec-WebSocket-Extensions: other; a=b"),
    "subprotocols": upgrade("Sec-WebSocket-Protocol: other, dateline.v1"),
    "subprotocols in two lines": upgrade(
        "Sec-WebSocket-Protocol: other", "Sec-WebSocket-Protocol: dateline.v1"
    ),
    "escaped path": upgrade(target="/v1/coverages/SLUG/s%6fcket"),
}
LEFT = {
    "short key": upgrade(key="dGhl"),
    "no base64": upgrade(key="!" * 24),
    "wrong padding": upgrade(key="dGhlIHNhbXBsZSBub25jZR=="),
    "two keys": upgrade(f"Sec-WebSocket-Key: {_KEY}"),
    "another version": upgrade(version="12"),
    "another protocol": upgrade(protocol="websocket, h2c"),
    "extensions in two lines": upgrade(_DEFLATE, _DEFLATE),
    "malformed extension": upgrade(f"{_DEFLATE}; ="),
    "malformed host": upgrade().replace("live.example", "a b"),
    "absolute target": upgrade(target="http://live.example/v1/coverages/SLUG/socket"),
    "another path": upgrade(target="/v1/coverages/SLUG/sockets"),
}


def answer_of(two: Doors, port: int, request: str) -> list[bytes]:
    """Return the lines of the handshake's answer, and what follows until the first frames end."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
        connection.sendall(two.bytes_of(request))
        received = b""
        with suppress(OSError):
            while b"\r\n\r\n" not in received and (part := connection.recv(65536)):
                received += part
            connection.sendall(_PING)
            while not received.endswith(_PONG) and (part := connection.recv(65536)):
                received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return [
        *(line for line in head.split(b"\r\n") if not line.lower().startswith(b"date:")),
        body.removesuffix(_PONG),
    ]


@pytest.mark.parametrize("name", [*TAKEN, *LEFT])
def test_a_handshake_is_answered_as_the_library_does(two: Doors, name: str) -> None:
    """The bytes of the answer are the same; the application sees no handshake that was taken."""
    answers = []
    for port in (two.without, two.with_opener):
        before = Counting.seen
        answers.append(answer_of(two, port, {**TAKEN, **LEFT}[name]))
    assert answers[0] == answers[1]
    if name in TAKEN:
        assert answers[0][0] == b"HTTP/1.1 101 Switching Protocols"
        assert Counting.seen == before


@pytest.mark.parametrize("way", ["with_opener", "without"])
def test_a_client_that_does_not_wait_for_the_handshake_is_heard(two: Doors, way: str) -> None:
    """A ping that follows the request in a packet of its own is answered."""
    request = two.bytes_of(upgrade())
    with socket.create_connection(("127.0.0.1", getattr(two, way)), TIMEOUT) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request)
        connection.sendall(_PING)
        received = b""
        while not received.endswith(_PONG):
            part = connection.recv(65536)
            assert part
            received += part
    assert received.startswith(b"HTTP/1.1 101 ")
