"""The servers of one journey: started, killed and restarted on the same port and database.

At the end their logs are searched for tracebacks, whatever raised them: the accidents of a
journey (cut connections, kills, broker outages) are ordinary operation and must raise nothing.
"""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from app.access.keys import create_key
from app.store.engine import Store
from tests.dateline import DatelineServer
from tests.ports import free_port

Json = dict[str, Any]

SLUG = "journey"
PUBLIC_URL = "http://dateline.test"
_HANGS = 120.0  # seconds until a condition counts as never met
_DEFECT = ("ERROR", "never retrieved", "never awaited", "was destroyed")


class Site:
    """The servers, the journey's coverage, and a chief's API key.

    Args:
        folder: Where the servers keep their databases and logs.
    """

    def __init__(self, folder: Path) -> None:
        self.survives_outages = False
        self.key = ""
        self._folder = folder
        self._servers: list[DatelineServer] = []

    def start(self, **settings: str) -> DatelineServer:
        """Start a server; the first one opens the coverage."""
        folder = self._folder / f"server-{len(self._servers)}"
        folder.mkdir()
        # All servers share one public URL, so that their answers do not differ. Their ports are
        # below the kernel's ephemeral range: while a server is down, the kernel must not give its
        # port to one of the clients that try to reconnect.
        defaults = {"public_url": PUBLIC_URL, "port": str(free_port())}
        server = DatelineServer(folder, **(defaults | settings))
        self._servers.append(server)
        server.start()
        if not self.key:
            self.key = _make_key(server)
            with self.chief(server) as chief:
                coverage = {"slug": SLUG, "title": "A journey"}
                chief.post("/v1/coverages", json=coverage).raise_for_status()
        return server

    def chief(self, server: DatelineServer) -> httpx.Client:
        """Return a client with the chief's key, which has every permission."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=server.url, headers=headers, timeout=120, trust_env=False)

    def close(self) -> None:
        """Stop the servers."""
        for server in self._servers:
            server.stop()

    def check_logs(self) -> None:
        """Search the servers' logs for uncaught exceptions.

        Raises:
            AssertionError: A log has one; the message holds the log.
        """
        for server in self._servers:
            log = server.log()
            uncaught = _uncaught_exceptions(log)
            if self.survives_outages:
                uncaught = [name for name in uncaught if not _is_database_error(name)]
                log = "" if not uncaught else log
            assert not uncaught, f"{uncaught}:\n{log}"
            assert not any(word in log for word in _DEFECT), log


def _make_key(server: DatelineServer) -> str:
    """Create a key as `dateline key create` does, without its start-up time of a second."""

    async def make() -> str:
        store = Store(server.environment["DATELINE_DATABASE_URL"])
        async with store.writing() as session:
            _, secret = await create_key(
                session, "journey", "chief", datetime.now(UTC), made_by="operator"
            )
        await store.close()
        return secret

    # A test has a running event loop, so `asyncio.run` needs a thread of its own.
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(lambda: asyncio.run(make())).result()


async def settled(condition: Callable[[], bool]) -> None:
    """Poll a condition until it holds.

    Raises:
        TimeoutError: It did not hold in time.
    """
    async with asyncio.timeout(_HANGS):
        while True:
            if await asyncio.to_thread(condition):
                return
            await asyncio.sleep(0.05)


def read_metric(server: DatelineServer, name: str) -> float:
    """Return a figure of `/metrics`, summed over its labels."""
    lines = httpx.get(f"{server.url}/metrics", timeout=120, trust_env=False).text.splitlines()
    values = [line.rpartition(" ")[2] for line in lines if re.match(rf"{name}[ {{]", line)]
    assert values, f"no {name}"
    return sum(map(float, values))


def _uncaught_exceptions(log: str) -> list[str]:
    """Return the exception type on the last line of each traceback."""
    names = []
    inside = False
    for line in log.splitlines():
        text = line.lstrip(" |+-")
        if text.startswith("Traceback (most recent call last)"):
            inside = True
        elif inside and text == line and line:
            names.append(line.partition(":")[0])
            inside = False
    return names


def _is_database_error(name: str) -> bool:
    return name.startswith(("sqlalchemy.exc.", "psycopg."))


def read_journal(server: DatelineServer, slug: str = SLUG) -> list[Json]:
    """Read the whole journal of a coverage, page by page."""
    events: list[Json] = []
    cursor, more = "0", True
    while more:
        address = f"{server.url}/v1/coverages/{slug}/events"
        query = {"after": cursor, "limit": 100}
        page = httpx.get(address, params=query, timeout=120, trust_env=False)
        page.raise_for_status()
        answer = page.json()
        events += answer["events"]
        cursor, more = answer["cursor"], answer["more"]
    return events


def check_published_once(journal: list[Json], acknowledged: dict[str, Json]) -> None:
    """Check that the journal holds every acknowledged entry exactly once, and nothing else.

    Args:
        journal: All of its events.
        acknowledged: The acknowledged entries by idempotency key; nothing else was posted.

    Raises:
        AssertionError: An entry is missing, doubled or different.
    """
    assert [event["seq"] for event in journal] == list(range(1, len(journal) + 1))
    published = [e["entry"] for e in journal if e["type"] == "entry.published"]
    by_id = {entry["id"]: entry for entry in published}
    assert len(by_id) == len(published) == len(acknowledged)
    for acknowledged_entry in acknowledged.values():
        entry_fields = {
            name: value for name, value in acknowledged_entry.items() if name != "cursor"
        }
        assert by_id[acknowledged_entry["id"]] == entry_fields
