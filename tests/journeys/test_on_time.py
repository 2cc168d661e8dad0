"""What waits for its time goes out on time: after a kill, from several processes, once."""

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.journeys.audience import SseReader, all_reached, check_same, following
from tests.journeys.outbox import Json
from tests.journeys.site import SLUG, Site, read_journal
from tests.servers import PostgresServer
from tests.signed_in import sign_in, take_in

_ENTRIES = f"/v1/coverages/{SLUG}/entries"
_LATE = timedelta(seconds=1)
_HANGS = 240  # seconds after which what has not come counts as never


def _lateness(journal: list[Json], held: dict[str, Json]) -> list[timedelta]:
    """How late each went out; each has to have done so once."""
    published = [event["entry"] for event in journal if event["type"] == "entry.published"]
    assert sorted(entry["id"] for entry in published) == sorted(held)
    return [
        datetime.fromisoformat(entry["published_at"])
        - datetime.fromisoformat(held[entry["id"]]["embargo_until"])
        for entry in published
    ]


def _post(client: httpx.Client, headline: str, **fields: str) -> Json:
    told: Json = client.post(_ENTRIES, json={"headline": headline, **fields}).json()
    assert told["status"] == "scheduled", told
    return told


@pytest.mark.full("its times are waited for")
async def test_what_people_publish_goes_out_once_its_delay_is_over(
    site: Site, database: PostgresServer, figures: Callable[[str], None]
) -> None:
    """Held at either of two processes, of which one is killed meanwhile."""
    url = database.fresh_database()
    settings = {"database_url": url, "broker_url": url, "safety_delay": "3"}
    servers = [site.start(**settings) for _ in range(2)]
    await asyncio.to_thread(take_in, servers[0], "ed@example.org", "Ed", "editor")
    readers = [SseReader(servers[0].url, SLUG, random.Random(n)) for n in range(2)]
    with sign_in(servers[0], "ed@example.org") as one, sign_in(servers[1], "ed@example.org") as two:
        async with asyncio.timeout(_HANGS), following(readers):
            told = [_post((one, two)[n % 2], f"Thing {n}") for n in range(20)]
            await asyncio.to_thread(servers[1].kill)
            await asyncio.to_thread(servers[1].start)
            await all_reached(readers, 21)
    journal = read_journal(servers[1])
    late = _lateness(journal, {entry["id"]: entry for entry in told})
    assert timedelta(0) <= min(late) <= max(late) <= _LATE
    check_same(readers, journal)
    figures(
        f"held by the safety delay, 2 processes: at most {max(late).total_seconds():.2f} s late"
    )


@pytest.mark.full("its times are waited for")
async def test_a_schedule_is_kept_through_a_kill(
    site: Site, figures: Callable[[str], None]
) -> None:
    """What is due after the restart goes out on time, what was missed as soon as it is back."""
    starting = time.monotonic()
    server = site.start()
    start = time.monotonic() - starting
    with site.chief(server) as chief:
        began = datetime.now(UTC)
        later = 6 + 2 * start
        due = {
            name: _post(chief, name, embargo_until=(began + timedelta(seconds=after)).isoformat())
            for name, after in (("Missed", 0.5), ("Later", later), ("Later still", later + 1))
        }
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(max(0, (began - datetime.now(UTC)).total_seconds() + 1))
        await asyncio.to_thread(server.start)
        back, ready = datetime.now(UTC), time.monotonic()
        assert back < began + timedelta(seconds=later), "the machine is too slow for this test"
        readers = [SseReader(server.url, SLUG, random.Random(1))]
        async with asyncio.timeout(_HANGS), following(readers):
            await all_reached(readers, 2)
            missed = time.monotonic() - ready
            await all_reached(readers, 4)
    journal = read_journal(server)
    assert [event["entry"]["headline"] for event in journal[1:]] == list(due)
    _, *late = _lateness(journal, {entry["id"]: entry for entry in due.values()})
    assert timedelta(0) <= min(late) <= max(late) <= _LATE
    assert missed <= _LATE.total_seconds()
    check_same(readers, journal)
    figures(
        f"scheduled, through a kill: at most {max(late).total_seconds():.2f} s late;"
        f" what was missed {missed:.2f} s after the start"
    )
