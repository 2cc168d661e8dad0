"""A WebSocket that the hub does not take over counts as a connection as long as it is open."""

from pathlib import Path

from tests.dateline import running_server
from tests.web.raw_client import HOST, RawClient

OFFER = (
    b"GET /v1/coverages/unknown/socket HTTP/1.1\r\n"
    + HOST
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
PING = b"GET /readyz HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n"
CLOSE = bytes.fromhex("888000000000")  # with an empty mask


def test_a_refused_websocket_takes_no_place_once_it_is_closed(tmp_path: Path) -> None:
    """On a server without other connections too, its address may open any number in turn."""
    with running_server(tmp_path, connections_per_address="2") as server:
        for _ in range(5):
            client = RawClient(server, "127.0.0.9")
            client.send(OFFER)
            assert client.receive().startswith(b"HTTP/1.1 101 ")
            client.send(CLOSE)
            client.receive_all()
            client.close()
        client = RawClient(server, "127.0.0.9")
        client.send(PING)
        assert client.response().status == 200
        client.close()
