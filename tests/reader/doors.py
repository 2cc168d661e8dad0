"""One newsroom with two doors for readers: one keeps answers ready, the other makes each anew."""

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
from app.main import create_app
from app.settings import Settings
from app.web.response_cache import ResponseCache
from app.wiring import utc_now

Json = dict[str, Any]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


class Counted:
    """An application that counts what it is asked."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.state = app.state
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        await self.app(scope, receive, send)


@dataclass
class Doors:
    """The two doors, and the chief, who comes in by the one that keeps."""

    made: Counted
    hot: ResponseCache
    chief: httpx.AsyncClient
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def open_coverage(self, **fields: Any) -> str:
        """A new coverage; gives its slug."""
        slug = f"c{next(self.numbers)}"
        opened = await self.write("POST", "", {"slug": slug, "title": "A day", **fields})
        return str(opened["slug"])

    async def write(self, method: str, below: str, document: Json | None = None) -> Json:
        """Do something as the chief, which has to succeed; `below` follows /v1/coverages."""
        headers = {"If-Match": "*"} if method == "PATCH" and "/entries/" in below else {}
        answer = await self.chief.request(
            method, f"/v1/coverages{below}", json=document, headers=headers
        )
        assert answer.is_success, answer.text
        written: Json = answer.json()
        return written

    async def both(self, address: str, method: str = "GET", /, **headers: str) -> Answer:
        """Ask at both doors, twice at the one that keeps; all three answers must be the same."""
        made = await ask(self.made.app, address, method, **headers)
        first = await ask(self.hot, address, method, **headers)
        second = await ask(self.hot, address, method, **headers)
        assert first == made, address
        assert second == made, address
        return made


async def ask(door: Any, address: str, method: str = "GET", /, **headers: str) -> Answer:
    """Ask at a door; gives status, headers and body as the server would get them."""
    path, _, query = address.partition("?")
    given = [(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in headers.items()]
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
        "headers": [(b"host", b"dateline.test"), *given],
    }
    told: list[Message] = []

    coming: asyncio.Queue[Message] = asyncio.Queue()
    coming.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    async def send(message: Message) -> None:
        told.append(message)

    await door(scope, coming.get, send)  # its client stays: nothing comes behind the request
    body = b"".join(message.get("body", b"") for message in told[1:])
    return told[0]["status"], list(told[0]["headers"]), body


def header(answer: Answer, name: str) -> str | None:
    """A header of an answer."""
    found = dict(answer[1]).get(name.encode())
    return None if found is None else found.decode("latin-1")


def _hasty_clock() -> Callable[[], datetime]:
    """A minute passes whenever somebody looks: what is made of the time is never the same."""
    minutes = itertools.count()
    began = utc_now()
    return lambda: began + timedelta(minutes=next(minutes))


@asynccontextmanager
async def open_doors(folder: Path, capacity: int = 10**8) -> AsyncIterator[Doors]:
    """A newsroom for the length of a block."""
    app = create_app(Settings(database_url=f"sqlite:///{folder}/dateline.db"), _hasty_clock())
    made = Counted(app)
    hot = ResponseCache(made, capacity)  # type: ignore[arg-type]
    async with app.router.lifespan_context(app):
        async with app.state.services.store.writing() as session:
            _, secret = await create_key(
                session, "chief", "chief", datetime.now(UTC), made_by="operator"
            )
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(hot),  # type: ignore[arg-type]
            base_url="http://dateline.test",
            headers={"Authorization": f"Bearer {secret}"},
        ) as chief:
            yield Doors(made, hot, chief)
