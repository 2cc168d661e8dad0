"""Outage benchmark: a reader and a writer while Dateline is down behind a proxy.

The reader is `dateline tail`, the writer `dateline post`; both know the proxy's address only.
"""

import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from bench.dateline import ENTRIES, ROOT, SLUG, Dateline
from bench.generators import temporary_folder

_PATIENCE = 120.0  # seconds until all entries have been read, on a busy machine


@dataclass(frozen=True)
class Outage:
    """The results of an outage.

    Attributes:
        statuses: the proxy's responses during the outage; 0 where it cut the connection.
        lost: entries that the reader did not receive.
        twice: events that it received again.
        posted: how often the writer's entry was published.
    """

    statuses: tuple[int, ...]
    lost: int
    twice: int
    posted: int


class Tail:
    """A running `dateline tail`.

    Args:
        server: the server of the coverage.
        url: the address to read from.
        file: receives its output.
    """

    def __init__(self, server: Dateline, url: str, file: Path) -> None:
        self._file = file
        options = ["--json", "--after", server.cursor()]
        self.process = start_tool(server, url, ["tail", SLUG, *options], file)

    def wait_for(self, entries: list[str]) -> None:
        """Wait until it has received each of these entries, or until the time-out."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and not set(entries) <= self.counts().keys():
            time.sleep(0.1)

    def counts(self) -> Counter[str]:
        """Return how often it received each entry; entries are only published, never changed."""
        whole, _, _ = self._file.read_text().rpartition("\n")
        return Counter(json.loads(line)["entry"]["id"] for line in whole.splitlines())


def measure_outage(server: Dateline, url: str, seconds: float, *, replaced: bool) -> Outage:
    """Stop Dateline behind a proxy, and restart it.

    Args:
        server: behind the proxy; it runs before and after.
        url: the proxy's address.
        seconds: the length of the outage.
        replaced: whether another server runs in its place meanwhile, which responds to every
            request with 404.
    """
    with temporary_folder() as folder:
        tail = Tail(server, url, Path(folder) / "events")
        try:
            entries = [publish(server)]
            tail.wait_for(entries)
            server.stop()
            with _replacement(server.port) if replaced else nullcontext():
                statuses = _watch(url, seconds / 2)
                # The tag identifies the entry.
                tag = secrets.token_hex(4)
                writer = start_tool(server, url, ["post", SLUG, "Meanwhile", "--tag", tag])
                statuses |= _watch(url, seconds / 2)
            server.start()
            writer.wait(_PATIENCE)
            entries.append(publish(server))
            posted = _tagged(server, tag)
            tail.wait_for([*entries, *posted])
            counts = tail.counts()
        finally:
            tail.process.terminate()
            tail.process.wait(_PATIENCE)
    lost = sum(counts[entry] == 0 for entry in (*entries, *posted))
    twice = sum(max(0, count - 1) for count in counts.values())
    return Outage(tuple(sorted(statuses)), lost, twice, len(posted))


def publish(server: Dateline) -> str:
    """Publish an entry, long enough to be compressed, at the server itself; return its id."""
    with server.client() as client:
        answer = client.post(ENTRIES, json={"body": "Two engines are on their way. " * 100})
    return str(answer.raise_for_status().json()["id"])


def start_tool(
    server: Dateline, url: str, arguments: list[str], output: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start `dateline ARGUMENTS` with an address and an editor's key."""
    environment = {"DATELINE_URL": url, "DATELINE_API_KEY": server.key, "PYTHONPATH": str(ROOT)}
    with (output or Path(os.devnull)).open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "app", *arguments],
            cwd=server.folder,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.DEVNULL,
        )


def _tagged(server: Dateline, tag: str) -> list[str]:
    """Return the entries with a tag."""
    with server.client() as client:
        entries = client.get(ENTRIES, params={"tag": tag}).raise_for_status().json()["entries"]
    return [entry["id"] for entry in entries]


def _watch(url: str, seconds: float) -> set[int]:
    """Return the statuses of a proxy's responses within `seconds`."""
    statuses = set()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            statuses.add(httpx.get(f"{url}{ENTRIES}", timeout=seconds).status_code)
        except httpx.TransportError:
            statuses.add(0)
        time.sleep(0.5)
    return statuses


class _Unknown(BaseHTTPRequestHandler):
    """A server that responds to every request with 404."""

    def _answer(self) -> None:
        page = b"<html><h1>404 Not Found</h1></html>"
        with suppress(ConnectionError):  # a proxy's health check does not wait for the body
            self.send_response(404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

    do_GET = do_POST = do_HEAD = _answer  # noqa: N815  names of the library

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def _replacement(port: int) -> Iterator[None]:
    """Run a server in Dateline's place that responds to every request with 404."""
    with ThreadingHTTPServer(("127.0.0.1", port), _Unknown) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            yield
        finally:
            other.shutdown()
            thread.join()
