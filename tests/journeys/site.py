"""The servers of one journey: started, killed and started again on the same address and record.

At the end their logs are read. Refuses a traceback in them, whoever raised it: what a journey does
to a server (cut lines, kills, bells that fall silent) is daily life and no defect.
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
_HANGS = 120.0  # seconds after which what is waited for counts as never
_DEFECT = ("ERROR", "never retrieved", "never awaited", "was destroyed")


class Site:
    """Servers, the journeys' coverage, and the key of its chief.

    Args:
        folder: where the servers keep their records and logs.
    """

    def __init__(self, folder: Path) -> None:
        self.survives_outages = False
        self.key = ""
        self._folder = folder
        self._servers: list[DatelineServer] = []

    def start(self, **settings: str) -> DatelineServer:
        """Start a server; the first opens the coverage."""
        folder = self._folder / f"server-{len(self._servers)}"
        folder.mkdir()
        # What they say must not tell one server from another. Their ports are below those that the
        # kernel hands out: while a server is down, none of the clients that knock may get its port
        # for their own end of the line.
        own = {"public_url": PUBLIC_URL, "port": str(free_port())}
        server = DatelineServer(folder, **(own | settings))
        self._servers.append(server)
        server.start()
        if not self.key:
            self.key = _make_key(server)
            with self.chief(server) as chief:
                coverage = {"slug": SLUG, "title": "A journey"}
                chief.post("/v1/coverages", json=coverage).raise_for_status()
        return server

    def chief(self, server: DatelineServer) -> httpx.Client:
        """A client that may do everything."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=server.url, headers=headers, timeout=120, trust_env=False)

    def close(self) -> None:
        """Stop what runs."""
        for server in self._servers:
            server.stop()

    def check_logs(self) -> None:
        """Look for what nobody caught.

        Raises:
            AssertionError: with the log.
        """
        for server in self._servers:
            log = server.log()
            raised = _raised(log)
            if self.survives_outages:
                raised = [name for name in raised if not _tells_of_database(name)]
                log = "" if not raised else log
            assert not raised, f"{raised}:\n{log}"
            assert not any(word in log for word in _DEFECT), log


def _make_key(server: DatelineServer) -> str:
    """What `dateline key create` does, without the second that its start takes."""

    async def make() -> str:
        store = Store(server.environment["DATELINE_DATABASE_URL"])
        async with store.writing() as session:
            _, secret = await create_key(
                session, "journey", "chief", datetime.now(UTC), made_by="operator"
            )
        await store.close()
        return secret

    # A test has a running loop, and these few lines are no reason for it to wait with care.
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(lambda: asyncio.run(make())).result()


async def settled(is_so: Callable[[], bool]) -> None:
    """Wait until something that tells nobody of its changes is so.

    Raises:
        TimeoutError: it never is.
    """
    async with asyncio.timeout(_HANGS):
        while True:
            if await asyncio.to_thread(is_so):
                return
            await asyncio.sleep(0.05)


def read_metric(server: DatelineServer, name: str) -> float:
    """A figure of `/metrics`, summed over its labels."""
    lines = httpx.get(f"{server.url}/metrics", timeout=120, trust_env=False).text.splitlines()
    found = [line.rpartition(" ")[2] for line in lines if re.match(rf"{name}[ {{]", line)]
    assert found, f"no {name}"
    return sum(map(float, found))


def _raised(log: str) -> list[str]:
    """What each traceback ends with."""
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


def _tells_of_database(name: str) -> bool:
    return name.startswith(("sqlalchemy.exc.", "psycopg."))


def read_journal(server: DatelineServer) -> list[Json]:
    """The journal from its beginning to its end."""
    events: list[Json] = []
    cursor, more = "0", True
    while more:
        address = f"{server.url}/v1/coverages/{SLUG}/events"
        query = {"after": cursor, "limit": 100}
        page = httpx.get(address, params=query, timeout=120, trust_env=False)
        page.raise_for_status()
        told = page.json()
        events += told["events"]
        cursor, more = told["cursor"], told["more"]
    return events


def check_published_once(journal: list[Json], acknowledged: dict[str, Json]) -> None:
    """Hold the journal against what the newsroom was told: nothing lost, nothing doubled.

    Args:
        journal: all of it.
        acknowledged: the entries answered, by idempotency key; nothing else was posted.

    Raises:
        AssertionError: they differ.
    """
    assert [event["seq"] for event in journal] == list(range(1, len(journal) + 1))
    published = [e["entry"] for e in journal if e["type"] == "entry.published"]
    by_id = {entry["id"]: entry for entry in published}
    assert len(by_id) == len(published) == len(acknowledged)
    for answer in acknowledged.values():
        told = {name: value for name, value in answer.items() if name != "cursor"}
        assert by_id[answer["id"]] == told
