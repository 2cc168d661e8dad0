"""Several processes on one PostgreSQL: one newsroom, whichever of them a reader is at."""

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
from tests.journeys.audience import (
    READERS,
    Reader,
    SocketReader,
    SseReader,
    all_reached,
    check_same,
    following,
)
from tests.journeys.outbox import Json, Outbox
from tests.journeys.site import (
    SLUG,
    Site,
    check_published_once,
    read_journal,
    settled,
)
from tests.servers import PostgresServer, Server

_OF_EACH_KIND = 3
_HANGS = 240  # seconds after which what has not come counts as never


# A poll asks the database each time, and would have the process look for the streams too.
_STREAMS: Sequence[type[Reader]] = (SseReader, SocketReader)


def _readers(
    servers: Iterable[DatelineServer], kinds: Sequence[type[Reader]] = READERS
) -> list[Reader]:
    places = [(s, kind) for s in servers for kind in kinds for _ in range(_OF_EACH_KIND)]
    return [kind(s.url, SLUG, random.Random(n)) for n, (s, kind) in enumerate(places)]


def _things(name: str, number: int) -> dict[str, Json]:
    return {f"{name}-{n}": {"headline": f"{name} {n}"} for n in range(number)}


@pytest.mark.full("test_hot has the bell's outage, the workers of one port have every reader")
@pytest.mark.parametrize("bell", ["postgres", "redis"])
async def test_what_one_process_takes_every_process_gives(
    site: Site, database: PostgresServer, bell: str, request: pytest.FixtureRequest
) -> None:
    """With the bell, and without it: its server stops, the journal is polled, it comes back.

    What is scheduled is looked for by both processes and published by one.
    """
    ringer: Server = request.getfixturevalue(f"bell_{bell}")
    settings = {"database_url": database.fresh_database(), "broker_url": ringer.fresh_database()}
    servers = [site.start(**settings), site.start(**settings)]
    readers = _readers(servers, _STREAMS)
    posted: dict[str, Json] = {}

    async def pass_on(name: str) -> None:
        for server in servers:
            outbox = Outbox([server.url], SLUG, site.key)
            await outbox.deliver(_things(f"{name}, {server.port}", 10), 2)
            posted.update(outbox.acknowledged)
            await all_reached(readers, 1 + len(posted))

    async with asyncio.timeout(_HANGS), following(readers):
        await pass_on("with the bell")
        await asyncio.to_thread(ringer.stop)
        try:
            await pass_on("without it")
        finally:
            await asyncio.to_thread(ringer.start)
        await pass_on("with it again")
        check_published_once(await asyncio.to_thread(read_journal, servers[0]), posted)
        posted.update(await asyncio.to_thread(_schedule, site, servers, 12))
        await all_reached(readers, 1 + len(posted))
        await pass_on("after all")
    journal = read_journal(servers[1])
    told = Counter(event["entry"]["headline"] for event in journal[61:73])
    assert told == Counter(f"Due {number}" for number in range(12))
    assert len(journal) == 93
    check_same(readers, journal)


def _schedule(site: Site, servers: Sequence[DatelineServer], number: int) -> dict[str, Json]:
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    with site.chief(servers[0]) as chief:
        things = [{"headline": f"Due {n}", "embargo_until": due.isoformat()} for n in range(number)]
        told = [chief.post(f"/v1/coverages/{SLUG}/entries", json=thing).json() for thing in things]
    return {entry["id"]: entry for entry in told}


@pytest.mark.full("an outage lasts")
async def test_a_restart_of_the_database_costs_patience_and_nothing_else(
    site: Site, database: PostgresServer
) -> None:
    """While it is away, clients are told 503; what was acknowledged is there, the streams go on."""
    site.survives_outages = True
    url = database.fresh_database()
    servers = [site.start(database_url=url, broker_url=url) for _ in range(2)]
    outbox = Outbox([server.url for server in servers], SLUG, site.key)
    readers = _readers(servers)
    async with asyncio.timeout(_HANGS), following(readers), asyncio.TaskGroup() as tasks:
        tasks.create_task(outbox.deliver(_things("thing", 120), 4))
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
    """Streams land at either process, and hear of what was posted to the other."""
    url = database.fresh_database()
    # Short lives, so that readers come back, in the end to both.
    server = site.start(database_url=url, broker_url=url, workers="2", stream_lifetime="PT2S")
    outbox = Outbox([server.url], SLUG, site.key)
    readers = _readers([server] * 3, _STREAMS)
    async with asyncio.timeout(_HANGS), following(readers):
        await settled(lambda: len(_workers_with_streams(server)) == 2)
        await outbox.deliver(_things("thing", 20), 4)
        await all_reached(readers, 21)
        journal = await asyncio.to_thread(read_journal, server)
        assert await asyncio.to_thread(server.stop) == 0
    check_published_once(journal, outbox.acknowledged)
    check_same(readers, journal)


def _workers_with_streams(server: DatelineServer) -> set[str]:
    """The processes below the server's that hold an open connection to its port."""
    here, established = f":{server.port:04X}", "01"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(here) and row[3] == established}
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return {child for child in children if ours & _open_files(child)}


def _open_files(pid: str) -> set[str]:
    files = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            files.add(str(descriptor.readlink()))
    return files
