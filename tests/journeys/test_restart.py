"""A server that is stopped or killed and restarted: no reader misses an event or hangs."""

import asyncio
import random

import pytest

from tests.dateline import DatelineServer
from tests.journeys.outbox import Json, Outbox
from tests.journeys.readers import (
    READERS,
    Reader,
    SocketReader,
    all_open,
    all_reached,
    check_same,
    following,
)
from tests.journeys.site import SLUG, Site, check_published_once, read_journal
from tests.signed_in import sign_in, take_in

_OF_EACH_KIND = 5
_HANGS = 240  # seconds until an event counts as missing


def _readers(server: DatelineServer) -> list[Reader]:
    kinds = [kind for kind in READERS for _ in range(_OF_EACH_KIND)]
    return [kind(server.url, SLUG, random.Random(n)) for n, kind in enumerate(kinds)]


def _payloads(number: int) -> dict[str, Json]:
    return {f"thing-{n}": {"headline": f"Thing {n}"} for n in range(number)}


def _session(server: DatelineServer) -> dict[str, str]:
    """Return the headers of an editor's browser session."""
    take_in(server, "ed@example.org", "Ed", "editor")
    with sign_in(server, "ed@example.org") as ed:
        cookies = "; ".join(f"{name}={value}" for name, value in ed.cookies.items())
        return {"Cookie": cookies, "Origin": server.url}


@pytest.mark.full("tests/contract/test_stopping.py has one stream")
async def test_a_deploy_ends_every_stream_politely(site: Site) -> None:
    """A server that is stopped ends every stream as its protocol defines, and exits with code 0."""
    # A drain time so long that waiting for its end would fail the test.
    server = site.start(drain="PT300S")
    outbox = Outbox([server.url], SLUG, site.key)
    readers = _readers(server)
    async with asyncio.timeout(_HANGS), following(readers):
        await outbox.deliver(_payloads(10), 2)
        await all_reached(readers, 11)
        await all_open(readers)
        before = [len(reader.endings) for reader in readers]
        assert await asyncio.to_thread(server.stop) == 0
        await asyncio.to_thread(server.start)
        await Outbox([server.url], SLUG, site.key).deliver({"later": {"headline": "Later"}}, 1)
        await all_reached(readers, 12)
    for reader, number in zip(readers, before, strict=True):
        expected = "1012" if isinstance(reader, SocketReader) else "clean"
        assert reader.endings[number] == expected, reader.kind
    check_same(readers, read_journal(server))


@pytest.mark.full("an outage lasts")
async def test_a_deploy_in_full_swing_loses_and_doubles_nothing(site: Site) -> None:
    """Posts and streams go on through a restart, and each reader gets each entry once."""
    server = site.start()
    outbox = Outbox([server.url], SLUG, site.key)
    readers = _readers(server)
    async with asyncio.timeout(_HANGS), following(readers), asyncio.TaskGroup() as tasks:
        tasks.create_task(outbox.deliver(_payloads(120), 4))
        await outbox.count(50)
        assert await asyncio.to_thread(server.stop) == 0
        await asyncio.to_thread(server.start)
        await all_reached(readers, 121)
    journal = read_journal(server)
    check_published_once(journal, outbox.acknowledged)
    check_same(readers, journal)


@pytest.mark.full("a second client", but=["a tool"])
@pytest.mark.parametrize("by", ["a tool", "a person"])
async def test_what_is_posted_through_power_cuts_is_there_exactly_once(site: Site, by: str) -> None:
    """Repeating unacknowledged requests with their idempotency keys publishes each entry once.

    A person's session outlives the cuts, so that the desk's outbox goes on without a new sign-in.
    """
    server = site.start()
    session = await asyncio.to_thread(_session, server) if by == "a person" else None
    outbox = Outbox([server.url], SLUG, site.key, session)
    async with asyncio.timeout(_HANGS), asyncio.TaskGroup() as tasks:
        tasks.create_task(outbox.deliver(_payloads(60), 4))
        for number in (15, 35):
            await outbox.count(number)
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
    repeated = Outbox([server.url], SLUG, site.key, session)
    await repeated.deliver(_payloads(60), 4)
    assert repeated.acknowledged == outbox.acknowledged
    journal = read_journal(server)
    check_published_once(journal, outbox.acknowledged)
    headlines = [event["entry"]["headline"] for event in journal[1:]]
    assert sorted(headlines) == sorted(payload["headline"] for payload in _payloads(60).values())
    assert outbox.lost > 0
