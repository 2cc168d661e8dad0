"""Independent clients of the live stream: httpx-sse for SSE, websockets for WebSocket."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
from httpx_sse import EventSource, ServerSentEvent
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.dateline import DatelineServer

Json = dict[str, Any]
PATIENCE = 60.0  # seconds, for events that are certain to come


class Stream:
    """An open SSE stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._frames = EventSource(response).iter_sse()

    def frame(self) -> ServerSentEvent:
        """Return the next frame; a heartbeat is one without data."""
        return next(self._frames)

    def message(self) -> ServerSentEvent:
        """Return the next frame with data."""
        return next(frame for frame in self._frames if frame.data)

    def event(self) -> Json:
        """Return the next journal event, whose cursor must be the frame's id."""
        frame = self.message()
        assert frame.event == "message", frame
        event: Json = frame.json()
        assert frame.id == event["cursor"]
        return event

    def take(self, count: int) -> list[Json]:
        """Return the next `count` journal events."""
        return [self.event() for _ in range(count)]

    def until(self, cursor: str) -> list[Json]:
        """Return the next journal events, up to the one with this cursor."""
        events = [self.event()]
        while events[-1]["cursor"] != cursor:
            events.append(self.event())
        return events

    def rest(self) -> list[ServerSentEvent]:
        """Return all frames until the server ends the stream."""
        return list(self._frames)


@contextmanager
def open_stream(
    server: DatelineServer,
    slug: str,
    *,
    headers: dict[str, str] | None = None,
    **query: Any,
) -> Iterator[Stream]:
    """Open a coverage's event stream with these headers and query parameters."""
    request_headers = {
        "Accept": "text/event-stream",
        "Accept-Encoding": "identity",
        **(headers or {}),
    }
    address = f"{server.url}/v1/coverages/{slug}/events"
    with (
        httpx.Client(timeout=PATIENCE) as client,
        client.stream("GET", address, params=query, headers=request_headers) as response,
    ):
        assert response.status_code == 200, response.read()
        yield Stream(response)


class Socket:
    """An open WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def frame(self) -> Json:
        """Return the next frame, decoded."""
        text = self.connection.recv(timeout=PATIENCE)
        assert isinstance(text, str), "each event is one text frame"
        frame: Json = json.loads(text)
        return frame

    def take(self, count: int) -> list[Json]:
        """Return the next `count` frames."""
        return [self.frame() for _ in range(count)]

    def until(self, cursor: str) -> list[Json]:
        """Return the next frames, up to the one with this cursor."""
        frames = [self.frame()]
        while frames[-1]["cursor"] != cursor:
            frames.append(self.frame())
        return frames

    def close_code(self) -> int | None:
        """Read to the end, and return the server's close code."""
        with suppress(ConnectionClosed):
            while True:
                self.connection.recv(timeout=PATIENCE)
        return self.connection.close_code


@contextmanager
def open_socket(
    server: DatelineServer, slug: str, after: str | None = None, **options: Any
) -> Iterator[Socket]:
    """Open a coverage's WebSocket; `options` are for the client library."""
    address = f"ws://127.0.0.1:{server.port}/v1/coverages/{slug}/socket"
    query = "" if after is None else f"?after={after}"
    with connect(address + query, open_timeout=PATIENCE, close_timeout=5, **options) as connection:
        yield Socket(connection)
