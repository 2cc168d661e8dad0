"""Streams that are opened ahead of the application: their answers are those of the application."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.reader.two_doors import PER_ADDRESS, STREAM, TIMES, Counting, Doors, doors, read_until


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The two ports."""
    with doors(tmp_path_factory.mktemp("doors")) as opened:
        yield opened


def request_of(
    fields: str = "", query: str = "", *, slug: str = "SLUG", host: str = "live.example"
) -> str:
    """Return a request for a stream."""
    target = f"/v1/coverages/{slug}/events{query}"
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{STREAM}{fields}"


# Each has a header or a member that an answer depends on, and is opened ahead of the application.
PLAIN = {
    "plain": request_of(),
    "origin": request_of("Origin: https://reader.example\r\n"),
    "gzip": request_of("Accept-Encoding: gzip, br\r\n"),
    "gzip and origin": request_of("Accept-Encoding: gzip\r\nOrigin: https://a.example\r\n"),
    "last event": request_of("Last-Event-ID: CURSOR\r\n"),
    "empty last event": request_of("Last-Event-ID: \r\n", "?after=0"),
    "after": request_of(query="?after=CURSOR"),
    "from the start": request_of(query="?after=0"),
    "last event before after": request_of("Last-Event-ID: 0\r\n", "?after=CURSOR"),
    "last event in the query": request_of(query="?after=CURSOR&lastEventId=0"),
    "html": request_of(query="?format=html&after=0"),
    "limits of pages": request_of(query="?limit=5&wait=1"),
    "foreign cookie": request_of("Cookie: counter=1\r\n"),
    "foreign host": request_of(host="evil.example"),
    "closing": request_of("Connection: close\r\n"),
    "behind a proxy": request_of("X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"),
    "weighted": request_of().replace(STREAM, "Accept: text/event-stream, */*;q=0.1\r\n"),
}
# The application answers these.
OTHERS = {
    "unknown cursor": request_of("Last-Event-ID: nonsense\r\n"),
    "unknown epoch": request_of(query="?after=0000-1"),
    "unknown coverage": request_of(slug="nothing"),
    "planned coverage": request_of(slug="PLAN"),
    "slash in the slug": request_of(slug="a%2Fb"),
    "unknown member": request_of(query="?aftr=0"),
    "repeated member": request_of(query="?after=0&after=0"),
    "wrong value": request_of(query="?format=xml"),
    "http/1.0": request_of().replace("HTTP/1.1", "HTTP/1.0"),
    "head": request_of().replace("GET", "HEAD", 1),
    "invalid key": request_of("Authorization: Bearer dateline_0_0\r\n"),
    "our cookie": request_of("Cookie: dateline_session=0\r\n"),
    "accept twice": request_of("Accept: application/json\r\n"),
    "body": request_of("Content-Length: 0\r\n"),
}
REFUSED = {
    "malformed host": request_of(host="a b"),
    "no host": request_of().replace("Host: live.example\r\n", ""),
    "two hosts": request_of("Host: b.example\r\n"),
}


@pytest.mark.parametrize("name", [*PLAIN, *OTHERS, *REFUSED])
def test_both_ways_answer_alike(two: Doors, name: str) -> None:
    """Status, headers and first frames are the same; the application sees no plain requests."""
    request = {**PLAIN, **OTHERS, **REFUSED}[name]
    answers = []
    for port in (two.without, *[two.with_opener] * TIMES):
        before = Counting.seen
        with two.ask(port, request) as answer:
            answers.append(answer)
    assert answers == answers[:1] * (TIMES + 1)
    assert Counting.seen - before == (name in OTHERS)  # the last request


HEALTH = "GET /healthz HTTP/1.1\r\nHost: live.example\r\n\r\n"
# Requests on one connection, in one packet or in several.
IN_A_ROW = {
    "after another": [HEALTH, request_of() + "\r\n"],
    "after another in one packet": [HEALTH + request_of() + "\r\n"],
    "before another in one packet": [request_of() + "\r\n" + HEALTH],
    "two in one packet": [f"{request_of()}\r\n" * 2],
    "in two packets": [request_of()[:40], request_of()[40:] + "\r\n"],
    "closing before another in one packet": [request_of("Connection: close\r\n") + "\r\n" + HEALTH],
    "after empty lines": ["\r\n\r\n" + request_of() + "\r\n"],
    "before empty lines": [request_of() + "\r\n\r\n\r\n"],
    "before rubbish": [request_of() + "\r\n\0\0\r\n\r\n"],
    "before an upgrade": [
        request_of() + "\r\n" + request_of("Upgrade: websocket\r\nConnection: Upgrade\r\n") + "\r\n"
    ],
}


@pytest.mark.parametrize("name", IN_A_ROW)
def test_both_ways_answer_alike_what_comes_in_a_row(two: Doors, name: str) -> None:
    """What precedes and follows a stream's request on its connection is answered as ever."""
    two.open_all(request_of())
    answers = [two.send(port, IN_A_ROW[name]) for port in (two.without, two.with_opener)]
    assert answers[0] == answers[1]


def test_both_ways_refuse_alike_at_the_limit(two: Doors) -> None:
    """An address with all of its streams gets the same refusal, and another stream later."""
    request = request_of("X-Forwarded-For: 203.0.113.9\r\n")
    with ExitStack() as open_streams:
        for _ in range(PER_ADDRESS):
            answer = open_streams.enter_context(two.ask(two.with_opener, request))
            assert answer.status == 200
        with two.ask(two.with_opener, request) as refused, two.ask(two.without, request) as same:
            assert (refused.status, refused) == (503, same)
    two.until(lambda: two.sample("dateline_connections", transport="sse") == 0)
    with two.ask(two.with_opener, request) as answer:
        assert answer.status == 200


def test_both_ways_refuse_an_address_that_has_used_up_its_share(two: Doors) -> None:
    """An address without a share of the loop's time gets the same 429."""
    request = request_of("X-Forwarded-For: 203.0.113.10\r\n")
    two.app.state.loop_shares.use("203.0.113.10", 60.0)
    with two.ask(two.with_opener, request) as refused, two.ask(two.without, request) as same:
        assert (refused.status, refused) == (429, same)


def test_a_stream_costs_its_address_a_part_of_its_share(two: Doors) -> None:
    """The time that opening takes is charged, whoever opens the stream."""
    shares = two.app.state.loop_shares
    two.open_all(request_of("X-Forwarded-For: 203.0.113.11\r\n"))
    assert shares.wait("203.0.113.11") == 0
    left = two.app.state.loop_shares._spent._windows["203.0.113.11"][1]
    two.open_all(request_of("X-Forwarded-For: 203.0.113.11\r\n"))
    assert shares._spent._windows["203.0.113.11"][1] > left > 0


def test_both_ways_count_streams_alike(two: Doors) -> None:
    """The metrics of opened, resumed and closed streams grow alike, and none stays open."""
    counts = []
    for port in (two.with_opener, two.without):
        two.open_all(request_of())
        before = two.counts()
        with two.ask(port, request_of()), two.ask(port, request_of(query="?after=0")):
            assert two.sample("dateline_connections", transport="sse") == 2
        two.until(lambda: two.sample("dateline_connections", transport="sse") == 0)
        counts.append([after - was for after, was in zip(two.counts(), before, strict=True)])
    assert counts[0] == counts[1] == [2, 2, 1, 1]


def test_a_stream_that_was_opened_ahead_gets_what_is_published(two: Doors) -> None:
    """Readers of both ways get the same events."""
    request = request_of()
    with two.listen(two.with_opener, request) as ahead, two.listen(two.without, request) as usual:
        two.run(two.publish("Live"))
        first, second = (read_until(reader, b"Live in full") for reader in (ahead, usual))
    assert first == second


def test_both_ways_answer_alike_in_a_drain(tmp_path: Path) -> None:
    """Once the process ends its streams, both ways end a new one at once, after the same frames."""
    with doors(tmp_path) as ending:
        ending.open_all(request_of())
        ending.run(ending.app.state.services.hub.drain())
        answers = []
        for port in (ending.with_opener, ending.without):
            with ending.ask(port, request_of(), to_the_end=True) as answer:
                answers.append(answer)
        assert answers[0] == answers[1]


SOCKETS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("", {}),
    "uncompressed": ("", {"compression": None}),
    "subprotocol": ("", {"subprotocols": ["other", "dateline.v1"]}),
    "origin": ("", {"origin": "https://reader.example"}),
    "after": ("?after=0", {}),
    "last event": ("", {"additional_headers": {"Last-Event-ID": "0"}}),
    "foreign cookie": ("", {"additional_headers": {"Cookie": "counter=1"}}),
}
OTHER_SOCKETS: dict[str, tuple[str, dict[str, Any]]] = {
    "unknown cursor": ("?after=nonsense", {}),
    "unknown member": ("?aftr=0", {}),
    "invalid key": ("", {"additional_headers": {"Authorization": "Bearer dateline_0_0"}}),
    "our cookie": ("", {"additional_headers": {"Cookie": "dateline_session=0"}}),
}


@pytest.mark.parametrize("name", [*SOCKETS, *OTHER_SOCKETS])
def test_websockets_are_answered_alike(two: Doors, name: str) -> None:
    """Handshake and first messages are the same; the application sees no plain requests."""
    query, options = {**SOCKETS, **OTHER_SOCKETS}[name]
    two.open_all(request_of())  # so that the journal is followed
    answers = []
    for port in (two.without, two.with_opener):
        before = Counting.seen
        answers.append(shake_hands(two, port, query, options))
    assert answers[0] == answers[1]
    assert Counting.seen - before == (name in OTHER_SOCKETS)


def shake_hands(two: Doors, port: int, query: str, options: dict[str, Any]) -> list[Any]:
    """Open a WebSocket; returns its handshake's headers, and its messages or its end."""
    url = f"ws://127.0.0.1:{port}/v1/coverages/{two.record.slug}/socket{query}"
    behind = (
        two.record.desk.coverage.cursor.seq
        if query == "?after=0" or "Last-Event-ID" in str(options)
        else 0
    )
    try:
        with connect(url, **options) as opened:
            assert opened.response
            answer: list[Any] = known_headers(opened.response.headers.raw_items())
            try:
                return answer + [opened.recv() for _ in range(1 + behind)]
            except ConnectionClosed as end:
                return [*answer, end.rcvd and end.rcvd.code]
    except InvalidStatus as refusal:
        headers = known_headers(refusal.response.headers.raw_items())
        return [refusal.response.status_code, headers, refusal.response.body]


def known_headers(fields: Any) -> list[Any]:
    """Return the headers that do not vary."""
    return [(n, v) for n, v in fields if n.lower() not in {"date", "sec-websocket-accept"}]
