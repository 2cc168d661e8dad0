"""A newsroom application that readers reach with and without the response cache."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from app.access.keys import create_key
from app.clock import utc_now
from app.main import create_app
from app.settings import Settings
from app.web.response_cache import ResponseCache

Json = dict[str, Any]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


class RequestCounter:
    """An application that counts its requests."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.state = app.state
        self.request_count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.request_count += 1
        await self.app(scope, receive, send)


@dataclass
class NewsroomApp:
    """The application with and without the response cache; `chief` uses the cache."""

    uncached: RequestCounter
    cached: ResponseCache
    chief: httpx.AsyncClient
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def open_coverage(self, **fields: Any) -> str:
        """Open a coverage and return its slug."""
        slug = f"c{next(self.numbers)}"
        opened = await self.write("POST", "", {"slug": slug, "title": "A day", **fields})
        return str(opened["slug"])

    async def write(self, method: str, below: str, document: Json | None = None) -> Json:
        """Write as the chief, and expect success; `below` follows /v1/coverages."""
        headers = {"If-Match": "*"} if method == "PATCH" and "/entries/" in below else {}
        answer = await self.chief.request(
            method, f"/v1/coverages{below}", json=document, headers=headers
        )
        assert answer.is_success, answer.text
        written: Json = answer.json()
        return written

    async def ask_both(self, address: str, method: str = "GET", /, **headers: str) -> Answer:
        """Request without the cache and twice through it; all three answers must be equal."""
        uncached = await ask(self.uncached.app, address, method, **headers)
        cached = await ask(self.cached, address, method, **headers)
        repeated = await ask(self.cached, address, method, **headers)
        assert cached == uncached, address
        assert repeated == uncached, address
        return uncached


async def ask(app: Any, address: str, method: str = "GET", /, **headers: str) -> Answer:
    """Request from an ASGI application; return status, headers and body as the server gets them."""
    path, _, query = address.partition("?")
    raw_headers = [(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in headers.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "server": ("dateline.test", 80),
        "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"dateline.test"), *raw_headers],
    }
    messages: list[Message] = []

    incoming: asyncio.Queue[Message] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    async def send(message: Message) -> None:
        messages.append(message)

    # The client stays connected: no message follows the request.
    await app(scope, incoming.get, send)
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return messages[0]["status"], list(messages[0]["headers"]), body


def header(answer: Answer, name: str) -> str | None:
    """Return a header of an answer."""
    value = dict(answer[1]).get(name.encode())
    return None if value is None else value.decode("latin-1")


def _ticking_clock() -> Callable[[], datetime]:
    """A clock that advances a minute at each reading, so that no two readings are equal."""
    minutes = itertools.count()
    start = utc_now()
    return lambda: start + timedelta(minutes=next(minutes))


@asynccontextmanager
async def open_newsroom_app(
    folder: Path, capacity: int = 10**8, **changed: Any
) -> AsyncIterator[NewsroomApp]:
    """Run a newsroom application for the length of a block, with changed settings if any."""
    # No test asks a site on the Internet.
    url = f"sqlite:///{folder}/dateline.db"
    settings = Settings(database_url=url, embed_cards=False, **changed)
    app = create_app(settings, _ticking_clock())
    uncached = RequestCounter(app)
    cached = ResponseCache(uncached, app, capacity)
    async with app.router.lifespan_context(app):
        async with app.state.services.store.writing() as session:
            _, secret = await create_key(
                session, "chief", "chief", datetime.now(UTC), made_by="operator"
            )
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(cached),  # type: ignore[arg-type]
            base_url="http://dateline.test",
            headers={"Authorization": f"Bearer {secret}"},
        ) as chief:
            yield NewsroomApp(uncached, cached, chief)
