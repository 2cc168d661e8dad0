"""Tests of HEAD: the headers of GET without its body."""

import socket

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.streams import PATIENCE
from tests.contract.timeline import Timeline


@pytest.fixture(scope="module")
def timeline(newsroom: Newsroom) -> Timeline:
    """One coverage for the module; each test uses its own entries."""
    return new_timeline(newsroom, new_slug())


@pytest.mark.parametrize(
    "address",
    [
        "/v1/coverages",
        "PATH",
        "PATH/entries",
        "PATH/entries/ID",
        "PATH/entries/ID/revisions",
        "PATH/events",
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/",
        "/coverages/SLUG",
    ],
)
def test_head_is_get_without_a_body(timeline: Timeline, address: str) -> None:
    """HEAD has the status and headers of GET, and no body."""
    entry = timeline.publish()
    address = address.replace("PATH", timeline.path).replace("ID", entry["id"])
    address = address.replace("SLUG", timeline.slug)
    reader = timeline.newsroom.reader
    get_answer, head = reader.get(address), reader.head(address)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "etag", "cache-control", "link", "vary"):
        assert head.headers.get(name) == get_answer.headers.get(name), name


def test_the_head_of_a_stream_ends_at_once(timeline: Timeline) -> None:
    """HEAD of a stream ends at once and leaves the connection usable."""
    address = ("127.0.0.1", timeline.newsroom.server.port)
    request = (
        f"HEAD {timeline.path}/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
        "\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(request.encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    first, _, second = received.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 200")
    assert b"text/event-stream" in first
    assert second.startswith(b"HTTP/1.1 200")


def test_the_head_of_nothing_is_not_found(timeline: Timeline) -> None:
    """HEAD of an unknown coverage is a 404 without a body."""
    reader = timeline.newsroom.reader
    for accept in ("application/json", "text/event-stream"):
        head = reader.head("/v1/coverages/nobody-took-this/events", headers={"Accept": accept})
        assert (head.status_code, head.content) == (404, b"")
        assert head.headers["content-type"] == "application/problem+json"


def test_a_conditional_head_may_be_a_304(timeline: Timeline) -> None:
    """A conditional HEAD is a 304."""
    reader = timeline.newsroom.reader
    etag = reader.head(timeline.path).headers["etag"]
    assert reader.head(timeline.path, headers={"If-None-Match": etag}).status_code == 304


def test_where_nothing_can_be_got_there_is_no_head(timeline: Timeline) -> None:
    """A path without GET has no HEAD either."""
    answer = timeline.newsroom.chief.head(f"{timeline.path}/entries/x/correction")
    assert answer.status_code in {404, 405}
    get_answer = timeline.newsroom.chief.get(f"{timeline.path}/entries/x/correction")
    check_problem(get_answer, answer.status_code)
