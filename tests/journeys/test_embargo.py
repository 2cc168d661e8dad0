"""An embargoed entry is public nowhere before its time, and published once after it."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import httpx

from tests.journeys.addresses import Addresses
from tests.journeys.outbox import Json
from tests.journeys.readers import READERS, all_reached, check_same, following
from tests.journeys.site import SLUG, Site, read_journal

WORD = "zarquon"
_ENTRIES = f"/v1/coverages/{SLUG}/entries"
_HANGS = 240  # seconds until an event counts as missing


def _in(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


def _schedule(chief: httpx.Client, name: str, until: str) -> str:
    payload: Json = {
        "headline": f"{name} {WORD}",
        "body": f"{WORD} it is.",
        "key_event": True,
        "tags": ["tag", WORD],
        "embargo_until": until,
    }
    entry = chief.post(_ENTRIES, json=payload).raise_for_status().json()
    assert entry["status"] == "scheduled"
    return str(entry["id"])


async def test_an_embargoed_entry_is_nowhere_before_its_time_and_once_on_time(site: Site) -> None:
    """The embargo holds through a `kill -9`, and when its time passes while no server runs."""
    server = site.start()
    readers = [kind(server.url, SLUG, random.Random(1)) for kind in READERS for _ in range(2)]
    with site.chief(server) as chief:
        chief.post(_ENTRIES, json={"headline": "Before", "tags": ["tag"]}).raise_for_status()
        ids = [_schedule(chief, name, _in(hours=1)) for name in ("Moved", "Missed")]
        addresses = Addresses(
            server.url,
            entries=ids,
            cursors=[event["cursor"] for event in read_journal(server)],
            moments=["2100-01-01T00:00:00Z"],
        )
        async with asyncio.timeout(_HANGS), following(readers):
            await all_reached(readers, 2)
            assert WORD in chief.get(f"/v1/coverages/{SLUG}/drafts").text
            assert await addresses.containing_word(WORD) == set()
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
            assert await addresses.containing_word(WORD) == set()
            moved_until = await _move(chief, ids[0], _in(seconds=1))
            await all_reached(readers, 3)
            missed_until = await _move(chief, ids[1], _in(seconds=0.5))
            await asyncio.to_thread(server.kill)
            await asyncio.sleep((missed_until - datetime.now(UTC)).total_seconds())
            await asyncio.to_thread(server.start)
            await all_reached(readers, 4)
            chief.post(_ENTRIES, json={"headline": "After"}).raise_for_status()
            await all_reached(readers, 5)
    journal = read_journal(server)
    assert [event["entry"]["id"] for event in journal[2:4]] == ids
    for event, until in zip(journal[2:4], (moved_until, missed_until), strict=True):
        assert event["type"] == "entry.published"
        assert datetime.fromisoformat(event["entry"]["published_at"]) >= until
    check_same(readers, journal)


async def _move(chief: httpx.Client, entry_id: str, until: str) -> datetime:
    answer = await asyncio.to_thread(
        chief.patch,
        f"{_ENTRIES}/{entry_id}",
        json={"embargo_until": until},
        headers={"If-Match": "*"},
    )
    answer.raise_for_status()
    return datetime.fromisoformat(answer.json()["embargo_until"])
