"""Follows a coverage's journal over Server-Sent Events, and resumes after any interruption.

Source: WHATWG HTML, section 9.2.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from httpx_sse import EventSource, ServerSentEvent

from app.cli.api import coverage_path
from app.cli.refusal import (
    Refused,
    describe_answer,
    is_transient,
    problem_of,
    read_answer,
    unreachable,
)
from app.cli.retry import PATIENCE

Json = dict[str, Any]

_SILENCE = 60.0  # seconds without even a heartbeat, after which the connection is dead
_LONGEST_WAIT = 30.0


class _Busy(Exception):
    """The server accepts no more streams at present."""


class _NotDateline(Exception):
    """The response is not Dateline's: a proxy or another server sent it."""


@dataclass(slots=True)
class Follower:
    """A client of one coverage's stream.

    Args:
        client: an HTTP client for the server.
        slug: of the coverage.
        cursor: the last known cursor; `0` for the beginning, None to start with new events.
        report: called with a sentence on a lost connection or a reset.
        until_closed: end when the coverage is closed.
        patience: seconds to wait if another server responds at the address from the start;
            after a first successful connection, there is no time-out.
    """

    client: httpx.AsyncClient
    slug: str
    cursor: str | None
    report: Callable[[str], None]
    until_closed: bool = False
    patience: float = PATIENCE
    _failures: int = 0
    _first_wait: float = 1.0  # seconds; replaced by the server's `retry:`
    _has_connected: bool = False

    async def events(self) -> AsyncGenerator[Json, None]:
        """Yield each event once, in order.

        Raises:
            Refused: the server refuses the stream, for instance of an unknown coverage, or could
                not be reached in the first place.
        """
        while True:
            try:
                if self.until_closed and await self._has_ended():
                    return
                async with aclosing(self._stream()) as stream:
                    async for event in stream:
                        yield event
            except (httpx.RequestError, _Busy, _NotDateline) as error:
                # Exponential back-off with jitter.
                wait = min(_LONGEST_WAIT, self._first_wait * 2**self._failures)
                pause = wait * random.uniform(0.5, 1)  # noqa: S311
                if not (self._has_connected or isinstance(error, _Busy)):
                    if isinstance(error, httpx.RequestError):
                        raise unreachable(self.client, error) from error
                    self.patience -= pause
                    if self.patience < 0:
                        raise Refused(str(error)) from error
                self._failures += 1
                reason = str(error) or type(error).__name__
                self.report(f"the line is lost ({reason}); trying again in {pause:.0f} s")
                await asyncio.sleep(pause)

    async def _stream(self) -> AsyncGenerator[Json, None]:
        headers = {"Accept": "text/event-stream"}
        if self.cursor is not None:
            headers["Last-Event-ID"] = self.cursor
        path = f"{coverage_path(self.slug)}/events"
        timeout = httpx.Timeout(10, read=_SILENCE)
        async with self.client.stream("GET", path, headers=headers, timeout=timeout) as answer:
            await _check(answer)
            if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                raise _NotDateline(describe_answer(answer))
            self._has_connected = True
            async with aclosing(EventSource(answer).aiter_sse()) as frames:
                async for frame in frames:
                    for event in self._read(frame):
                        yield event
                        if self.until_closed and event["type"] == "coverage.closed":
                            return
                    if self.until_closed and frame.event == "reset":
                        return  # the reset may have skipped the closing event
        # The stream reached its maximum age. Jitter keeps clients from reconnecting all at once.
        await asyncio.sleep(random.uniform(0, 1))  # noqa: S311

    def _read(self, frame: ServerSentEvent) -> list[Json]:
        # The data of a type that this client does not know may be no JSON.
        is_known = frame.event in {"message", "reset"} and frame.data
        try:
            event: Json | None = orjson.loads(frame.data) if is_known else None
        except orjson.JSONDecodeError as error:
            raise _NotDateline(
                f"{self.client.base_url} sends events that are not Dateline's"
            ) from error
        self._failures = 0
        if frame.retry is not None:
            self._first_wait = frame.retry / 1000
        if frame.event == "reset" and event is not None:
            self.report(f"reset, {event['reason']}: what came before is left out")
        self.cursor = frame.id or self.cursor
        return [event] if event is not None and frame.event == "message" else []

    async def _has_ended(self) -> bool:
        """Whether the coverage is closed, and all its events are known."""
        answer = await self.client.get(coverage_path(self.slug))
        await _check(answer)
        if is_transient(answer):
            raise _NotDateline(describe_answer(answer))
        coverage = read_answer(answer)
        return coverage["status"] == "closed" and self.cursor in {None, coverage["cursor"]}


async def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    await answer.aread()
    if not problem_of(answer):
        raise _NotDateline(describe_answer(answer))
    if is_transient(answer):
        raise _Busy(f"{answer.status_code} {answer.reason_phrase}")
    read_answer(answer)
