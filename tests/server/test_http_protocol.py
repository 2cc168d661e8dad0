"""Promises of the door: bad input gets a clear answer, and concerns nobody else."""

import select
from collections.abc import Iterator

import pytest

from tests.dateline import DatelineServer, running_server
from tests.web.street import HOST, PATIENCE, Bystander, bystander, resident, street, told

MIB = 1024 * 1024
PING = b"GET /readyz HTTP/1.1\r\n" + HOST
POST = b"POST /v1/coverages HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
# One whose body is read: else the answer may be out before the end of it.
READ = (
    POST
    + b"Authorization: Bearer KEY\r\nContent-Type: application/json\r\n"
    + b"Transfer-Encoding: chunked\r\n\r\n"
)

NO_HTTP = {
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
    "trailers without an end": READ + b"0\r\n" + b"a:b\r\n" * 200_000,
    "trailers of a whole request": READ + b"0\r\n" + b"a:b\r\n" * 5000 + b"\r\n",
    "a trailer without an end": READ + b"0\r\nA: " + b"b" * MIB,
    "a chunk's extension without an end": READ + b"5;" + b"a" * MIB,
    "empty lines without an end": b"\r\n" * MIB,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server whose log has no traceback at its end, whatever came in."""
    with running_server(tmp_path_factory.mktemp("door"), log_level="info") as running:
        yield running
        assert "Traceback" not in running.log()


@pytest.fixture(scope="module")
def key(server: DatelineServer) -> str:
    """An API key."""
    return server.key("editor")


@pytest.fixture(scope="module")
def reader(server: DatelineServer) -> Iterator[Bystander]:
    """A reader whose stream is open all the while, and who misses nothing."""
    with bystander(server, server.key("chief"), "door") as watching:
        yield watching


@pytest.mark.parametrize("what", NO_HTTP)
def test_what_is_no_http_is_told_so(server: DatelineServer, reader: Bystander, what: str) -> None:
    """A 400 as a problem, and the connection ends; no body is ever taken for a next request."""
    answer = told(server, NO_HTTP[what])
    assert (answer.status, answer.problem) == (400, "not-http")
    reader.check()


@pytest.mark.parametrize("what", TOO_LARGE)
def test_a_head_too_large_is_told_so(
    server: DatelineServer, reader: Bystander, key: str, what: str
) -> None:
    """Even while the client goes on sending: the answer is not lost in a reset."""
    answer = told(server, TOO_LARGE[what].replace(b"KEY", key.encode()))
    assert (answer.status, answer.problem) == (431, "head-too-large")
    reader.check()


@pytest.mark.parametrize("status", [401, 413])
def test_an_answer_that_does_not_wait_for_the_body_arrives(
    server: DatelineServer, key: str, status: int
) -> None:
    """It ends the connection, and is not lost in a reset, though the client goes on sending."""
    bearer = key if status == 413 else "nobody"
    head = (
        "POST /v1/coverages/none/entries HTTP/1.1\r\nHost: a.example\r\n"
        f"Authorization: Bearer {bearer}\r\n"
        "Content-Type: application/json\r\nContent-Length: 300000000\r\nConnection: close\r\n\r\n"
    )
    with street(server, head.encode() + b" " * 100_000) as connection:
        select.select([connection], [], [], PATIENCE)
        for _ in range(20):
            connection.say(b" " * 100_000)
        assert connection.answer().status == status


def test_a_head_within_its_limit_is_read(server: DatelineServer) -> None:
    """In one field, or in many small ones; the limit is for each request by itself."""
    large = PING + b"A: " + b"b" * 31_000 + b"\r\n"
    many = PING + b"a:b\r\n" * 800
    said = (large + b"\r\n" + many + b"\r\n") * 3 + PING + b"Connection: close\r\n\r\n"
    with street(server, said) as connection:
        assert [answer.status for answer in connection.answers()] == [200] * 7


def test_a_head_is_measured_the_same_in_pieces(server: DatelineServer) -> None:
    """One within the limit is read and one beyond it refused, however they arrive."""
    for size, status in ((28_000, 200), (36_000, 431)):
        head = PING + b"Connection: close\r\nA: " + b"b" * size + b"\r\n\r\n"
        with street(server) as connection:
            for start in range(0, len(head), 700):
                connection.say(head[start : start + 700])
            assert connection.answer().status == status


def test_requests_that_reads_cut_apart_are_each_measured(server: DatelineServer) -> None:
    """A head that begins in a long read is not charged for what came before it."""
    ask = PING + b"A: " + b"b" * 1500 + b"\r\n\r\n"
    with street(server, ask + ask[:700]) as connection:
        assert b"ready" in connection.hear_answer()
        connection.say(ask[700:] + ask * 50 + ask[:700])
        heard = b""
        while heard.count(b"HTTP/1.1 200 OK") < 51:
            heard += connection.hear()
        connection.say(ask[700:-2] + b"Connection: close\r\n\r\n")
        heard += connection.rest()
    assert heard.count(b"HTTP/1.1 ") == heard.count(b"HTTP/1.1 200 OK") == 52


def test_what_a_refused_client_sends_is_not_kept(server: DatelineServer, reader: Bystander) -> None:
    """A line of 64 MiB takes no more memory than one of a few KiB."""
    told(server, PING + b"A: " + b"b" * MIB)
    before = resident(server)
    for _ in range(4):
        with street(server, PING + b"A: " + b"b" * 16 * MIB) as connection:
            assert connection.answer().status == 431
    assert resident(server) - before < 8 * MIB
    reader.check()


def test_requests_sent_ahead_are_answered_up_to_a_limit(
    server: DatelineServer, reader: Bystander
) -> None:
    """Of 100,000 at once the first are answered in order; then the connection ends."""
    before = resident(server)
    with street(server, (PING + b"\r\n") * 100_000) as connection:
        answers = connection.answers()
    assert {answer.status for answer in answers} == {200}
    assert 64 <= len(answers) < 1000
    assert answers[-1].headers["connection"] == "close"
    assert all("connection" not in answer.headers for answer in answers[:-1])
    assert resident(server) - before < 16 * MIB
    reader.check()


def test_who_asks_ahead_and_never_reads_takes_no_memory(
    server: DatelineServer, reader: Bystander
) -> None:
    """Twenty such clients, with two megabytes of requests each."""
    before = resident(server)
    silent = [street(server, (PING + b"\r\n") * 50_000) for _ in range(20)]
    for connection in silent:
        connection.__enter__()
    reader.check()
    assert resident(server) - before < 32 * MIB
    for connection in silent:
        connection.__exit__(None, None, None)
    reader.check()


def test_an_answer_under_way_comes_before_the_end(server: DatelineServer) -> None:
    """Garbage behind a request is no reason to break off its answer."""
    with street(server, PING + b"\r\nGARBAGE garbage\r\n\r\n") as connection:
        answer = connection.answer()
    assert (answer.status, answer.body) == (200, b'{"status":"ready"}')


def test_another_protocol_is_not_spoken(server: DatelineServer) -> None:
    """The request is answered in HTTP/1.1; what follows it is not taken for another one."""
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n"
    with street(server, PING + upgrade + PING + b"\r\n") as connection:
        answer = connection.answer()
    assert (answer.status, answer.body) == (200, b'{"status":"ready"}')


def test_a_whole_address_is_a_target_too(server: DatelineServer) -> None:
    """As a proxy sends it (RFC 9112, section 3.2.2)."""
    said = b"GET http://a.example/readyz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    assert told(server, said).status == 200


@pytest.mark.parametrize("target", [b"*", b"/v1/coverages/a%00b", b"/v1/coverages/%ff", b"//"])
def test_strange_targets_are_no_defect(server: DatelineServer, target: bytes) -> None:
    """They are answered as what is not there."""
    method = b"OPTIONS" if target == b"*" else b"GET"
    said = method + b" " + target + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    assert 400 <= told(server, said).status < 500


def test_garbage_on_a_stream_changes_nothing(server: DatelineServer, reader: Bystander) -> None:
    """Who sends on an open stream is not answered, and the others' streams go on."""
    ask = (
        b"GET /v1/coverages/door/events HTTP/1.1\r\n" + HOST + b"Accept: text/event-stream\r\n\r\n"
    )
    with street(server, ask) as connection:
        assert connection.hear().startswith(b"HTTP/1.1 200 OK\r\n")
        before = resident(server)
        for _ in range(8):
            connection.say(b"\xff" * MIB)
        reader.check()
        assert resident(server) - before < 8 * MIB
