"""Several processes on one PostgreSQL database serve the same journal to every reader."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.dateline import DatelineServer
from tests.journeys.outbox import Json, Outbox
from tests.journeys.readers import (
    READERS,
    Reader,
    SocketReader,
    SseReader,
    all_reached,
    check_same,
    following,
)
from tests.journeys.site import (
    SLUG,
    Site,
    check_published_once,
    read_journal,
    settled,
)
from tests.servers import PostgresServer, Server

_OF_EACH_KIND = 3
_HANGS = 240  # seconds until an event counts as missing


# Without polls: a poll reads the database, and so would make the process notify its streams too.
_STREAMS: Sequence[type[Reader]] = (SseReader, SocketReader)


def _readers(
    servers: Iterable[DatelineServer], kinds: Sequence[type[Reader]] = READERS
) -> list[Reader]:
    targets = [(s, kind) for s in servers for kind in kinds for _ in range(_OF_EACH_KIND)]
    return [kind(s.url, SLUG, random.Random(n)) for n, (s, kind) in enumerate(targets)]


def _payloads(name: str, number: int) -> dict[str, Json]:
    return {f"{name}-{n}": {"headline": f"{name} {n}"} for n in range(number)}


@pytest.mark.full(
    "test_response_cache has the broker's outage, the workers of one port have every reader"
)
@pytest.mark.parametrize("broker", ["postgres", "redis"])
async def test_what_one_process_takes_every_process_gives(
    site: Site, database: PostgresServer, broker: str, request: pytest.FixtureRequest
) -> None:
    """Events reach the readers of both processes with the broker, without it and once it is back.

    While the broker is down, the journal is polled. Both processes look for due entries, and each
    entry is published by one of them.
    """
    broker_server: Server = request.getfixturevalue(f"broker_{broker}")
    settings = {
        "database_url": database.fresh_database(),
        "broker_url": broker_server.fresh_database(),
    }
    servers = [site.start(**settings), site.start(**settings)]
    readers = _readers(servers, _STREAMS)
    acknowledged: dict[str, Json] = {}

    async def post_and_receive(name: str) -> None:
        for server in servers:
            outbox = Outbox([server.url], SLUG, site.key)
            await outbox.deliver(_payloads(f"{name}, {server.port}", 10), 2)
            acknowledged.update(outbox.acknowledged)
            await all_reached(readers, 1 + len(acknowledged))

    async with asyncio.timeout(_HANGS), following(readers):
        await post_and_receive("with the broker")
        await asyncio.to_thread(broker_server.stop)
        try:
            await post_and_receive("without it")
        finally:
            await asyncio.to_thread(broker_server.start)
        await post_and_receive("with it again")
        check_published_once(await asyncio.to_thread(read_journal, servers[0]), acknowledged)
        acknowledged.update(await asyncio.to_thread(_schedule, site, servers, 12))
        await all_reached(readers, 1 + len(acknowledged))
        await post_and_receive("after all")
    journal = read_journal(servers[1])
    headlines = Counter(event["entry"]["headline"] for event in journal[61:73])
    assert headlines == Counter(f"Due {number}" for number in range(12))
    assert len(journal) == 93
    check_same(readers, journal)


def _schedule(site: Site, servers: Sequence[DatelineServer], number: int) -> dict[str, Json]:
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    with site.chief(servers[0]) as chief:
        payloads = [
            {"headline": f"Due {n}", "embargo_until": due.isoformat()} for n in range(number)
        ]
        entries = [
            chief.post(f"/v1/coverages/{SLUG}/entries", json=payload).json() for payload in payloads
        ]
    return {entry["id"]: entry for entry in entries}


@pytest.mark.full("an outage lasts")
async def test_a_restart_of_the_database_costs_patience_and_nothing_else(
    site: Site, database: PostgresServer
) -> None:
    """During a database outage clients get 503, and nothing that was acknowledged is lost."""
    site.survives_outages = True
    url = database.fresh_database()
    servers = [site.start(database_url=url, broker_url=url) for _ in range(2)]
    outbox = Outbox([server.url for server in servers], SLUG, site.key)
    readers = _readers(servers)
    async with asyncio.timeout(_HANGS), following(readers), asyncio.TaskGroup() as tasks:
        tasks.create_task(outbox.deliver(_payloads("thing", 120), 4))
        await outbox.count(40)
        await asyncio.to_thread(database.stop)
        try:
            before = len(outbox.problems)
            await settled(lambda: len(outbox.problems) > before + 8)
            readiness = await asyncio.to_thread(httpx.get, f"{servers[0].url}/readyz", timeout=120)
        finally:
            await asyncio.to_thread(database.start)
        await all_reached(readers, 121)
    _check_problem(readiness)
    for problem in outbox.problems:
        _check_problem(problem)
    refusals = {ending for reader in readers for ending in reader.endings}
    assert refusals <= {"clean", "1000", "1013", "503"}
    journal = read_journal(servers[0])
    check_published_once(journal, outbox.acknowledged)
    check_same(readers, journal)


def _check_problem(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    if not problem["type"].endswith("/request-in-progress"):
        assert answer.status_code == problem["status"] == httpx.codes.SERVICE_UNAVAILABLE
        assert answer.headers["retry-after"].isdigit()


@pytest.mark.full("several processes")
async def test_the_workers_of_one_port_all_deliver(site: Site, database: PostgresServer) -> None:
    """Both workers of one port have streams, and each delivers what was posted to either."""
    url = database.fresh_database()
    # Short stream lifetimes: readers reconnect until both workers have streams.
    server = site.start(database_url=url, broker_url=url, workers="2", stream_lifetime="PT2S")
    outbox = Outbox([server.url], SLUG, site.key)
    readers = _readers([server] * 3, _STREAMS)
    async with asyncio.timeout(_HANGS), following(readers):
        await settled(lambda: len(_workers_with_streams(server)) == 2)
        await outbox.deliver(_payloads("thing", 20), 4)
        await all_reached(readers, 21)
        journal = await asyncio.to_thread(read_journal, server)
        assert await asyncio.to_thread(server.stop) == 0
    check_published_once(journal, outbox.acknowledged)
    check_same(readers, journal)


def _workers_with_streams(server: DatelineServer) -> set[str]:
    """Return the worker processes that have an established connection on the server's port."""
    local_port, established = f":{server.port:04X}", "01"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {
        f"socket:[{row[9]}]"
        for row in rows
        if row[1].endswith(local_port) and row[3] == established
    }
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return {child for child in children if sockets & _open_files(child)}


def _open_files(pid: str) -> set[str]:
    files = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            files.add(str(descriptor.readlink()))
    return files
