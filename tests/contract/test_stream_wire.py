"""Tests of the live stream's bytes: heartbeats, end, compression and HTTP/1.0."""

import gzip
import json
import re
import socket
import time
import zlib

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_timeline
from tests.contract.streams import PATIENCE, open_stream
from tests.contract.timeline import Timeline


def test_silence_is_broken_by_comments(impatient_newsroom: Newsroom) -> None:
    """A heartbeat is a comment."""
    timeline = new_timeline(impatient_newsroom, "heartbeats")
    with open_stream(impatient_newsroom.server, timeline.slug) as stream:
        lines = stream.response.iter_lines()
        comments = [line for _, line in zip(range(9), lines, strict=False) if line.startswith(":")]
    assert comments


def test_a_connection_ends_cleanly_and_the_client_resumes(impatient_newsroom: Newsroom) -> None:
    """After its lifetime a stream ends as a complete response, and the client resumes."""
    timeline = new_timeline(impatient_newsroom, "lifetime")
    began = time.monotonic()
    with open_stream(impatient_newsroom.server, timeline.slug) as stream:
        cursor = stream.frame().id
        stream.rest()  # an incomplete response would raise
    assert time.monotonic() - began >= 1.6 - 0.1
    written = timeline.publish("Meanwhile")
    headers = {"Last-Event-ID": cursor}
    with open_stream(impatient_newsroom.server, timeline.slug, headers=headers) as stream:
        assert stream.event()["cursor"] == written["cursor"]


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_stream_asks_intermediaries_to_forward_each_part(
    timeline: Timeline, method: str, coding: str
) -> None:
    """Each stream of server-sent events has `Incremental: ?1`; a page of JSON has no such field."""
    one = f"{timeline.path}/events"
    several, desk = (f"/v1/{path}?coverage={timeline.slug}" for path in ("events", "desk"))
    headers = {"Accept": "text/event-stream", "Accept-Encoding": coding}
    for address in (one, f"{one}?format=html&after=0", several, desk):
        with timeline.newsroom.editor.stream(method, address, headers=headers) as response:
            assert response.status_code == 200, address
            assert response.headers["content-type"].startswith("text/event-stream")
            assert response.headers["incremental"] == "?1", address
    assert "incremental" not in timeline.get("/events").headers


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_compressed_stream_is_read_event_by_event(timeline: Timeline, form: str) -> None:
    """With gzip each event can be decoded as soon as it is sent."""
    headers = {"Accept-Encoding": "gzip"}
    with open_stream(
        timeline.newsroom.server, timeline.slug, headers=headers, after="0", format=form
    ) as stream:
        assert stream.response.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in stream.response.headers["vary"].lower()
        assert stream.frame().retry
        assert stream.event()["type"] == "coverage.opened"
        for number in range(5):
            written = timeline.publish(f"Number {number} " * 10)
            event = stream.event()
            assert event["cursor"] == written["cursor"]
            assert event["entry"]["headline"] == written["headline"]


def test_a_compressed_stream_brings_resets_and_heartbeats(impatient_newsroom: Newsroom) -> None:
    """A compressed stream has a `reset`, then heartbeats, no event, and a proper end."""
    timeline = new_timeline(impatient_newsroom, "compressed")
    headers = {"Accept-Encoding": "gzip"}
    with open_stream(
        impatient_newsroom.server, timeline.slug, headers=headers, after="garbage"
    ) as stream:
        assert stream.response.headers["content-encoding"] == "gzip"
        lines = list(stream.response.iter_lines())
    reset = lines.index("event: reset")
    data = [number for number, line in enumerate(lines) if line.startswith("data:")]
    assert [lines[number - 2] for number in data] == ["event: reset"]
    assert ":" in lines[reset:]


@pytest.mark.parametrize("encoding", ["identity", "gzip;q=0", "br", "gzip;q=0, *;q=0.5"])
def test_who_takes_no_gzip_gets_none(timeline: Timeline, encoding: str) -> None:
    """A client that does not accept gzip does not get it."""
    headers = {"Accept-Encoding": encoding}
    with open_stream(timeline.newsroom.server, timeline.slug, headers=headers) as stream:
        assert stream.response.headers.get("content-encoding") != "gzip"


def test_who_takes_only_zstd_can_read_the_stream(timeline: Timeline) -> None:
    """A client that accepts only zstd gets zstd or an uncompressed stream."""
    headers = {"Accept-Encoding": "zstd"}
    with open_stream(timeline.newsroom.server, timeline.slug, headers=headers) as stream:
        assert stream.response.headers.get("content-encoding", "zstd") == "zstd"
        stream.frame()
        written = timeline.publish("Readable")
        assert stream.event()["cursor"] == written["cursor"]


def _read_until(connection: socket.socket, marker: bytes) -> bytes:
    received = b""
    while marker not in received:
        piece = connection.recv(65536)
        assert piece, received
        received += piece
    return received


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_http_1_0_gets_no_chunks(timeline: Timeline, encoding: str) -> None:
    """An HTTP/1.0 client gets the stream without chunked encoding, as it is sent."""
    request = (
        f"GET {timeline.path}/events?after=0 HTTP/1.0\r\nHost: localhost\r\n"
        f"Accept: text/event-stream\r\nAccept-Encoding: {encoding}\r\n\r\n"
    )
    address = ("127.0.0.1", timeline.newsroom.server.port)
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(request.encode())
        head, _, body = _read_until(connection, b"\r\n\r\n").partition(b"\r\n\r\n")
        assert b"transfer-encoding" not in head.lower()
        assert b"content-length" not in head.lower()
        assert head.split(b"\r\n")[0].endswith(b"200 OK")
        decode = zlib.decompressobj(31).decompress if encoding == "gzip" else bytes
        text = decode(body)
        while b"coverage.opened" not in text or not text.endswith(b"\n\n"):
            text += decode(connection.recv(65536))
        timeline.publish("Livelyword")
        while b"Livelyword" not in text:
            text += decode(connection.recv(65536))
    assert text.startswith(b"retry: ")


def test_http_1_0_streams_end_with_the_connection(impatient_newsroom: Newsroom) -> None:
    """An HTTP/1.0 stream ends by closing the connection, after complete lines only."""
    timeline = new_timeline(impatient_newsroom, "http-1-0")
    request = f"GET {timeline.path}/events HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n"
    with socket.create_connection(
        ("127.0.0.1", impatient_newsroom.server.port), timeout=PATIENCE
    ) as connection:
        connection.sendall(request.encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0].endswith(b"200 OK")
    text = body.decode()
    assert text.endswith("\n\n")
    first, *rest = text.removesuffix("\n\n").split("\n\n")
    assert re.fullmatch(rf"retry: \d+\nid: {timeline.head}", first)
    assert ":" in rest
    assert all(re.fullmatch(r":|retry: \d+", frame) for frame in rest), rest


def test_http_1_0_gets_short_answers_too(timeline: Timeline) -> None:
    """An HTTP/1.0 client gets a JSON page without chunked encoding."""
    request = f"GET {timeline.path} HTTP/1.0\r\nHost: localhost\r\n\r\n"
    address = ("127.0.0.1", timeline.newsroom.server.port)
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(request.encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert json.loads(body) == timeline.read()


def test_a_stream_that_stops_has_sent_whole_frames(timeline: Timeline) -> None:
    """An uncompressed stream consists of complete frames, one block per event."""
    with open_stream(timeline.newsroom.server, timeline.slug, after="0") as stream:
        timeline.publish("Last")
        received = b""
        for piece in stream.response.iter_raw():
            received += piece
            if b"Last" in received and received.endswith(b"\n\n"):
                break
    blocks = received.decode().removesuffix("\n\n").split("\n\n")
    event_blocks = [block for block in blocks if "data:" in block]
    assert [line.partition(":")[0] for block in event_blocks for line in block.split("\n")] == (
        ["id", "data"] * 2
    )
    assert "\r" not in received.decode()


def test_a_compressed_page_of_json_is_readable_or_plain(timeline: Timeline) -> None:
    """A JSON page is gzip if its `Content-Encoding` says so, and plain otherwise."""
    headers = {"Accept-Encoding": "gzip"}
    address = f"{timeline.newsroom.server.url}{timeline.path}/events"
    with httpx.Client() as client, client.stream("GET", address, headers=headers) as answer:
        body = b"".join(answer.iter_raw())
        encoded = answer.headers.get("content-encoding") == "gzip"
    assert json.loads(gzip.decompress(body) if encoded else body)["events"]
