"""Hostile clients, each with its own address: `python -m bench.attackers PORT`.

They run until terminated, in a separate process, so that they take no time from the measuring
process. Standard input gives, as one line of JSON, the contributor's key and a picture's file. Each
kind reproduces an attack by which one client could once stop a newsroom.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

BUSY = "busy"  # the coverage that is attacked
ENTRIES = 3000  # one per second
BEGINS = datetime(2026, 3, 1, 12, tzinfo=UTC)
_PATIENCE = 70.0  # seconds to wait for a response, more than the longest poll
_PAUSE = 0.1  # seconds between two requests: a flood of connections is another attack
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Attacker:
    """One hostile client.

    Args:
        address: its address in the loopback network.
        port: of the server.
        key: a contributor's key for the attacked coverage.
        picture: a file to upload.
    """

    address: str
    port: int
    key: str
    picture: Path

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        pause: float = 0,
    ) -> bytes:
        """Send a request, and read until the server closes the connection.

        Args:
            method: of the request.
            path: with its query.
            body: its full length is announced.
            headers: in addition to those of every request.
            pause: seconds between two bytes of the body; 0 sends all at once.
        """
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(self.address, 0)
        )
        lines = {"Host": f"127.0.0.1:{self.port}", "Connection": "close", **(headers or {})}
        if body:
            lines["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        try:
            writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode())
            if pause:
                for place in range(len(body)):
                    writer.write(body[place : place + 1])
                    await writer.drain()
                    await asyncio.sleep(pause)
            else:
                writer.write(body)
            return await asyncio.wait_for(_read_all(reader), _PATIENCE)
        finally:
            writer.close()

    @property
    def bearer(self) -> dict[str, str]:
        """The Authorization header with the contributor's key."""
        return {"Authorization": f"Bearer {self.key}"}


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    begin = await reader.read(65536)
    while await reader.read(65536):
        pass
    return begin


async def send_slowly(client: Attacker) -> None:
    """Send a body without a form at a byte a second, with an idempotency key."""
    name = {"Idempotency-Key": random.randbytes(8).hex()}
    path = f"/v1/coverages/{BUSY}/drafts/nope"
    await client.ask("DELETE", path, b"x" * 1000, client.bearer | name, pause=1)


async def poll(client: Attacker) -> None:
    """Long-poll from the journal's head, half of the time with a conditional request."""
    condition = {"If-None-Match": '"x"'} if random.random() < 0.5 else {}
    head = f"{await _epoch(client)}-{ENTRIES + 1}"
    path = f"/v1/coverages/{BUSY}/events?after={head}&wait=60"
    await client.ask("GET", path, headers=condition)


def _moment() -> str:
    moment = BEGINS + timedelta(milliseconds=random.randrange(ENTRIES * 1000))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def look_back(client: Attacker) -> None:
    """Read the page of entries, each time as of another random time."""
    await client.ask("GET", f"/v1/coverages/{BUSY}/entries?at={_moment()}")


async def look_back_on_a_page(client: Attacker) -> None:
    """Read the reader's page, each time as of another random time, with a header of 30 KB."""
    languages = {"Accept-Language": ",".join(f"x{number}" for number in range(4500))}
    await client.ask("GET", f"/coverages/{BUSY}?at={_moment()}", headers=languages)


async def read_html(client: Attacker) -> None:
    """Read the journal with rendered HTML, a hundred events at a time, from varying cursors."""
    after = random.randrange(ENTRIES - 100)
    epoch = await _epoch(client)
    await client.ask("GET", f"/v1/coverages/{BUSY}/events?format=html&after={epoch}-{after}")


async def replay(client: Attacker) -> None:
    """Replay the stream from the beginning to the head."""
    headers = {"Accept": "text/event-stream"}
    with suppress(TimeoutError):
        path = f"/v1/coverages/{BUSY}/events?after=0&format=html"
        await asyncio.wait_for(client.ask("GET", path, headers=headers), 2)


async def preview(client: Attacker) -> None:
    """Preview 64 KiB of Markdown that is slow to render."""
    table = "|" + "a|" * 30 + "\n|" + "-|" * 30 + "\n" + ("|" + "a|" * 30 + "\n") * 2000
    words = random.choice(("*a " * 30_000, "[" * 65_536, table))[: 60 * 1024]
    body = json.dumps({"body": words})
    headers = client.bearer | {"Content-Type": "application/json"}
    await client.ask("POST", f"/v1/coverages/{BUSY}/preview", body.encode(), headers)


async def sign_in(client: Attacker) -> None:
    """Sign in with a wrong password, each time as another person."""
    name = random.randbytes(4).hex()
    fields = urlencode({"email": f"{name}@example.org", "password": "a wrong long password"})
    headers = {"Content-Type": _FORM, "Origin": f"http://127.0.0.1:{client.port}"}
    await client.ask("POST", "/desk/sign-in", fields.encode(), headers)


async def upgrade(client: Attacker) -> None:
    """Send a malformed WebSocket upgrade: a field that is too long, or a body."""
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    headers |= {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "X-Long": "x" * 20_000}
    body = b"x" if random.random() < 0.5 else b""
    with suppress(TimeoutError):
        path = f"/v1/coverages/{BUSY}/socket"
        await asyncio.wait_for(client.ask("GET", path, body, headers), 5)


async def upload(client: Attacker) -> None:
    """Upload a large picture."""
    cut = "cut"
    head = f'--{cut}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
    head += "Content-Type: image/jpeg\r\n\r\n"
    body = head.encode() + client.picture.read_bytes() + f"\r\n--{cut}--\r\n".encode()
    headers = client.bearer | {"Content-Type": f"multipart/form-data; boundary={cut}"}
    await client.ask("POST", "/v1/media", body, headers)


async def connect(client: Attacker) -> None:
    """Open a connection and send nothing, or half of a request, until the server closes it."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", client.port, local_addr=(client.address, 0)
    )
    try:
        if random.random() < 0.5:
            writer.write(b"GET / HTTP/1.1\r\nHost: ")
        await asyncio.wait_for(reader.read(), _PATIENCE)
    finally:
        writer.close()


async def read_unknown_parameters(client: Attacker) -> None:
    """Read the reader's page with another unknown parameter each time."""
    await client.ask("GET", f"/coverages/{BUSY}?x={random.randbytes(8).hex()}")


async def read_languages(client: Attacker) -> None:
    """Read the reader's page with another header of 30 KB each time."""
    some = [f"x{random.randrange(10**6)}" for _ in range(4000)]
    await client.ask("GET", f"/coverages/{BUSY}", headers={"Accept-Language": ",".join(some)})


async def read_document(client: Attacker) -> None:
    """Read the OpenAPI document."""
    await client.ask("GET", "/openapi.json")


async def read_long_queries(client: Attacker) -> None:
    """Read the reader's page with 30 KB of unknown parameters."""
    await client.ask("GET", f"/coverages/{BUSY}?{'%41&' * 7500}")


async def replay_several(client: Attacker) -> None:
    """Replay the stream of several coverages from the beginning to the head."""
    headers = {"Accept": "text/event-stream"}
    with suppress(TimeoutError):
        path = f"/v1/events?coverage={BUSY}&after=0&format=html"
        await asyncio.wait_for(client.ask("GET", path, headers=headers), 2)


async def open_sockets(client: Attacker) -> None:
    """Open WebSockets of a coverage that does not exist."""
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    headers |= {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    with suppress(TimeoutError):
        path = "/v1/coverages/no-such-page/socket"
        await asyncio.wait_for(client.ask("GET", path, headers=headers), 5)


# The number of concurrent requests of each kind.
KINDS: dict[Callable[[Attacker], Awaitable[None]], int] = {
    send_slowly: 20,
    poll: 200,
    look_back: 4,
    look_back_on_a_page: 4,
    read_html: 4,
    replay: 4,
    preview: 4,
    sign_in: 18,
    upgrade: 50,
    upload: 2,
    connect: 600,
}

# Not run by default, only when named.
OTHERS: dict[Callable[[Attacker], Awaitable[None]], int] = {
    read_unknown_parameters: 4,
    read_languages: 4,
    read_document: 4,
    read_long_queries: 4,
    replay_several: 4,
    open_sockets: 40,
}

_epochs: dict[int, str] = {}


async def _epoch(client: Attacker) -> str:
    if client.port not in _epochs:
        answer = await client.ask("GET", f"/v1/coverages/{BUSY}")
        cursor = answer.partition(b'"cursor":"')[2].partition(b'"')[0].decode()
        _epochs[client.port] = cursor.rpartition("-")[0]
    return _epochs[client.port]


async def _repeat(kind: Callable[[Attacker], Awaitable[None]], client: Attacker) -> None:
    while True:
        with suppress(OSError, TimeoutError):
            await kind(client)
        await asyncio.sleep(_PAUSE)


async def main() -> None:
    """Attack until terminated."""
    os.nice(5)
    options = json.loads(sys.stdin.readline())
    named = {k: n for k, n in (KINDS | OTHERS).items() if k.__name__ in options["only"]}
    kinds = named if options["only"] else KINDS
    async with asyncio.TaskGroup() as tasks:
        for number, (kind, lanes) in enumerate(kinds.items(), 10):
            client = Attacker(
                f"127.0.0.{number}", int(sys.argv[1]), options["key"], Path(options["picture"])
            )
            for _ in range(lanes):
                tasks.create_task(_repeat(kind, client))


if __name__ == "__main__":
    asyncio.run(main())
