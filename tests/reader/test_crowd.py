"""Promises to everybody else when one address opens streams without end."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_timeline, running_newsroom
from tests.contract.streams import open_stream

PATIENCE = 60.0  # seconds for something that is sure to come


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server that lets ten streams of one address in, five new ones a second."""
    limits = {"streams_per_address": "10", "connects_per_second": "5"}
    with running_newsroom(tmp_path_factory.mktemp("crowded"), **limits) as newsroom:
        yield newsroom


def ask(newsroom: Newsroom, path: str, address: str, extra: str = "") -> socket.socket:
    """Ask for a stream from a loopback address that is no trusted proxy's."""
    line = socket.create_connection(
        ("127.0.0.1", newsroom.server.port), PATIENCE, source_address=(address, 0)
    )
    line.sendall(
        f"GET {path}/events HTTP/1.1\r\nHost: a.example\r\nAccept: text/event-stream\r\n"
        f"{extra}\r\n".encode()
    )
    return line


def head(line: socket.socket) -> str:
    """The head of its answer."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += line.recv(4096)
    return heard.split(b"\r\n\r\n")[0].decode()


def test_an_address_gets_its_streams_and_then_a_503(crowded: Newsroom) -> None:
    """With a time to come back; others' streams go on, and are opened, all the while."""
    timeline = new_timeline(crowded, "crowd")
    with open_stream(crowded.server, timeline.slug) as bystander, ExitStack() as lines:
        bystander.frame()
        heads = [
            head(lines.enter_context(ask(crowded, timeline.path, "127.0.0.2"))) for _ in range(40)
        ]
        let_in = [answer for answer in heads if answer.startswith("HTTP/1.1 200 ")]
        refused = [answer for answer in heads if answer.startswith("HTTP/1.1 503 ")]
        assert len(let_in) == 10
        assert len(refused) == 30
        waits = {int(re.search(r"retry-after: (\d+)", answer)[1]) for answer in refused}
        assert len(waits) > 1, "not all at the same time"
        assert min(waits) > 0
        written = timeline.publish("All the same")
        assert bystander.event()["cursor"] == written["cursor"]
        lines.enter_context(other := ask(crowded, timeline.path, "127.0.0.3"))
        assert head(other).startswith("HTTP/1.1 200 ")


def test_too_many_new_streams_a_second_are_turned_away(crowded: Newsroom) -> None:
    """Even where each of them ends at once."""
    timeline = new_timeline(crowded, "pace")
    answers = []
    for _ in range(100):
        with ask(crowded, timeline.path, "127.0.0.4") as line:
            answers.append(head(line).split()[1])
    assert set(answers) == {"200", "503"}
    # Five seconds' worth at once, and as many as came in while these were asked for.
    assert answers[:25] == ["200"] * 25
    assert answers.count("200") < 60


def test_who_is_turned_away_is_counted(crowded: Newsroom) -> None:
    """As over the limit, by transport."""
    timeline = new_timeline(crowded, "counted")
    with ExitStack() as lines:
        for _ in range(30):
            head(lines.enter_context(ask(crowded, timeline.path, "127.0.0.5")))
    figures = httpx.get(f"{crowded.server.url}/metrics").text
    found = re.search(
        r'connections_closed_total\{reason="over_limit",transport="sse"\} (\S+)', figures
    )
    assert found is not None
    assert float(found[1]) >= 20


def test_a_trusted_proxys_clients_are_told_apart(crowded: Newsroom) -> None:
    """By the address that the proxy names; its own is not limited."""
    timeline = new_timeline(crowded, "proxy")
    with ExitStack() as lines:
        named = [
            head(
                lines.enter_context(
                    ask(crowded, timeline.path, "127.0.0.1", "X-Forwarded-For: 192.0.2.7\r\n")
                )
            )
            for _ in range(15)
        ]
        itself = [
            head(lines.enter_context(ask(crowded, timeline.path, "127.0.0.1"))) for _ in range(15)
        ]
    assert [answer.split()[1] for answer in named].count("200") == 10
    assert {answer.split()[1] for answer in itself} == {"200"}
