"""Promises of how much of request bodies is held: in all, by address, and given back."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.body_memory import BodiesTooMany, MemoryMeter
from tests.dateline import DatelineServer, running_server
from tests.web.street import Answer, Street, street

KIB = 1024
LIMIT = 256 * KIB


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 60)), max_size=60))
def test_the_measure_is_never_exceeded_and_comes_back_to_nothing(
    asked: list[tuple[str | None, int]],
) -> None:
    """A refusal takes nothing, and what was taken is given back to whom it was taken from."""
    meter = MemoryMeter(100, 50)
    taken: list[tuple[str | None, int]] = []
    for key, size in asked:
        try:
            meter.take(key, size)
        except BodiesTooMany:
            continue
        taken.append((key, size))
        assert len(meter) == sum(size for _, size in taken) <= 100
        assert all(sum(s for k, s in taken if k == who) <= 50 for who in ("a", "b"))
    for key, size in taken:
        meter.release(key, size)
    assert len(meter) == 0
    meter.take("a", 50)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server that holds 256 KiB of bodies, of which one address has 128."""
    folder = tmp_path_factory.mktemp("bodies")
    settings = {"body_memory": str(LIMIT), "request_limit": str(128 * KIB)}
    settings |= {"body_patience": "120"}
    with running_server(folder, trusted_proxies="127.9.9.9", **settings) as running:
        yield running
        assert "Traceback" not in running.log()


@pytest.fixture(scope="module")
def key(server: DatelineServer) -> str:
    """A chief's key."""
    return server.key("chief")


def post(key: str, body: bytes, length: int | None = None, path: str = "coverages") -> bytes:
    """A request with a body, or with the beginning of one."""
    kind = "x-ndjson" if path == "imports" else "json"
    lines = [
        f"POST /v1/{path} HTTP/1.1",
        "Host: a.example",
        f"Authorization: Bearer {key}",
        f"Content-Type: application/{kind}",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def create(slug: str) -> bytes:
    """A body that makes a coverage."""
    return json.dumps({"slug": slug, "title": "A test"}).encode()


def say(server: DatelineServer, address: str, said: bytes) -> Answer:
    """The answer that a client of an address gets."""
    connection = Street(server, address)
    try:
        connection.say(said)
        return connection.answer()
    finally:
        connection.close()


def fill(server: DatelineServer, key: str, address: str, stack: ExitStack) -> Answer:
    """Two half bodies of an address, and the first answer that there is no room for more.

    Each is asked for before it is sent: read later than what is sent here next, it would be the one
    for which there is no room.
    """
    for _ in range(2):
        connection = Street(server, address)
        stack.callback(connection.close)
        head = post(key, b"", 60 * KIB).removesuffix(b"\r\n")
        connection.say(head + b"Expect: 100-continue\r\n\r\n")
        assert connection.hear() == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.say(b" " * 56 * KIB)
    while True:
        answer = say(server, address, post(key, create("refused") + b" " * 100 * KIB))
        if answer.status not in {201, 409}:  # till then the half bodies have not been read
            return answer


def test_who_sends_too_much_at_a_time_is_told_to_come_back(
    server: DatelineServer, key: str
) -> None:
    """503 with `Retry-After` before the body is read; other addresses and small bodies go on."""
    with ExitStack() as stack:
        answer = fill(server, key, "127.0.6.1", stack)
        assert (answer.status, answer.problem) == (503, "over-capacity")
        assert 1 <= int(answer.headers["retry-after"]) <= 10
        assert say(server, "127.0.6.1", post(key, create("small"))).status == 201
        assert say(server, "127.0.6.2", post(key, create("elsewhere"))).status == 201


def test_the_process_has_an_end_too(server: DatelineServer, key: str) -> None:
    """Two addresses with all that they may have leave no room for a third one's large body."""
    with ExitStack() as stack:
        fill(server, key, "127.0.6.1", stack)
        fill(server, key, "127.0.6.2", stack)
        answer = say(server, "127.0.6.3", post(key, create("third") + b" " * 100 * KIB))
        assert (answer.status, answer.problem) == (503, "over-capacity")


def test_what_was_held_is_given_back(server: DatelineServer, key: str) -> None:
    """When the body is whole and answered, and when its client breaks it off."""
    with ExitStack() as stack:
        fill(server, key, "127.0.6.1", stack)
    for number in range(5):
        body = create(f"large-{number}") + b" " * 120 * KIB
        while (answer := say(server, "127.0.6.1", post(key, body))).status == 503:
            pass  # until the server has noticed that those clients are gone
        assert answer.status == 201


def test_an_import_is_measured_by_itself(server: DatelineServer, key: str) -> None:
    """It may be longer than what an address has for other bodies."""
    answer = say(server, "127.0.6.4", post(key, b"{}\n" * 100 * KIB, path="imports"))
    assert (answer.status, answer.problem) == (422, "invalid-payload")


def test_a_form_before_signing_in_is_short(server: DatelineServer) -> None:
    """16 KiB: who is not known yet has no use for more."""
    host = f"127.0.0.1:{server.port}"
    head = (
        f"POST /desk/sign-in HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
    )
    for length, status in ((17 * KIB, 413), (100, 401)):
        body = b"email=a&password=" + b"a" * (length - 17)
        said = head.encode() + f"Content-Length: {length}\r\n\r\n".encode() + body
        with street(server, said) as connection:
            assert connection.answer().status == status
