"""Promises of how long the door waits for what was begun."""

import select
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.dateline import DatelineServer, running_server
from tests.web.street import HOST, Bystander, Street, bystander, resident, street, told

MIB = 1024 * 1024
PING = b"GET /readyz HTTP/1.1\r\n" + HOST


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server that waits for a second; its log has no traceback at its end."""
    folder = tmp_path_factory.mktemp("patience")
    settings = {"head_patience": "1", "body_patience": "1", "min_data_rate": "1"}
    with running_server(folder, **settings) as running:
        yield running
        assert "Traceback" not in running.log()


@pytest.fixture(scope="module")
def key(server: DatelineServer) -> str:
    """A chief's key."""
    return server.key("chief")


@pytest.fixture(scope="module")
def reader(server: DatelineServer, key: str) -> Iterator[Bystander]:
    """A reader whose stream is open all the while, and who misses nothing."""
    with bystander(server, key, "patience") as watching:
        yield watching


def upload(key: str, length: int, *fields: bytes) -> bytes:
    """The head of a request that makes a coverage, and announces a body."""
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


def test_half_a_head_is_told_that_it_is_late(server: DatelineServer, reader: Bystander) -> None:
    """A 408 as a problem, and the connection ends, wherever in the head its client stopped."""
    with ExitStack() as opened:
        heads = [b"G", b"GET / HT", PING, PING + b"A: ", b"\r\n"]
        for connection in [opened.enter_context(street(server, said)) for said in heads]:
            answer = connection.answer()
            assert (answer.status, answer.problem) == (408, "request-too-slow")
    reader.check()


def test_the_next_request_has_its_own_time(server: DatelineServer) -> None:
    """Half of a second request on a connection is told so, after the first one's answer."""
    with street(server, PING + b"\r\n" + PING) as connection:
        first, second = connection.answers()
    assert (first.status, second.status, second.problem) == (200, 408, "request-too-slow")


def test_a_connection_without_a_word_is_closed_without_one(server: DatelineServer) -> None:
    """Browsers open some in advance, and would take an answer for that to their next request."""
    with street(server) as connection:
        assert connection.rest() == b""


def test_a_body_that_stalls_is_told_that_it_is_late(
    server: DatelineServer, reader: Bystander, key: str
) -> None:
    """A 408 as a problem, and nothing is stored."""
    answer = told(server, upload(key, 100) + b'{"slug": "half", "title": "Half"}')
    assert (answer.status, answer.problem) == (408, "request-too-slow")
    path = b"GET /v1/coverages/half HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    assert told(server, path).status == 404
    reader.check()


def test_a_connection_does_not_idle_for_ever_after_an_early_answer(server: DatelineServer) -> None:
    """Refused before its body has come, a client that sends it all the same and stops is closed."""
    said = b"POST /v1/coverages HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n{"
    with street(server, said) as connection:
        assert connection.hear_answer().startswith(b"HTTP/1.1 401 ")
        connection.say(b"12345678")
        assert connection.rest() == b""


def test_a_body_that_goes_on_slowly_is_read_to_its_end(server: DatelineServer, key: str) -> None:
    """However long it takes in all, at the least speed: here while two others are given up."""
    document = b'{"slug": "steady", "title": "Steady"}'
    with street(server, upload(key, len(document) + 200)) as steady:
        sent = 0
        for _ in range(2):
            with street(server, upload(key, 100)) as stalled:
                while not select.select([stalled], [], [], 0.1)[0]:
                    steady.say(b" ")
                    sent += 1
                assert stalled.answer().status == 408
        steady.say(b" " * (200 - sent) + document)
        assert steady.answer().status == 201


def test_who_breaks_off_is_no_defect(server: DatelineServer, reader: Bystander, key: str) -> None:
    """A client that goes away in the middle of its body is nothing to write a traceback for."""
    for _ in range(5):
        with street(server, upload(key, 100) + b"{"):
            reader.check()
    reader.check()


def test_a_body_is_asked_for_where_the_client_waits_for_that(
    server: DatelineServer, key: str
) -> None:
    """With `Expect: 100-continue`, and only once somebody wants to read it."""
    document = b'{"slug": "expected", "title": "Expected"}'
    with street(server, upload(key, len(document), b"Expect: 100-continue")) as connection:
        assert connection.hear() == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.say(document)
        assert connection.answer().status == 201


def test_a_body_that_nobody_asked_for_is_no_next_request(server: DatelineServer) -> None:
    """Refused before its body, a client that waits gets the refusal, and the connection ends."""
    said = b"POST /v1/coverages HTTP/1.1\r\n" + HOST
    with street(server, said + b"Expect: 100-continue\r\nContent-Length: 50\r\n\r\n") as connection:
        (answer,) = connection.answers()
    assert answer.status == 401


def test_many_who_never_finish_hold_nobody_up(server: DatelineServer, reader: Bystander) -> None:
    """Four hundred half heads at once: each is told so, readers go on, the memory comes back."""
    with ExitStack() as opened:
        before = resident(server)
        slow: list[Street] = [
            opened.enter_context(street(server, PING + b"A: " + b"b" * 8000)) for _ in range(400)
        ]
        reader.check()
        assert resident(server) - before < 24 * MIB
        for connection in slow:
            assert connection.answer().status == 408
        reader.check()
