"""A retracted sentence, followed through every public address while readers are there and after."""

import asyncio
import random
import uuid
from collections.abc import Sequence
from dataclasses import replace

import httpx
import pytest

from app.hub.config import HubConfig
from tests.dateline import DatelineServer
from tests.journeys.addresses import Addresses
from tests.journeys.audience import (
    PollReader,
    Reader,
    SocketReader,
    SseReader,
    all_open,
    all_reached,
    following,
)
from tests.journeys.outbox import Json, Outbox
from tests.journeys.site import SLUG, Site, read_journal
from tests.servers import PostgresServer

# It stands in every field that has words, and nowhere else.
WORD = "zarquon"
_GRACE = 2.0  # seconds after the 200 in which an answer may still be of before
_HANGS = 240  # seconds after which what has not come counts as never
_ENTRIES = f"/v1/coverages/{SLUG}/entries"
_FIRST: Json = {
    "headline": f"The headline says {WORD}",
    "body": f"It says {WORD} at first.",
    "key_event": True,
    "tags": ["tag", f"tag-{WORD}"],
    "bylines": [f"Ada {WORD}"],
    "place": {"name": f"Port {WORD}"},
}


class PlainReader(SseReader):
    """Reads JSON as it is."""

    forms, encodings = ("json",), ("identity",)


class HtmlReader(SseReader):
    """Reads what the page reads."""

    forms, encodings = ("html",), ("identity",)


class GzipReader(SseReader):
    """Reads it compressed."""

    forms, encodings = ("json", "html"), ("gzip",)


_READERS: Sequence[type[Reader]] = (
    *(PlainReader, HtmlReader, GzipReader, GzipReader),
    *(SocketReader, PollReader),
)


@pytest.mark.full("with several processes", but=["1"])
@pytest.mark.parametrize("processes", [1, 2])
async def test_a_retracted_sentence_is_gone_from_every_address(
    site: Site, processes: int, request: pytest.FixtureRequest
) -> None:
    """Two seconds after the 200 nobody is told it, at this process or another, ever again."""
    desk, reading = _servers(site, processes, request)
    readers = _readers(reading)
    async with asyncio.timeout(_HANGS), following(readers):
        with site.chief(desk) as chief:
            await all_open(readers)
            ids = await asyncio.to_thread(_live, chief)
            journal = await asyncio.to_thread(read_journal, reading)
            await all_reached(readers, len(journal))
            addresses = _addresses(reading, journal)
            _check_told(await addresses.telling(WORD), ids)
            await all_open(readers)
            before = [len(reader.kept or ()) for reader in readers]
            await asyncio.to_thread(_retract, chief, ids)
            await _gone(addresses)
            for server in desk, reading:
                await asyncio.to_thread(_check_repetition, site, server, ids)
            restored = await _check_newsroom(chief, addresses, ids)
        journal = await asyncio.to_thread(read_journal, reading)
        await all_reached(readers, len(journal))
    for reader, number in zip(readers, before, strict=True):
        assert reader.kept
        assert WORD in "".join(reader.kept[:number])
        assert WORD not in "".join(reader.kept[number:])
    stones = [event["entry"] for event in journal if event["type"] == "entry.retracted"]
    assert [(stone["id"], stone["status"]) for stone in stones] == [(i, "retracted") for i in ids]
    reading.kill()
    reading.start()
    addresses.entries = [*addresses.entries, restored]
    assert await addresses.telling(WORD) == set()


@pytest.mark.full("a server of its own")
async def test_an_old_cursor_leads_to_no_retracted_sentence(site: Site) -> None:
    """Also where the sentence lies so far back that no process holds it ready any more."""
    server = site.start()
    outbox = Outbox([server.url], SLUG, site.key)
    with site.chief(server) as chief:
        ids = _live(chief)
        known = len(read_journal(server))
        long = "<p>" + "word " * 12_000 + "</p>"
        number = HubConfig().buffer_bytes // len(long) + 5
        late = _readers(server)
        # Somebody has to be there for the process to hold anything ready.
        async with asyncio.timeout(_HANGS), following(_readers(server)):
            await outbox.deliver({f"n-{n}": {"body": {"html": long}} for n in range(number)}, 4)
            await asyncio.to_thread(_retract, chief, ids)
            async with following(late):
                await all_reached(late, known + number + len(ids))
    for reader in late:
        assert reader.kept
        assert WORD not in "".join(reader.kept)


def _servers(
    site: Site, processes: int, request: pytest.FixtureRequest
) -> tuple[DatelineServer, DatelineServer]:
    """Where the newsroom writes, and where readers read."""
    if processes == 1:
        server = site.start()
        return server, server
    database: PostgresServer = request.getfixturevalue("database")
    url = database.fresh_database()
    return site.start(database_url=url, broker_url=url), site.start(
        database_url=url, broker_url=url
    )


def _readers(server: DatelineServer) -> list[Reader]:
    readers = [kind(server.url, SLUG, random.Random(n)) for n, kind in enumerate(_READERS)]
    for reader in readers:
        reader.kept = []
    return readers


def _addresses(server: DatelineServer, journal: Sequence[Json]) -> Addresses:
    published = [event["entry"]["id"] for event in journal if event["type"] == "entry.published"]
    return Addresses(
        server.url,
        entries=published,
        cursors=[event["cursor"] for event in journal],
        moments=[event["at"] for event in journal],
    )


def _live(chief: httpx.Client) -> list[str]:
    """Publish two entries among others, amend, correct and pin; gives the ids of the two."""
    other = {"headline": "Another", "tags": ["tag"], "key_event": True}
    chief.post(_ENTRIES, json=other).raise_for_status()
    ids = [_live_a_life(chief) for _ in range(2)]
    chief.put(f"{_ENTRIES}/{ids[0]}/pin").raise_for_status()
    # Carries the key events, and with them the headlines.
    chief.patch(f"/v1/coverages/{SLUG}", json={"kicker": "Live"}).raise_for_status()
    chief.post(_ENTRIES, json={"headline": "The next", "tags": ["tag"]}).raise_for_status()
    return ids


def _live_a_life(chief: httpx.Client) -> str:
    entry_id = str(_say(chief, "POST", _ENTRIES, _FIRST, str(uuid.uuid4())).json()["id"])
    for request in _later(entry_id):
        assert WORD in _say(chief, *request).text
    return entry_id


def _later(entry_id: str) -> list[tuple[str, str, Json]]:
    """What is asked of an entry that is public."""
    entry = f"{_ENTRIES}/{entry_id}"
    correction = {"note": f"It was {WORD}.", "body": f"It says {WORD} in the end."}
    return [
        ("PATCH", entry, {"body": f"It says {WORD} again."}),
        ("POST", f"{entry}/correction", correction),
    ]


def _say(
    chief: httpx.Client, method: str, address: str, payload: Json, name: str = "once"
) -> httpx.Response:
    """Ask something that may be asked again without being done again."""
    headers = {"If-Match": "*", "Idempotency-Key": name}
    return chief.request(method, address, json=payload, headers=headers).raise_for_status()


def _check_repetition(site: Site, server: DatelineServer, ids: Sequence[str]) -> None:
    """Who asks once more is told of the tombstone."""
    with site.chief(server) as chief:
        for request in [request for entry_id in ids for request in _later(entry_id)]:
            again = _say(chief, *request)
            assert WORD not in again.text
            assert again.json()["status"] == "retracted"


async def _check_newsroom(chief: httpx.Client, public: Addresses, ids: Sequence[str]) -> str:
    """The newsroom finds it nowhere until it is restored, then only editors do; gives the id."""
    doors = {
        role: replace(public, key=_new_key(chief, role), etags={}, told=set())
        for role in ("contributor", "editor", "chief")
    }
    for addresses in doors.values():
        assert await addresses.telling(WORD) == set()
    answer = await asyncio.to_thread(chief.post, f"{_ENTRIES}/{ids[0]}/restoration")
    restored = answer.raise_for_status().json()
    assert WORD in restored["headline"]
    for addresses in doors.values():
        addresses.entries = [*addresses.entries, restored["id"]]
    drafts = f"/v1/coverages/{SLUG}/drafts"
    for role in "editor", "chief":
        assert await doors[role].telling(WORD) == {drafts, f"{drafts}/{restored['id']}"}
    assert await doors["contributor"].telling(WORD) == set()
    return str(restored["id"])


def _new_key(chief: httpx.Client, role: str) -> str:
    answer = chief.post("/v1/keys", json={"name": "another", "role": role})
    key: str = answer.raise_for_status().json()["key"]
    return key


def _retract(chief: httpx.Client, ids: Sequence[str]) -> None:
    for entry_id in ids:
        retraction = {"note": "This was not so."}
        chief.post(f"{_ENTRIES}/{entry_id}/retraction", json=retraction).raise_for_status()


def _check_told(telling: set[str], ids: Sequence[str]) -> None:
    """A search that finds nothing before would prove nothing after."""
    assert {
        f"/v1/coverages/{SLUG}",
        *(f"{_ENTRIES}/{entry_id}" for entry_id in ids),
        *(f"{_ENTRIES}/{entry_id}/revisions" for entry_id in ids),
        f"/v1/coverages/{SLUG}/events?after=0",
        f"/coverages/{SLUG}",
        f"/coverages/{SLUG}/embed",
        *(f"/coverages/{SLUG}/feed.{form}" for form in ("atom", "json")),
        *(f"/coverages/{SLUG}/entries/{entry_id}" for entry_id in ids),
        "socket after 0",
    } <= telling
    assert sum(address.startswith("stream") for address in telling) > 10
    assert sum("&at=" in address for address in telling) > 3


async def _gone(addresses: Addresses) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _GRACE
    while True:
        begun = loop.time()
        telling = await addresses.telling(WORD)
        if not telling:
            return
        assert begun < deadline, telling
