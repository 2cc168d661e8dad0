"""The memory limits of request bodies: total, per address, and released afterwards."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.body_memory import BodiesTooMany, MemoryMeter
from tests.dateline import DatelineServer, running_server
from tests.web.raw_client import RawClient, RawResponse, raw_client

KIB = 1024
LIMIT = 256 * KIB


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 60)), max_size=60))
def test_the_measure_is_never_exceeded_and_comes_back_to_nothing(
    requests: list[tuple[str | None, int]],
) -> None:
    """A refused request takes no memory, and releasing returns what was taken to its address."""
    meter = MemoryMeter(100, 50)
    taken: list[tuple[str | None, int]] = []
    for key, size in requests:
        try:
            meter.take(key, size)
        except BodiesTooMany:
            continue
        taken.append((key, size))
        assert len(meter) == sum(size for _, size in taken) <= 100
        assert all(sum(s for k, s in taken if k == address) <= 50 for address in ("a", "b"))
    for key, size in taken:
        meter.release(key, size)
    assert len(meter) == 0
    meter.take("a", 50)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server with 256 KiB for request bodies, of which one address may use 128."""
    folder = tmp_path_factory.mktemp("bodies")
    settings = {"body_memory": str(LIMIT), "request_limit": str(128 * KIB)}
    settings |= {"body_patience": "120"}
    with running_server(folder, trusted_proxies="127.9.9.9", **settings) as running:
        yield running
        assert "Traceback" not in running.log()


@pytest.fixture(scope="module")
def key(server: DatelineServer) -> str:
    """An API key with the role chief."""
    return server.key("chief")


def post(key: str, body: bytes, length: int | None = None, path: str = "coverages") -> bytes:
    """A request with a whole or partial body."""
    subtype = "x-ndjson" if path == "imports" else "json"
    lines = [
        f"POST /v1/{path} HTTP/1.1",
        "Host: a.example",
        f"Authorization: Bearer {key}",
        f"Content-Type: application/{subtype}",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def create(slug: str) -> bytes:
    """A body that creates a coverage."""
    return json.dumps({"slug": slug, "title": "A test"}).encode()


def send_request(server: DatelineServer, address: str, data: bytes) -> RawResponse:
    """Send a request from an address, and return the response."""
    connection = RawClient(server, address)
    try:
        connection.send(data)
        return connection.response()
    finally:
        connection.close()


def fill(server: DatelineServer, key: str, address: str, stack: ExitStack) -> RawResponse:
    """Leave two incomplete bodies of an address, and return the first refusal of another one.

    The client waits for `100 Continue` before it sends each: a body that is read later than the
    next request would itself be refused.
    """
    for _ in range(2):
        connection = RawClient(server, address)
        stack.callback(connection.close)
        head = post(key, b"", 60 * KIB).removesuffix(b"\r\n")
        connection.send(head + b"Expect: 100-continue\r\n\r\n")
        assert connection.receive() == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.send(b" " * 56 * KIB)
    while True:
        response = send_request(server, address, post(key, create("refused") + b" " * 100 * KIB))
        if response.status not in {201, 409}:  # until then the incomplete bodies have not been read
            return response


def test_who_sends_too_much_at_a_time_is_told_to_come_back(
    server: DatelineServer, key: str
) -> None:
    """Beyond its limit an address gets a 503 with `Retry-After`; small bodies and others do not."""
    with ExitStack() as stack:
        response = fill(server, key, "127.0.6.1", stack)
        assert (response.status, response.problem) == (503, "over-capacity")
        assert 1 <= int(response.headers["retry-after"]) <= 10
        assert send_request(server, "127.0.6.1", post(key, create("small"))).status == 201
        assert send_request(server, "127.0.6.2", post(key, create("elsewhere"))).status == 201


def test_the_process_has_an_end_too(server: DatelineServer, key: str) -> None:
    """If two addresses use the total limit, a third one's large body is refused."""
    with ExitStack() as stack:
        fill(server, key, "127.0.6.1", stack)
        fill(server, key, "127.0.6.2", stack)
        response = send_request(server, "127.0.6.3", post(key, create("third") + b" " * 100 * KIB))
        assert (response.status, response.problem) == (503, "over-capacity")


def test_what_was_held_is_given_back(server: DatelineServer, key: str) -> None:
    """Memory is released when a body is complete, and when its client disconnects."""
    with ExitStack() as stack:
        fill(server, key, "127.0.6.1", stack)
    for number in range(5):
        body = create(f"large-{number}") + b" " * 120 * KIB
        while (response := send_request(server, "127.0.6.1", post(key, body))).status == 503:
            pass  # until the server has noticed the disconnections
        assert response.status == 201


def test_an_import_is_measured_by_itself(server: DatelineServer, key: str) -> None:
    """An import has a limit of its own, beyond an address's limit for other bodies."""
    response = send_request(server, "127.0.6.4", post(key, b"{}\n" * 100 * KIB, path="imports"))
    assert (response.status, response.problem) == (422, "invalid-payload")


def test_a_form_before_signing_in_is_short(server: DatelineServer) -> None:
    """The sign-in form's body is limited to 16 KiB."""
    host = f"127.0.0.1:{server.port}"
    head = (
        f"POST /desk/sign-in HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
    )
    for length, status in ((17 * KIB, 413), (100, 401)):
        body = b"email=a&password=" + b"a" * (length - 17)
        request = head.encode() + f"Content-Length: {length}\r\n\r\n".encode() + body
        with raw_client(server, request) as connection:
            assert connection.response().status == status
