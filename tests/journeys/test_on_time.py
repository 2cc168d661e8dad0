"""Scheduled and held entries are published once and on time, with several processes and kills."""

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.journeys.outbox import Json
from tests.journeys.readers import SseReader, all_reached, check_same, following
from tests.journeys.site import SLUG, Site, read_journal
from tests.servers import PostgresServer
from tests.signed_in import sign_in, take_in

_ENTRIES = f"/v1/coverages/{SLUG}/entries"
_LATE = timedelta(seconds=1)
_HANGS = 240  # seconds until an event counts as missing


def _lateness(journal: list[Json], entries: dict[str, Json]) -> list[timedelta]:
    """Return how late each entry was published; checks that each was published once."""
    published = [event["entry"] for event in journal if event["type"] == "entry.published"]
    assert sorted(entry["id"] for entry in published) == sorted(entries)
    return [
        datetime.fromisoformat(entry["published_at"])
        - datetime.fromisoformat(entries[entry["id"]]["embargo_until"])
        for entry in published
    ]


def _post(client: httpx.Client, headline: str, **fields: str) -> Json:
    entry: Json = client.post(_ENTRIES, json={"headline": headline, **fields}).json()
    assert entry["status"] == "scheduled", entry
    return entry


@pytest.mark.full("its times are waited for")
async def test_what_people_publish_goes_out_once_its_delay_is_over(
    site: Site, database: PostgresServer, figures: Callable[[str], None]
) -> None:
    """Entries held by the safety delay go out on time though one of two processes is killed."""
    url = database.fresh_database()
    settings = {"database_url": url, "broker_url": url, "safety_delay": "3"}
    servers = [site.start(**settings) for _ in range(2)]
    await asyncio.to_thread(take_in, servers[0], "ed@example.org", "Ed", "editor")
    readers = [SseReader(servers[0].url, SLUG, random.Random(n)) for n in range(2)]
    with (
        sign_in(servers[0], "ed@example.org") as first_client,
        sign_in(servers[1], "ed@example.org") as second_client,
    ):
        async with asyncio.timeout(_HANGS), following(readers):
            entries = [_post((first_client, second_client)[n % 2], f"Thing {n}") for n in range(20)]
            await asyncio.to_thread(servers[1].kill)
            await asyncio.to_thread(servers[1].start)
            await all_reached(readers, 21)
    journal = read_journal(servers[1])
    delays = _lateness(journal, {entry["id"]: entry for entry in entries})
    assert timedelta(0) <= min(delays) <= max(delays) <= _LATE
    check_same(readers, journal)
    figures(
        f"held by the safety delay, 2 processes: at most {max(delays).total_seconds():.2f} s late"
    )


@pytest.mark.full("its times are waited for")
async def test_a_schedule_is_kept_through_a_kill(
    site: Site, figures: Callable[[str], None]
) -> None:
    """Entries due after the restart go out on time, an entry missed while down right after it."""
    start_began = time.monotonic()
    server = site.start()
    start_seconds = time.monotonic() - start_began
    with site.chief(server) as chief:
        started_at = datetime.now(UTC)
        later = 6 + 2 * start_seconds
        due = {
            name: _post(
                chief, name, embargo_until=(started_at + timedelta(seconds=after)).isoformat()
            )
            for name, after in (("Missed", 0.5), ("Later", later), ("Later still", later + 1))
        }
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(max(0, (started_at - datetime.now(UTC)).total_seconds() + 1))
        await asyncio.to_thread(server.start)
        restarted_at, ready = datetime.now(UTC), time.monotonic()
        assert restarted_at < started_at + timedelta(seconds=later), (
            "the machine is too slow for this test"
        )
        readers = [SseReader(server.url, SLUG, random.Random(1))]
        async with asyncio.timeout(_HANGS), following(readers):
            await all_reached(readers, 2)
            missed = time.monotonic() - ready
            await all_reached(readers, 4)
    journal = read_journal(server)
    assert [event["entry"]["headline"] for event in journal[1:]] == list(due)
    _, *delays = _lateness(journal, {entry["id"]: entry for entry in due.values()})
    assert timedelta(0) <= min(delays) <= max(delays) <= _LATE
    assert missed <= _LATE.total_seconds()
    check_same(readers, journal)
    figures(
        f"scheduled, through a kill: at most {max(delays).total_seconds():.2f} s late;"
        f" what was missed {missed:.2f} s after the start"
    )
