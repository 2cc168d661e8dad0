"""Waiting resources: every request is answered exactly once, whatever it combines.

Security, request handling: an answer too many would be taken for that of the next request on the
connection. Asked on raw sockets, since no library sends most of these.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import h11
import pytest

from tests.contract.newsrooms import new_timeline, running_newsroom
from tests.contract.timeline import Timeline
from tests.open_answers import Asking, Kind

PATIENCE = 60.0  # seconds for something that is sure to come
AT_ONCE = 24  # connections
NEXT = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
JSON, STREAM = "application/json", "text/event-stream"


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Timeline]:
    """A coverage of a server whose streams end soon."""
    folder = tmp_path_factory.mktemp("once")
    with running_newsroom(folder, stream_lifetime="0.5", connects_per_second="10000") as newsroom:
        timeline = new_timeline(newsroom, "once")
        timeline.publish()
        yield timeline


@dataclass(frozen=True)
class Way:
    """How one request is made; None is without that header or member of the query."""

    method: str
    condition: str | None
    range: str | None
    accept: str | None
    encoding: str | None
    wait: str | None
    form: str | None
    connection: str | None
    is_ahead: bool  # whether the next request is sent with it, and not after its answer

    def sent(self, timeline: Timeline, cursor: str) -> bytes:
        """The request."""
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
        lines = [f"{self.method} {timeline.path}/events?{members} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in fields.items() if value]
        return "\r\n".join([*lines, "", ""]).encode()

    @property
    def is_stream(self) -> bool:
        """Whether the answer may be endless."""
        return self.accept == STREAM and self.method == "GET"


def ways(*, etag: str) -> list[Way]:
    """Every combination."""
    return [
        Way(*parts)
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


class Answers:
    """The answers on a connection, as an HTTP client takes them."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._rest = b""

    async def next(self, method: str) -> int | None:
        """The status of the next one, read to its end; None at the connection's end."""
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


async def ask(timeline: Timeline, cursor: str, way: Way) -> tuple[int | None, int | None]:
    """The statuses of a request and of that behind it; there must be no third answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", timeline.newsroom.server.port)
    answers = Answers(reader)
    request = way.sent(timeline, cursor)
    writer.write(request + NEXT if way.is_ahead else request)
    first = await answers.next(way.method)
    if not way.is_ahead and not way.is_stream and way.connection is None:
        writer.write(NEXT)
    second = await answers.next("GET")
    assert await answers.next("GET") is None, way
    assert answers._rest == b"", way
    writer.close()
    return first, second


def expected(way: Way, etag: str) -> tuple[set[int | None], set[int | None]]:
    """Which statuses the two may have."""
    if way.method == "DELETE":
        first: set[int | None] = {405}
    elif way.method == "OPTIONS":
        first = {405, 200}
    elif way.accept == STREAM:
        first = {200}
    else:
        first = {304} if way.condition in {"*", etag} and way.form is None else {200, 304}
        if way.condition in {None, '"x"'}:
            first = {200}
    # A stream ends its connection, and the client sends again what was behind it.
    second: set[int | None] = {None} if way.connection or way.is_stream else {200}
    return first, second


async def ask_all(timeline: Timeline, cursor: str, all_ways: Sequence[Way]) -> list[str]:
    """What has been answered otherwise than expected."""
    wrong, gate = [], asyncio.Semaphore(AT_ONCE)
    etag = next(w.condition for w in all_ways if w.condition not in {None, "*", '"x"'}) or ""

    async def one(way: Way) -> None:
        async with gate, asyncio.timeout(PATIENCE):
            first, second = await ask(timeline, cursor, way)
        may_be = expected(way, etag)
        if first not in may_be[0] or second not in may_be[1]:
            wrong.append(f"{way}: {first}, {second}")

    await asyncio.gather(*map(one, all_ways))
    return wrong


@pytest.mark.full("3,072 combinations")
def test_every_combination_is_answered_exactly_once(timeline: Timeline):
    """By its status, then the next request by its own, and the server's log has no word of it."""
    server, cursor = timeline.newsroom.server, timeline.head
    etag = timeline.newsroom.reader.get(f"{timeline.path}/events?after={cursor}").headers["etag"]
    before = server.log()
    assert asyncio.run(ask_all(timeline, cursor, ways(etag=etag))) == []
    assert server.log() == before


def test_who_waits_is_answered_exactly_once_with_the_event(timeline: Timeline):
    """However the request was made; all of them wait for the same event."""
    server, cursor = timeline.newsroom.server, timeline.head
    long = [
        Way("GET", condition, None, accept, encoding, "60", form, connection, is_ahead=False)
        for condition, accept, encoding, form, connection in product(
            (None, "*", '"x"'), (None, JSON), (None, "gzip"), (None, "html"), (None, "close")
        )
    ]

    async def ask_and_publish() -> list[tuple[int | None, int | None]]:
        asking = [asyncio.create_task(ask(timeline, cursor, way)) for way in long]
        waiting = Asking(server, timeline.slug, "", "", cursor)
        await asyncio.to_thread(waiting.until, lambda held: held == {"long-poll": len(long)})
        await asyncio.to_thread(timeline.publish, "At last")
        return await asyncio.gather(*asking)

    before = server.log()
    for way, answered in zip(long, asyncio.run(ask_and_publish()), strict=True):
        status = 304 if way.condition == "*" else 200
        assert answered == (status, None if way.connection else 200), way
    assert server.log() == before


@pytest.mark.parametrize("name", ["wait", "w%61it", "%77ait"])
def test_nobody_waits_for_another_ones_poll(timeline: Timeline, name: str):
    """However the parameter is written: each poll of one address waits with a place of its own."""
    asking = Asking(timeline.newsroom.server, timeline.slug, "", "", timeline.head)
    asking.until(lambda places: not places)
    target = f"/v1/coverages/SLUG/events?after=CURSOR&{name}=60"
    # With its body on the way the poll cannot be left to the hub, and waits in its own task.
    kind = Kind("long-poll", target, ("Content-Length: 9",), behind="x")
    with asking.open(kind), asking.open(kind), asking.open(kind):
        asking.until(lambda places: places == {"long-poll": 3})
