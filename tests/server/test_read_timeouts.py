"""Read time-outs of the HTTP protocol."""

import select
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.dateline import DatelineServer, running_server
from tests.web.raw_client import (
    HOST,
    RawClient,
    StreamProbe,
    raw_client,
    resident_memory,
    send_request,
    stream_probe,
)

MIB = 1024 * 1024
PING = b"GET /readyz HTTP/1.1\r\n" + HOST


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server with time-outs of 1 s, whose log must not contain a traceback at the end."""
    folder = tmp_path_factory.mktemp("patience")
    settings = {"head_patience": "1", "body_patience": "1", "min_data_rate": "1"}
    with running_server(folder, **settings) as running:
        yield running
        assert "Traceback" not in running.log()


@pytest.fixture(scope="module")
def key(server: DatelineServer) -> str:
    """An API key with the role chief."""
    return server.key("chief")


@pytest.fixture(scope="module")
def probe(server: DatelineServer, key: str) -> Iterator[StreamProbe]:
    """A reader whose stream stays open and must receive every event."""
    with stream_probe(server, key, "patience") as stream:
        yield stream


def upload(key: str, length: int, *fields: bytes) -> bytes:
    """The head of a request that creates a coverage, with the length of its body."""
    lines = [
        b"POST /v1/coverages HTTP/1.1",
        b"Host: a.example",
        b"Connection: close",
        b"Content-Type: application/json",
        f"Authorization: Bearer {key}".encode(),
        f"Content-Length: {length}".encode(),
        *fields,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def test_half_a_head_is_told_that_it_is_late(server: DatelineServer, probe: StreamProbe) -> None:
    """An incomplete head gets a 408 problem, wherever it stops, and closes the connection."""
    with ExitStack() as stack:
        heads = [b"G", b"GET / HT", PING, PING + b"A: ", b"\r\n"]
        for connection in [stack.enter_context(raw_client(server, head)) for head in heads]:
            response = connection.response()
            assert (response.status, response.problem) == (408, "request-too-slow")
    probe.check()


def test_the_next_request_has_its_own_time(server: DatelineServer) -> None:
    """An incomplete second request gets its own 408 after the first response."""
    with raw_client(server, PING + b"\r\n" + PING) as connection:
        first, second = connection.responses()
    assert (first.status, second.status, second.problem) == (200, 408, "request-too-slow")


def test_a_connection_without_a_word_is_closed_without_one(server: DatelineServer) -> None:
    """A connection without a request is closed silently: browsers open some in advance."""
    with raw_client(server) as connection:
        assert connection.receive_all() == b""


def test_a_body_that_stalls_is_told_that_it_is_late(
    server: DatelineServer, probe: StreamProbe, key: str
) -> None:
    """A body that stalls gets a 408 problem, and nothing is stored."""
    response = send_request(server, upload(key, 100) + b'{"slug": "half", "title": "Half"}')
    assert (response.status, response.problem) == (408, "request-too-slow")
    path = b"GET /v1/coverages/half HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    assert send_request(server, path).status == 404
    probe.check()


def test_a_connection_does_not_idle_for_ever_after_an_early_answer(server: DatelineServer) -> None:
    """A client refused before its body, which then sends part of it, is disconnected."""
    request = b"POST /v1/coverages HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n{"
    with raw_client(server, request) as connection:
        assert connection.receive_response().startswith(b"HTTP/1.1 401 ")
        connection.send(b"12345678")
        assert connection.receive_all() == b""


def test_a_body_that_goes_on_slowly_is_read_to_its_end(server: DatelineServer, key: str) -> None:
    """A body that continues at the minimum rate is read to its end, however long it takes."""
    document = b'{"slug": "steady", "title": "Steady"}'
    with raw_client(server, upload(key, len(document) + 200)) as steady:
        sent = 0
        for _ in range(2):
            with raw_client(server, upload(key, 100)) as stalled:
                while not select.select([stalled], [], [], 0.1)[0]:
                    steady.send(b" ")
                    sent += 1
                assert stalled.response().status == 408
        steady.send(b" " * (200 - sent) + document)
        assert steady.response().status == 201


def test_who_breaks_off_is_no_defect(server: DatelineServer, probe: StreamProbe, key: str) -> None:
    """A client that disconnects during its body causes no traceback."""
    for _ in range(5):
        with raw_client(server, upload(key, 100) + b"{"):
            probe.check()
    probe.check()


def test_a_body_is_asked_for_where_the_client_waits_for_that(
    server: DatelineServer, key: str
) -> None:
    """`100 Continue` is sent, and the body is then read."""
    document = b'{"slug": "expected", "title": "Expected"}'
    with raw_client(server, upload(key, len(document), b"Expect: 100-continue")) as connection:
        assert connection.receive() == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.send(document)
        assert connection.response().status == 201


def test_a_body_that_nobody_asked_for_is_no_next_request(server: DatelineServer) -> None:
    """A client that waits for `100 Continue` and is refused gets one response, then the end."""
    request = b"POST /v1/coverages HTTP/1.1\r\n" + HOST
    with raw_client(
        server, request + b"Expect: 100-continue\r\nContent-Length: 50\r\n\r\n"
    ) as connection:
        (response,) = connection.responses()
    assert response.status == 401


def test_many_who_never_finish_hold_nobody_up(server: DatelineServer, probe: StreamProbe) -> None:
    """400 incomplete heads each get a 408, and neither delay other clients nor take much memory."""
    with ExitStack() as stack:
        memory_before = resident_memory(server)
        slow: list[RawClient] = [
            stack.enter_context(raw_client(server, PING + b"A: " + b"b" * 8000)) for _ in range(400)
        ]
        probe.check()
        assert resident_memory(server) - memory_before < 24 * MIB
        for connection in slow:
            assert connection.response().status == 408
        probe.check()
