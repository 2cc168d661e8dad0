"""The HTTP protocol: bad input gets a clear response and does not affect other clients."""

import select
from collections.abc import Iterator

import pytest

from tests.dateline import DatelineServer, running_server
from tests.web.raw_client import (
    HOST,
    TIMEOUT,
    StreamProbe,
    raw_client,
    resident_memory,
    send_request,
    stream_probe,
)

MIB = 1024 * 1024
PING = b"GET /readyz HTTP/1.1\r\n" + HOST
POST = b"POST /v1/coverages HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
# A request whose body is read; otherwise the response could be sent before the body's end.
READ_BODY = (
    POST
    + b"Authorization: Bearer KEY\r\nContent-Type: application/json\r\n"
    + b"Transfer-Encoding: chunked\r\n\r\n"
)

INVALID_HTTP = {
    "a line that ends with LF alone": b"GET /readyz HTTP/1.1\nHost: a.example\n\n",
    "LF alone between fields": b"GET /readyz HTTP/1.1\r\nHost: a.example\nA: b\r\n\r\n",
    "NUL in a field": PING + b"A: b\0c\r\n\r\n",
    "NUL in the target": b"GET /read\0yz HTTP/1.1\r\n" + HOST + b"\r\n",
    "letters beyond ASCII in the target": "GET /ü HTTP/1.1\r\n".encode() + HOST + b"\r\n",
    "a folded field": PING + b"A: b\r\n c\r\n\r\n",
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "a length and chunks": POST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a length beyond all numbers": POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nhello",
    "a negative length": POST + b"Content-Length: -5\r\n\r\nhello",
    "a coding that is none": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a chunk beyond all numbers": CHUNKED + b"f" * 17 + b"\r\nhello",
    "a negative chunk": CHUNKED + b"-1\r\nhello",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
    "TLS": bytes.fromhex("1603010200010001fc0303") + bytes(200),
    "an unknown method": b"FROB / HTTP/1.1\r\n" + HOST + b"\r\n",
    "an unknown version": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "a tunnel": b"CONNECT a.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "another protocol and a body": POST
    + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{}",
    "noise": bytes(reversed(range(256))),
}
TOO_LARGE = {
    "a field": PING + b"A: " + b"b" * 40_000 + b"\r\n\r\n",
    "a field without an end": PING + b"A: " + b"b" * MIB,
    "a field's name without an end": PING + b"b" * MIB,
    "a target": b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a target without an end": b"GET /" + b"a" * MIB,
    "fields without an end": PING + b"a:b\r\n" * 200_000,
    "trailers without an end": READ_BODY + b"0\r\n" + b"a:b\r\n" * 200_000,
    "trailers of a whole request": READ_BODY + b"0\r\n" + b"a:b\r\n" * 5000 + b"\r\n",
    "a trailer without an end": READ_BODY + b"0\r\nA: " + b"b" * MIB,
    "a chunk's extension without an end": READ_BODY + b"5;" + b"a" * MIB,
    "empty lines without an end": b"\r\n" * MIB,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server whose log must not contain a traceback at the end."""
    with running_server(tmp_path_factory.mktemp("door"), log_level="info") as running:
        yield running
        assert "Traceback" not in running.log()


@pytest.fixture(scope="module")
def key(server: DatelineServer) -> str:
    """An API key with the role chief, whose requests are read to their ends."""
    return server.key("chief")


@pytest.fixture(scope="module")
def probe(server: DatelineServer) -> Iterator[StreamProbe]:
    """A reader whose stream stays open and must receive every event."""
    with stream_probe(server, server.key("chief"), "door") as stream:
        yield stream


@pytest.mark.parametrize("case", INVALID_HTTP)
def test_what_is_no_http_is_told_so(server: DatelineServer, probe: StreamProbe, case: str) -> None:
    """Invalid HTTP gets a 400 problem and closes the connection; no body is read as a request."""
    response = send_request(server, INVALID_HTTP[case])
    assert (response.status, response.problem) == (400, "not-http")
    probe.check()


@pytest.mark.parametrize("case", TOO_LARGE)
def test_a_head_too_large_is_told_so(
    server: DatelineServer, probe: StreamProbe, key: str, case: str
) -> None:
    """A head that is too large gets a 431, which arrives although the client goes on sending."""
    response = send_request(server, TOO_LARGE[case].replace(b"KEY", key.encode()))
    assert (response.status, response.problem) == (431, "head-too-large")
    probe.check()


@pytest.mark.parametrize("status", [401, 413])
def test_an_answer_that_does_not_wait_for_the_body_arrives(
    server: DatelineServer, key: str, status: int
) -> None:
    """A response sent before the body was read arrives although the client goes on sending."""
    bearer = key if status == 413 else "nobody"
    head = (
        "POST /v1/coverages/none/entries HTTP/1.1\r\nHost: a.example\r\n"
        f"Authorization: Bearer {bearer}\r\n"
        "Content-Type: application/json\r\nContent-Length: 300000000\r\nConnection: close\r\n\r\n"
    )
    with raw_client(server, head.encode() + b" " * 100_000) as connection:
        select.select([connection], [], [], TIMEOUT)
        for _ in range(20):
            connection.send(b" " * 100_000)
        assert connection.response().status == status


def test_a_head_within_its_limit_is_read(server: DatelineServer) -> None:
    """Heads within the limit are read; the limit applies to each pipelined request separately."""
    large = PING + b"A: " + b"b" * 31_000 + b"\r\n"
    many = PING + b"a:b\r\n" * 800
    requests = (large + b"\r\n" + many + b"\r\n") * 3 + PING + b"Connection: close\r\n\r\n"
    with raw_client(server, requests) as connection:
        assert [response.status for response in connection.responses()] == [200] * 7


def test_a_head_is_measured_the_same_in_pieces(server: DatelineServer) -> None:
    """The size of a head is measured the same if it arrives in pieces."""
    for size, status in ((28_000, 200), (36_000, 431)):
        head = PING + b"Connection: close\r\nA: " + b"b" * size + b"\r\n\r\n"
        with raw_client(server) as connection:
            for start in range(0, len(head), 700):
                connection.send(head[start : start + 700])
            assert connection.response().status == status


def test_requests_that_reads_cut_apart_are_each_measured(server: DatelineServer) -> None:
    """A request that begins within a longer read is not charged for the bytes before it."""
    request = PING + b"A: " + b"b" * 1500 + b"\r\n\r\n"
    with raw_client(server, request + request[:700]) as connection:
        assert b"ready" in connection.receive_response()
        connection.send(request[700:] + request * 50 + request[:700])
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < 51:
            received += connection.receive()
        connection.send(request[700:-2] + b"Connection: close\r\n\r\n")
        received += connection.receive_all()
    assert received.count(b"HTTP/1.1 ") == received.count(b"HTTP/1.1 200 OK") == 52


def test_what_a_refused_client_sends_is_not_kept(
    server: DatelineServer, probe: StreamProbe
) -> None:
    """What a refused client sends is discarded: 64 MiB do not increase the memory."""
    send_request(server, PING + b"A: " + b"b" * MIB)
    memory_before = resident_memory(server)
    for _ in range(4):
        with raw_client(server, PING + b"A: " + b"b" * 16 * MIB) as connection:
            assert connection.response().status == 431
    assert resident_memory(server) - memory_before < 8 * MIB
    probe.check()


def test_requests_sent_ahead_are_answered_up_to_a_limit(
    server: DatelineServer, probe: StreamProbe
) -> None:
    """Of 100,000 pipelined requests the first are answered in order, then the connection closes."""
    memory_before = resident_memory(server)
    with raw_client(server, (PING + b"\r\n") * 100_000) as connection:
        responses = connection.responses()
    assert {response.status for response in responses} == {200}
    assert 64 <= len(responses) < 1000
    assert responses[-1].headers["connection"] == "close"
    assert all("connection" not in response.headers for response in responses[:-1])
    assert resident_memory(server) - memory_before < 16 * MIB
    probe.check()


def test_who_asks_ahead_and_never_reads_takes_no_memory(
    server: DatelineServer, probe: StreamProbe
) -> None:
    """Twenty clients that pipeline 50,000 requests each and read nothing take under 32 MiB."""
    memory_before = resident_memory(server)
    unread = [raw_client(server, (PING + b"\r\n") * 50_000) for _ in range(20)]
    for connection in unread:
        connection.__enter__()
    probe.check()
    assert resident_memory(server) - memory_before < 32 * MIB
    for connection in unread:
        connection.__exit__(None, None, None)
    probe.check()


def test_an_answer_under_way_comes_before_the_end(server: DatelineServer) -> None:
    """A response in progress is completed before garbage after it closes the connection."""
    with raw_client(server, PING + b"\r\nGARBAGE garbage\r\n\r\n") as connection:
        response = connection.response()
    assert (response.status, response.body) == (200, b'{"status":"ready"}')


def test_another_protocol_is_not_spoken(server: DatelineServer) -> None:
    """A request for another protocol is answered in HTTP/1.1, and what follows it is not read."""
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n"
    with raw_client(server, PING + upgrade + PING + b"\r\n") as connection:
        response = connection.response()
    assert (response.status, response.body) == (200, b'{"status":"ready"}')


def test_a_whole_address_is_a_target_too(server: DatelineServer) -> None:
    """A request target in absolute form is accepted, as proxies send it (RFC 9112, 3.2.2)."""
    request = b"GET http://a.example/readyz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    assert send_request(server, request).status == 200


@pytest.mark.parametrize("target", [b"*", b"/v1/coverages/a%00b", b"/v1/coverages/%ff", b"//"])
def test_strange_targets_are_no_defect(server: DatelineServer, target: bytes) -> None:
    """Unusual request targets get a 4xx response."""
    method = b"OPTIONS" if target == b"*" else b"GET"
    request = method + b" " + target + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    assert 400 <= send_request(server, request).status < 500


def test_garbage_on_a_stream_changes_nothing(server: DatelineServer, probe: StreamProbe) -> None:
    """Bytes sent on an open stream are not answered or kept, and other streams continue."""
    request = (
        b"GET /v1/coverages/door/events HTTP/1.1\r\n" + HOST + b"Accept: text/event-stream\r\n\r\n"
    )
    with raw_client(server, request) as connection:
        assert connection.receive().startswith(b"HTTP/1.1 200 OK\r\n")
        memory_before = resident_memory(server)
        for _ in range(8):
            connection.send(b"\xff" * MIB)
        probe.check()
        assert resident_memory(server) - memory_before < 8 * MIB
