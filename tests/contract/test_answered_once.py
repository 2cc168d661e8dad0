"""Tests that each request gets exactly one response, in every combination of its features.

Security, request handling: a surplus response would be taken for that of the connection's next
request. The requests are sent on raw sockets, since client libraries cannot send most of them.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import h11
import pytest

from tests.contract.newsrooms import new_timeline, running_newsroom
from tests.contract.timeline import Timeline
from tests.open_responses import Kind, OpenResponses

PATIENCE = 60.0  # seconds, for events that are certain to come
AT_ONCE = 24  # connections
NEXT = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
JSON, STREAM = "application/json", "text/event-stream"


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Timeline]:
    """A coverage on a server whose streams end after half a second."""
    folder = tmp_path_factory.mktemp("once")
    with running_newsroom(folder, stream_lifetime="0.5", connects_per_second="10000") as newsroom:
        timeline = new_timeline(newsroom, "once")
        timeline.publish()
        yield timeline


@dataclass(frozen=True)
class RequestVariant:
    """The features of one request; None is without that header or query parameter."""

    method: str
    condition: str | None
    range: str | None
    accept: str | None
    encoding: str | None
    wait: str | None
    form: str | None
    connection: str | None
    is_ahead: bool  # whether the next request is sent along, not after the response

    def encode(self, timeline: Timeline, cursor: str) -> bytes:
        """Return the request as the bytes that are sent."""
        query = {"after": cursor, "wait": self.wait, "format": self.form}
        members = "&".join(f"{name}={value}" for name, value in query.items() if value)
        fields = {
            "Host": "a",
            "If-None-Match": self.condition,
            "Range": self.range,
            "Accept": self.accept,
            "Accept-Encoding": self.encoding,
            "Connection": self.connection,
        }
        head = [f"{self.method} {timeline.path}/events?{members} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in fields.items() if value]
        return "\r\n".join([*head, "", ""]).encode()

    @property
    def is_stream(self) -> bool:
        """Whether the response may be an endless stream."""
        return self.accept == STREAM and self.method == "GET"


def all_variants(*, etag: str) -> list[RequestVariant]:
    """Return every combination of features."""
    return [
        RequestVariant(*parts)
        for parts in product(
            ("GET", "HEAD", "OPTIONS", "DELETE"),
            (None, "*", '"x"', etag),
            (None, "bytes=0-1"),
            (None, JSON, STREAM),
            (None, "gzip"),
            (None, "0.05"),
            (None, "html"),
            (None, "close"),
            (False, True),
        )
    ]


class ResponseReader:
    """The responses on a connection, parsed as an HTTP client does."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._rest = b""

    async def next(self, method: str) -> int | None:
        """Read the next response; returns its status, or None at the connection's end."""
        parser = h11.Connection(h11.CLIENT)
        parser.send(h11.Request(method=method, target="/", headers=[("host", "a")]))
        parser.send(h11.EndOfMessage())
        if self._rest:
            parser.receive_data(self._rest)
        status = None
        while True:
            event = parser.next_event()
            if event is h11.NEED_DATA:
                parser.receive_data(piece := await self._reader.read(65536))
                if not piece and status is None:
                    return None
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.EndOfMessage):
                self._rest = parser.trailing_data[0]
                return status


async def ask(
    timeline: Timeline, cursor: str, variant: RequestVariant
) -> tuple[int | None, int | None]:
    """Send a request and a next one; returns both statuses. A third response fails the test."""
    reader, writer = await asyncio.open_connection("127.0.0.1", timeline.newsroom.server.port)
    responses = ResponseReader(reader)
    request = variant.encode(timeline, cursor)
    writer.write(request + NEXT if variant.is_ahead else request)
    first = await responses.next(variant.method)
    if not variant.is_ahead and not variant.is_stream and variant.connection is None:
        writer.write(NEXT)
    second = await responses.next("GET")
    assert await responses.next("GET") is None, variant
    assert responses._rest == b"", variant
    writer.close()
    return first, second


def expected(variant: RequestVariant, etag: str) -> tuple[set[int | None], set[int | None]]:
    """Return the allowed statuses of the two responses."""
    if variant.method == "DELETE":
        first: set[int | None] = {405}
    elif variant.method == "OPTIONS":
        first = {405, 200}
    elif variant.accept == STREAM:
        first = {200}
    else:
        first = {304} if variant.condition in {"*", etag} and variant.form is None else {200, 304}
        if variant.condition in {None, '"x"'}:
            first = {200}
    # A stream ends its connection, and the client repeats the request behind it.
    second: set[int | None] = {None} if variant.connection or variant.is_stream else {200}
    return first, second


async def ask_all(timeline: Timeline, cursor: str, variants: Sequence[RequestVariant]) -> list[str]:
    """Send all variants; returns those whose statuses differ from the expected ones."""
    failures, semaphore = [], asyncio.Semaphore(AT_ONCE)
    etag = next(w.condition for w in variants if w.condition not in {None, "*", '"x"'}) or ""

    async def send(variant: RequestVariant) -> None:
        async with semaphore, asyncio.timeout(PATIENCE):
            first, second = await ask(timeline, cursor, variant)
        allowed = expected(variant, etag)
        if first not in allowed[0] or second not in allowed[1]:
            failures.append(f"{variant}: {first}, {second}")

    await asyncio.gather(*map(send, variants))
    return failures


@pytest.mark.full("3,072 combinations")
def test_every_combination_is_answered_exactly_once(timeline: Timeline):
    """Each variant and the next request get their own status, and the server logs nothing."""
    server, cursor = timeline.newsroom.server, timeline.head
    etag = timeline.newsroom.reader.get(f"{timeline.path}/events?after={cursor}").headers["etag"]
    before = server.log()
    assert asyncio.run(ask_all(timeline, cursor, all_variants(etag=etag))) == []
    assert server.log() == before


def test_who_waits_is_answered_exactly_once_with_the_event(timeline: Timeline):
    """Each variant of a long-poll gets one response, with the event for which all wait."""
    server, cursor = timeline.newsroom.server, timeline.head
    variants = [
        RequestVariant(
            "GET", condition, None, accept, encoding, "60", form, connection, is_ahead=False
        )
        for condition, accept, encoding, form, connection in product(
            (None, "*", '"x"'), (None, JSON), (None, "gzip"), (None, "html"), (None, "close")
        )
    ]

    async def ask_and_publish() -> list[tuple[int | None, int | None]]:
        tasks = [asyncio.create_task(ask(timeline, cursor, variant)) for variant in variants]
        slots = OpenResponses(server, timeline.slug, "", "", cursor)
        await asyncio.to_thread(slots.until, lambda taken: taken == {"long-poll": len(variants)})
        await asyncio.to_thread(timeline.publish, "At last")
        return await asyncio.gather(*tasks)

    before = server.log()
    for variant, statuses in zip(variants, asyncio.run(ask_and_publish()), strict=True):
        status = 304 if variant.condition == "*" else 200
        assert statuses == (status, None if variant.connection else 200), variant
    assert server.log() == before


@pytest.mark.parametrize("name", ["wait", "w%61it", "%77ait"])
def test_nobody_waits_for_another_ones_poll(timeline: Timeline, name: str):
    """Each long-poll of the same URL takes its own slot, however the parameter is encoded."""
    slots = OpenResponses(timeline.newsroom.server, timeline.slug, "", "", timeline.head)
    slots.until(lambda taken: not taken)
    target = f"/v1/coverages/SLUG/events?after=CURSOR&{name}=60"
    # With an unread request body the hub cannot take the poll over: it waits in its own task.
    kind = Kind("long-poll", target, ("Content-Length: 9",), behind="x")
    with slots.open(kind), slots.open(kind), slots.open(kind):
        slots.until(lambda taken: taken == {"long-poll": 3})
