"""Client benchmark: common clients of Server-Sent Events whose connections are cut repeatedly.

All read one coverage at once, each through its own proxy and as its documentation shows; the five
browser clients run in separate contexts of Chromium, on a page of another site.
"""

import asyncio
import json
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import httpx
from playwright.async_api import Browser, async_playwright

from bench.cutter import Cutter, cutting
from bench.dateline import ENTRIES, EVENTS, Dateline, dateline
from bench.installation import PEERS, Absent, find
from bench.programs import SCRATCH
from bench.table import format_table

Say = Callable[[str], None]
PACKAGES = {
    "native": None,
    "event-source-polyfill": "event-source-polyfill",
    "fetch-event-source": "@microsoft/fetch-event-source",
    "reconnecting-eventsource": "reconnecting-eventsource",
    "sse.js": "sse.js",
    "eventsource": "eventsource",
}
HEADS = ("client", "release", "cuts", "streams", "resumed by", "entries", "lost", "twice", "late")
_ENTRIES, _EACH = 100, 0.25  # seconds from one entry to the next
_EVERY = 3.0  # seconds between two cuts
_PATIENCE = 60.0  # seconds to wait for the last entry


@dataclass
class Reading:
    """What one client received.

    Attributes:
        client: its name.
        release: its version.
        cuts: how often its connection was cut.
        resumes: how its streams were requested, with counts.
        lost: the number of entries that it never received.
        twice: the number of events that it received again.
        late: the number of events that came after a later one.
    """

    client: str
    release: str
    cuts: int
    resumes: dict[str, int]
    lost: int
    twice: int
    late: int


@cache
def client_modules() -> Path:
    """Return the folder with the clients and their packages; install them on first use."""
    npm, folder = find("npm", "npm"), SCRATCH / "clients"
    folder.mkdir(parents=True, exist_ok=True)
    for source in (PEERS / "clients").iterdir():
        shutil.copy(source, folder)
    if not (folder / "node_modules" / "sse.js").exists():
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            raise Absent("npm cannot install the clients")
    return folder


def measure_clients(only: list[str], say: Say) -> list[Reading]:
    """Publish while the clients read.

    Args:
        only: words, one of which has to be in a client's name; empty for all.
        say: called with progress messages.
    """
    folder = client_modules()
    names = [name for name in PACKAGES if not only or any(word in name for word in only)]
    with dateline() as server:
        return asyncio.run(_measure(server, folder, names, say))


async def _measure(server: Dateline, folder: Path, names: list[str], say: Say) -> list[Reading]:
    start = server.cursor()
    received: dict[str, list[int]] = {name: [] for name in names}
    async with AsyncExitStack() as stack:
        cutters: dict[str, Cutter] = {}
        browser = await stack.enter_async_context(_chromium())
        site = stack.enter_context(_another_site(folder))
        for name in names:
            cutters[name] = stack.enter_context(cutting(server.port, _EVERY))
            url = f"http://127.0.0.1:{cutters[name].port}{EVENTS}?after={start}"
            if name == "eventsource":
                await stack.enter_async_context(_node(folder, url, received[name]))
            else:
                await _open_page(browser, site, name, url, received[name])
        published = await _publish(server, say)
        await _wait(received, max(published), say)
        return [_reading(name, folder, cutters[name], received[name], published) for name in names]


def _reading(
    name: str, folder: Path, cutter: Cutter, received: list[int], published: list[int]
) -> Reading:
    times = Counter(received)
    late = sum(1 for before, after in pairwise(received) if after < before)
    lost = sum(1 for seq in published if not times[seq])
    twice = sum(count - 1 for count in times.values())
    return Reading(
        name, _release(name, folder), cutter.cuts, dict(cutter.resumes), lost, twice, late
    )


def _release(name: str, folder: Path) -> str:
    package = PACKAGES[name]
    if package is None:
        chromium = subprocess.run(
            [find("chromium", "chromium"), "--version"], capture_output=True, text=True, check=False
        )
        return " ".join(chromium.stdout.split()[:2])
    described = json.loads((folder / "node_modules" / package / "package.json").read_text())
    return str(described["version"])


async def _publish(server: Dateline, say: Say) -> list[int]:
    """Publish at a steady rate, directly to the server; return each entry's seq."""
    published = []
    headers = {"Authorization": f"Bearer {server.key}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client:
        for number in range(_ENTRIES):
            answer = await client.post(ENTRIES, json={"body": f"Engine {number} is on its way."})
            answer.raise_for_status()
            published.append(int(answer.json()["seq"]))
            if number % 20 == 0:
                say(f"entry {number + 1} of {_ENTRIES}")
            await asyncio.sleep(_EACH)
    return published


async def _wait(received: dict[str, list[int]], last: int, say: Say) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            while any(last not in seqs for seqs in received.values()):  # noqa: ASYNC110  many append
                await asyncio.sleep(0.2)
            # Repeated events arrive with the next connection.
            await asyncio.sleep(3 * _EVERY)
    except TimeoutError:
        late = [name for name, seqs in received.items() if last not in seqs]
        say(f"the last entry did not come to {', '.join(late)}")


class _Files(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        """Resolve a module of a package whose name has no extension."""
        place = Path(super().translate_path(path))
        return str(place if place.exists() else place.with_name(f"{place.name}.js"))

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def _another_site(folder: Path) -> Iterator[str]:
    """Serve a site whose pages follow the coverage, as a newsroom's own site does."""
    (folder / "index.html").write_text("<!doctype html><title>Another site</title>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder))) as site:
        serving = threading.Thread(target=site.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{site.server_port}"
        finally:
            site.shutdown()
            serving.join()


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find("chromium", "chromium"), args=["--no-sandbox"]
        )
        try:
            yield browser
        finally:
            await browser.close()


async def _open_page(browser: Browser, site: str, name: str, url: str, received: list[int]) -> None:
    """Open a page of another site that follows the coverage."""
    page = await (await browser.new_context()).new_page()

    await page.expose_function("received", partial(take, received))
    await page.goto(f"{site}/index.html")
    module = "sse" if name == "sse.js" else name
    follow = f"import('/{module}.js').then((client) => client.follow({url!r}, window.received))"
    await page.evaluate(f"() => {follow}.then(() => null)")


def take(received: list[int], data: str | bytes) -> None:
    """Record the seq of an event that a client received."""
    received.append(int(json.loads(data)["seq"]))


@asynccontextmanager
async def _node(folder: Path, url: str, received: list[int]) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        find("node", "nodejs"),
        str(folder / "eventsource.js"),
        url,
        stdout=asyncio.subprocess.PIPE,
        limit=1024 * 1024,
    )

    async def listen() -> None:
        assert process.stdout
        async for line in process.stdout:
            take(received, line)

    listening = asyncio.create_task(listen())
    try:
        yield
    finally:
        process.kill()
        await process.wait()
        await listening


def tabulate_clients(readings: list[Reading]) -> str:
    """Return the table, with one row for each client."""
    rows: list[list[float | str | None]] = [
        [
            reading.client,
            reading.release,
            str(reading.cuts),
            str(sum(reading.resumes.values())),
            ", ".join(way for way in reading.resumes if way != "after=") or "after=",
            _ENTRIES,
            reading.lost,
            reading.twice,
            reading.late,
        ]
        for reading in readings
    ]
    return format_table(HEADS, rows)
