"""Tests of the live stream by WebSocket."""

import json
import os
import socket as sockets
import struct
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_timeline, running_newsroom
from tests.contract.streams import PATIENCE, open_socket, open_stream
from tests.contract.timeline import Timeline


def test_the_first_frame_says_hello(timeline: Timeline) -> None:
    """The first frame is `hello` with the cursor to go on from, by default the head."""
    head = timeline.publish()["cursor"]
    with open_socket(timeline.newsroom.server, timeline.slug) as socket:
        assert socket.frame() == {"type": "hello", "cursor": head}
        written = timeline.publish("Live")
        assert socket.frame()["cursor"] == written["cursor"]


def test_a_cursor_replays_and_goes_on_live(timeline: Timeline) -> None:
    """From a cursor the events behind it are replayed in order, then live events follow."""
    cursors = [timeline.publish(f"Number {number}")["cursor"] for number in range(4)]
    with open_socket(timeline.newsroom.server, timeline.slug, cursors[0]) as socket:
        assert socket.frame() == {"type": "hello", "cursor": cursors[0]}
        timeline.publish("Live")
        assert socket.take(4) == timeline.journal(cursors[0])


def test_zero_is_the_beginning(timeline: Timeline) -> None:
    """`after=0` replays the whole journal, with the same JSON as the other representations."""
    timeline.publish("A headline", body="*Words*")
    with open_socket(timeline.newsroom.server, timeline.slug, "0") as socket:
        assert socket.frame()["type"] == "hello"
        frames = socket.until(timeline.head)
    with open_stream(timeline.newsroom.server, timeline.slug, after="0") as stream:
        assert frames == timeline.journal() == stream.until(timeline.head)


@pytest.mark.parametrize("cursor", ["garbage", "zzzzzzzz-1", "EPOCH-99", "%00", "EPOCH-x", "-1"])
def test_who_cannot_resume_is_told_to_reload(timeline: Timeline, cursor: str) -> None:
    """An invalid cursor gets a `reset` with reason and head; the socket goes on from there."""
    head = timeline.publish()["cursor"]
    cursor = cursor.replace("EPOCH", head.rpartition("-")[0])
    with open_socket(timeline.newsroom.server, timeline.slug, cursor) as socket:
        first = socket.frame()
        reset = socket.frame() if first["type"] == "hello" else first
        assert (reset["type"], reset["cursor"]) == ("reset", head)
        assert reset["reason"]
        written = timeline.publish()
        assert socket.frame()["cursor"] == written["cursor"]


def test_who_is_too_far_behind_is_told_to_reload(limited_newsroom: Newsroom) -> None:
    """Beyond the replay limit nothing is replayed: the client gets a `reset`."""
    timeline = new_timeline(limited_newsroom, "socket-behind")
    for _ in range(6):
        timeline.publish("x")
    with open_socket(limited_newsroom.server, timeline.slug, "0") as socket:
        frames = socket.take(2)
        assert [frame["type"] for frame in frames] == ["hello", "reset"]
        timeline.publish("y")
        assert socket.frame()["entry"]["headline"] == "y"


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [(None, None), (["dateline.v1"], "dateline.v1"), (["other", "dateline.v1"], "dateline.v1")],
)
def test_the_subprotocol_is_ours_or_none(
    timeline: Timeline, offered: list[str] | None, chosen: str | None
) -> None:
    """The subprotocol `dateline.v1` is chosen if it is offered."""
    with open_socket(timeline.newsroom.server, timeline.slug, subprotocols=offered) as socket:
        assert socket.connection.subprotocol == chosen
        assert socket.frame()["type"] == "hello"


def test_a_foreign_subprotocol_is_not_pretended(timeline: Timeline) -> None:
    """An unknown subprotocol is not chosen."""
    server = timeline.newsroom.server
    with open_socket(server, timeline.slug, subprotocols=["other"]) as socket:
        assert socket.connection.subprotocol is None


@pytest.mark.parametrize("compression", ["deflate", None])
def test_deflate_is_accepted_and_not_needed(timeline: Timeline, compression: str | None) -> None:
    """The frames are the same with and without permessage-deflate."""
    server = timeline.newsroom.server
    with open_socket(server, timeline.slug, "0", compression=compression) as socket:
        names = [extension.name for extension in socket.connection.protocol.extensions]
        assert names == (["permessage-deflate"] if compression else [])
        assert socket.frame()["type"] == "hello"
        timeline.publish("A " * 100)
        assert socket.take(2) == timeline.journal()


def test_an_unknown_coverage_closes_with_4404(newsroom: Newsroom) -> None:
    """The socket of an unknown coverage opens and closes with 4404, which browsers can read."""
    for slug in ("nobody-took-this", "%00", "A"):
        with open_socket(newsroom.server, slug) as socket:
            assert socket.close_code() == 4404


def test_beyond_capacity_the_socket_closes_with_1013(limited_newsroom: Newsroom) -> None:
    """Sockets and streams share the stream capacity."""
    timeline = new_timeline(limited_newsroom, "socket-capacity")
    with open_stream(limited_newsroom.server, timeline.slug) as stream:
        stream.frame()
        with open_socket(limited_newsroom.server, timeline.slug) as socket:
            assert socket.frame()["type"] == "hello"
            with open_socket(limited_newsroom.server, timeline.slug) as third:
                assert third.close_code() == 1013


def test_at_the_end_of_its_life_a_socket_closes_with_1000(impatient_newsroom: Newsroom) -> None:
    """A socket closes with 1000 after its lifetime of two seconds."""
    timeline = new_timeline(impatient_newsroom, "socket-lifetime")
    with open_socket(impatient_newsroom.server, timeline.slug) as socket:
        assert socket.frame()["type"] == "hello"
        assert socket.close_code() == 1000


@pytest.mark.parametrize("message", ["x" * 4097, b"x" * 5000, "ä" * 2049])
def test_a_frame_over_4_kib_closes_with_1009(timeline: Timeline, message: str | bytes) -> None:
    """A message over 4 KiB closes with 1009; its size is counted in bytes."""
    with open_socket(timeline.newsroom.server, timeline.slug, compression=None) as socket:
        socket.frame()
        socket.connection.send(message)
        assert socket.close_code() == 1009


def test_a_small_frame_packed_smaller_counts_unpacked(timeline: Timeline) -> None:
    """The size of a compressed message is counted after decompression."""
    with open_socket(timeline.newsroom.server, timeline.slug, compression="deflate") as socket:
        socket.frame()
        socket.connection.send("\0" * 1_000_000)
        assert socket.close_code() == 1009


@pytest.mark.parametrize("message", ["", "x" * 4096, b"x" * 4096, "{}", "not json"])
def test_frames_from_the_client_change_nothing(timeline: Timeline, message: str | bytes) -> None:
    """A client's message of up to 4 KiB is ignored."""
    with open_socket(timeline.newsroom.server, timeline.slug) as socket:
        socket.frame()
        socket.connection.send(message)
        written = timeline.publish()
        assert socket.frame()["cursor"] == written["cursor"]


def test_pings_are_answered(timeline: Timeline) -> None:
    """A ping is answered with a pong (RFC 6455, section 5.5.2)."""
    with open_socket(timeline.newsroom.server, timeline.slug) as socket:
        socket.frame()
        assert socket.connection.ping(b"are you there").wait(PATIENCE)


def test_a_client_may_leave(timeline: Timeline) -> None:
    """A client's close is answered with the same code."""
    with open_socket(timeline.newsroom.server, timeline.slug) as socket:
        socket.frame()
        socket.connection.close(1000)
        assert socket.connection.close_code == 1000
        with pytest.raises(ConnectionClosed):
            socket.frame()


def test_there_is_no_socket_elsewhere(newsroom: Newsroom) -> None:
    """The handshake at a path without a socket is refused by HTTP."""
    with pytest.raises(InvalidStatus), open_socket(newsroom.server, "x/entries"):
        pass


@pytest.mark.full("megabytes are written, and the server's patience is waited for")
def test_who_does_not_read_is_closed_with_4408(tmp_path: Path) -> None:
    """A client that does not read for longer than `stall` is closed with 4408."""
    # Of a long lifetime: its end would be another reason.
    with running_newsroom(tmp_path, stall="PT4S") as newsroom:
        timeline = new_timeline(newsroom, "slow")
        for _ in range(80):
            timeline.publish("x", body={"html": "y" * 60_000})
        with _open_small_buffer_socket(newsroom.server.port, timeline.path) as connection:
            _read_past(connection, b"hello")
            # Not reading is what is tested: for longer than `stall`, and less than twice as long,
            # after which the connection is reset.
            time.sleep(6)
            frames = _frames(_read_all(connection))
    codes = [struct.unpack("!H", payload[:2])[0] for opcode, payload in frames if opcode == 8]
    assert codes == [4408]
    seqs = [json.loads(payload)["seq"] for opcode, payload in frames if opcode == 1]
    assert seqs == list(range(1, 1 + len(seqs)))
    assert len(seqs) < 81


def _open_small_buffer_socket(port: int, path: str) -> sockets.socket:
    connection = sockets.socket()
    connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    connection.settimeout(PATIENCE)
    connection.connect(("127.0.0.1", port))
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    connection.sendall(
        f"GET {path}/socket?after=0 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return connection


def _read_past(connection: sockets.socket, marker: bytes) -> None:
    received = b""
    while marker not in received or not received.endswith(b"}"):
        received += connection.recv(1)


def _read_all(connection: sockets.socket) -> bytes:
    received = bytearray()
    while piece := connection.recv(1 << 20):
        received += piece
        if received[-4:-2] == b"\x88\x02":  # the server's close frame, which expects one back
            connection.sendall(
                b"\x88\x82" + (mask := os.urandom(4)) + _masked(bytes(received[-2:]), mask)
            )
    return bytes(received)


def _masked(payload: bytes, mask: bytes) -> bytes:
    return bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


def _frames(received: bytes) -> list[tuple[int, bytes]]:
    frames = []
    while received:
        size, start = received[1], 2
        if size == 126:
            size, start = struct.unpack("!H", received[2:4])[0], 4
        elif size == 127:
            size, start = struct.unpack("!Q", received[2:10])[0], 10
        frames.append((received[0] & 15, received[start : start + size]))
        received = received[start + size :]
    return frames
