"""Stream limits per address do not affect other clients."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_timeline, running_newsroom
from tests.contract.streams import open_stream

TIMEOUT = 60.0  # seconds for an answer that must come


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server that allows ten streams per address, and five new ones a second."""
    limits = {"streams_per_address": "10", "connects_per_second": "5"}
    with running_newsroom(tmp_path_factory.mktemp("crowded"), **limits) as newsroom:
        yield newsroom


def request_stream(newsroom: Newsroom, path: str, address: str, extra: str = "") -> socket.socket:
    """Request a stream from a loopback address that is not a trusted proxy's."""
    connection = socket.create_connection(
        ("127.0.0.1", newsroom.server.port), TIMEOUT, source_address=(address, 0)
    )
    connection.sendall(
        f"GET {path}/events HTTP/1.1\r\nHost: a.example\r\nAccept: text/event-stream\r\n"
        f"{extra}\r\n".encode()
    )
    return connection


def head(connection: socket.socket) -> str:
    """Read the head of the response."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(4096)
    return received.split(b"\r\n\r\n")[0].decode()


def test_an_address_gets_its_streams_and_then_a_503(crowded: Newsroom) -> None:
    """Streams over the limit of an address get a 503 with a varying Retry-After.

    Other addresses keep their streams and may open new ones.
    """
    timeline = new_timeline(crowded, "crowd")
    with open_stream(crowded.server, timeline.slug) as bystander, ExitStack() as connections:
        bystander.frame()
        heads = [
            head(connections.enter_context(request_stream(crowded, timeline.path, "127.0.0.2")))
            for _ in range(40)
        ]
        accepted = [answer for answer in heads if answer.startswith("HTTP/1.1 200 ")]
        refused = [answer for answer in heads if answer.startswith("HTTP/1.1 503 ")]
        assert len(accepted) == 10
        assert len(refused) == 30
        waits = {int(re.search(r"retry-after: (\d+)", answer)[1]) for answer in refused}
        assert len(waits) > 1, "not all at the same time"
        assert min(waits) > 0
        written = timeline.publish("All the same")
        assert bystander.event()["cursor"] == written["cursor"]
        connections.enter_context(other := request_stream(crowded, timeline.path, "127.0.0.3"))
        assert head(other).startswith("HTTP/1.1 200 ")


def test_too_many_new_streams_a_second_are_turned_away(crowded: Newsroom) -> None:
    """The rate of new streams per address is limited, even if each stream ends at once."""
    timeline = new_timeline(crowded, "pace")
    answers = []
    for _ in range(100):
        with request_stream(crowded, timeline.path, "127.0.0.4") as connection:
            answers.append(head(connection).split()[1])
    assert set(answers) == {"200", "503"}
    # The bucket holds five seconds' worth, and is refilled while these requests are sent.
    assert answers[:25] == ["200"] * 25
    assert answers.count("200") < 60


def test_who_is_turned_away_is_counted(crowded: Newsroom) -> None:
    """Refused streams are counted in the metrics as `over_limit`, by transport."""
    timeline = new_timeline(crowded, "counted")
    with ExitStack() as connections:
        for _ in range(30):
            head(connections.enter_context(request_stream(crowded, timeline.path, "127.0.0.5")))
    metrics = httpx.get(f"{crowded.server.url}/metrics").text
    counter = re.search(
        r'connections_closed_total\{reason="over_limit",transport="sse"\} (\S+)', metrics
    )
    assert counter is not None
    assert float(counter[1]) >= 20


def test_a_trusted_proxys_clients_are_told_apart(crowded: Newsroom) -> None:
    """Behind a trusted proxy the forwarded address is limited; the proxy's own is not."""
    timeline = new_timeline(crowded, "proxy")
    with ExitStack() as connections:
        forwarded = [
            head(
                connections.enter_context(
                    request_stream(
                        crowded, timeline.path, "127.0.0.1", "X-Forwarded-For: 192.0.2.7\r\n"
                    )
                )
            )
            for _ in range(15)
        ]
        direct = [
            head(connections.enter_context(request_stream(crowded, timeline.path, "127.0.0.1")))
            for _ in range(15)
        ]
    assert [answer.split()[1] for answer in forwarded].count("200") == 10
    assert {answer.split()[1] for answer in direct} == {"200"}
