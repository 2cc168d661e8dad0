"""A retracted text disappears from every public address, for connected and later readers."""

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
from tests.journeys.outbox import Json, Outbox
from tests.journeys.readers import (
    PollReader,
    Reader,
    SocketReader,
    SseReader,
    all_open,
    all_reached,
    following,
)
from tests.journeys.site import SLUG, Site, read_journal
from tests.servers import PostgresServer

# Every text field of the entries contains it, and nothing else does.
WORD = "zarquon"
_GRACE = 2.0  # seconds after the 200 during which an answer may still be stale
_HANGS = 240  # seconds until an event counts as missing
_ENTRIES = f"/v1/coverages/{SLUG}/entries"
_EDITION = "journey-ru"
_Request = tuple[str, str, Json, str]
_FIRST: Json = {
    "headline": f"The headline says {WORD}",
    "body": f"It says {WORD} at first.",
    "key_event": True,
    "tags": ["tag", f"tag-{WORD}"],
    "bylines": [f"Ada {WORD}"],
    "place": {"name": f"Port {WORD}"},
    "claims": [{"source": f"Army of {WORD}", "text": f"It took {WORD}.", "note": f"So {WORD}."}],
    "figures": [
        {"metric": f"{WORD}s lost", "group": f"of {WORD}", "source": f"Army of {WORD}", "low": low}
        for low in (3, 4, 5)  # as many as make a line
    ],
}


class PlainReader(SseReader):
    """Reads uncompressed JSON."""

    forms, encodings = ("json",), ("identity",)


class HtmlReader(SseReader):
    """Reads uncompressed HTML, as the page does."""

    forms, encodings = ("html",), ("identity",)


class GzipReader(SseReader):
    """Reads JSON or HTML, compressed."""

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
    """Two seconds after the retraction's 200 no process serves the text, also not after a kill."""
    writing, reading = _servers(site, processes, request)
    readers = _readers(reading)
    async with asyncio.timeout(_HANGS), following(readers):
        with site.chief(writing) as chief:
            await all_open(readers)
            ids = await asyncio.to_thread(_publish_entries, chief)
            journal = await asyncio.to_thread(read_journal, reading)
            await all_reached(readers, len(journal))
            addresses = _addresses(reading, journal)
            _check_found_before(await addresses.containing_word(WORD), ids)
            await all_open(readers)
            before = [len(reader.received or ()) for reader in readers]
            await asyncio.to_thread(_retract, chief, ids)
            await _until_gone(addresses)
            for server in writing, reading:
                await asyncio.to_thread(_check_repetition, site, server, ids)
            restored = await _check_newsroom(chief, addresses, ids)
        journal = await asyncio.to_thread(read_journal, reading)
        await all_reached(readers, len(journal))
    for reader, number in zip(readers, before, strict=True):
        assert reader.received
        assert WORD in "".join(reader.received[:number])
        assert WORD not in "".join(reader.received[number:])
    tombstones = [event["entry"] for event in journal if event["type"] == "entry.retracted"]
    assert [(tombstone["id"], tombstone["status"]) for tombstone in tombstones] == [
        (i, "retracted") for i in ids
    ]
    reading.kill()
    reading.start()
    addresses.entries = [*addresses.entries, restored]
    assert await addresses.containing_word(WORD) == set()


@pytest.mark.full("a server of its own")
async def test_an_old_cursor_leads_to_no_retracted_sentence(site: Site) -> None:
    """A replay has no retracted text, also where its events are no longer in a process's buffer."""
    server = site.start()
    outbox = Outbox([server.url], SLUG, site.key)
    with site.chief(server) as chief:
        ids = _publish_entries(chief)
        known = len(read_journal(server))
        long = "<p>" + "word " * 12_000 + "</p>"
        number = HubConfig().buffer_bytes // len(long) + 5
        late_readers = _readers(server)
        # A process fills its buffer only while it has readers.
        async with asyncio.timeout(_HANGS), following(_readers(server)):
            await outbox.deliver({f"n-{n}": {"body": {"html": long}} for n in range(number)}, 4)
            await asyncio.to_thread(_retract, chief, ids)
            async with following(late_readers):
                await all_reached(late_readers, known + number + len(ids))
    for reader in late_readers:
        assert reader.received
        assert WORD not in "".join(reader.received)


@pytest.mark.parametrize("translations", ["retract", "mark"])
async def test_a_retracted_original_leaves_no_word_in_another_edition(
    site: Site, translations: str
) -> None:
    """Words of the original, and a note on it, are gone from every address of the edition.

    Its translation is retracted too, or stands and says that the original is retracted.
    """
    server = site.start()
    with site.chief(server) as chief:
        await asyncio.to_thread(_open_edition, chief)
        readers = _readers(server, _EDITION)
        async with asyncio.timeout(_HANGS), following(readers):
            await all_open(readers)
            original, requests = await asyncio.to_thread(_translate, chief, translations)
            journal = await asyncio.to_thread(read_journal, server, _EDITION)
            await all_reached(readers, len(journal))
            addresses = _addresses(server, journal, _EDITION)
            found_at = await addresses.containing_word(WORD)
            path = f"/coverages/{_EDITION}"
            assert {path, f"/v1{path}/events?after=0", f"{path}/feed.atom"} <= found_at
            before = [len(reader.received or ()) for reader in readers]
            retraction = {"note": "This was not so.", "translations": translations}
            address = f"{_ENTRIES}/{original}/retraction"
            answer = await asyncio.to_thread(chief.post, address, json=retraction)
            answer.raise_for_status()
            await _until_gone(addresses)
            for request in requests:
                assert WORD not in _send(chief, *request).text
            journal = await asyncio.to_thread(read_journal, server, _EDITION)
            await all_reached(readers, len(journal))
        for reader, number in zip(readers, before, strict=True):
            assert reader.received
            assert WORD in "".join(reader.received[:number])
            assert WORD not in "".join(reader.received[number:])
        last = journal[-1]
        assert last["type"] == (
            "entry.retracted" if translations == "retract" else "entry.outdated"
        )
        for role in "contributor", "editor", "chief":
            addresses.key, addresses.etags = _new_key(chief, role), {}
            assert await addresses.containing_word(WORD) == set()


def _open_edition(chief: httpx.Client) -> None:
    edition = {"slug": _EDITION, "title": "Поездка", "language": "ru", "edition_of": SLUG}
    chief.post("/v1/coverages", json=edition).raise_for_status()


def _translate(chief: httpx.Client, translations: str) -> tuple[str, list[_Request]]:
    """Publish an entry and its translation, and correct the original.

    Only a translation that is to be retracted has the word itself; another one has it in the note.

    Returns:
        The original's id, and the requests about the translation, which can be repeated.
    """
    original = str(_send(chief, "POST", _ENTRIES, _FIRST, str(uuid.uuid4())).json()["id"])
    words = _FIRST if translations == "retract" else {"headline": "Перевод"}
    entries = f"/v1/coverages/{_EDITION}/entries"
    form = {**words, "translation_of": {"coverage": SLUG, "entry_id": original}}
    translation = _send(chief, "POST", entries, form, str(uuid.uuid4())).json()["id"]
    address = f"{_ENTRIES}/{original}/correction"
    _send(chief, "POST", address, {"note": f"It was {WORD}."}, "correct")
    request = ("PATCH", f"{entries}/{translation}", {"headline": "Перевод, ещё раз"}, "amend")
    assert WORD in _send(chief, *request).text
    return original, [request]


def _servers(
    site: Site, processes: int, request: pytest.FixtureRequest
) -> tuple[DatelineServer, DatelineServer]:
    """Return the server for the newsroom's writes and the one for the readers."""
    if processes == 1:
        server = site.start()
        return server, server
    database: PostgresServer = request.getfixturevalue("database")
    url = database.fresh_database()
    return site.start(database_url=url, broker_url=url), site.start(
        database_url=url, broker_url=url
    )


def _readers(server: DatelineServer, slug: str = SLUG) -> list[Reader]:
    readers = [kind(server.url, slug, random.Random(n)) for n, kind in enumerate(_READERS)]
    for reader in readers:
        reader.received = []
    return readers


def _addresses(server: DatelineServer, journal: Sequence[Json], slug: str = SLUG) -> Addresses:
    published = [event["entry"]["id"] for event in journal if event["type"] == "entry.published"]
    return Addresses(
        server.url,
        slug=slug,
        entries=published,
        cursors=[event["cursor"] for event in journal],
        moments=[event["at"] for event in journal],
    )


def _publish_entries(chief: httpx.Client) -> list[str]:
    """Publish two entries among others, amend, correct and pin them; returns their ids."""
    other = {"headline": "Another", "tags": ["tag"], "key_event": True}
    chief.post(_ENTRIES, json=other).raise_for_status()
    ids = [_publish_and_change(chief) for _ in range(2)]
    chief.put(f"{_ENTRIES}/{ids[0]}/pin").raise_for_status()
    # This event holds the list of key events, and so their headlines.
    chief.patch(f"/v1/coverages/{SLUG}", json={"kicker": "Live"}).raise_for_status()
    chief.post(_ENTRIES, json={"headline": "The next", "tags": ["tag"]}).raise_for_status()
    return ids


def _publish_and_change(chief: httpx.Client) -> str:
    entry_id = str(_send(chief, "POST", _ENTRIES, _FIRST, str(uuid.uuid4())).json()["id"])
    for request in _later_requests(entry_id):
        assert WORD in _send(chief, *request).text
    return entry_id


def _later_requests(entry_id: str) -> list[tuple[str, str, Json]]:
    """Return the requests that amend and correct a public entry."""
    entry = f"{_ENTRIES}/{entry_id}"
    correction = {"note": f"It was {WORD}.", "body": f"It says {WORD} in the end."}
    assessment = {"figure": 0, "status": "disputed", "note": f"Not {WORD}."}
    return [
        ("PATCH", entry, {"body": f"It says {WORD} again."}),
        ("POST", f"{entry}/correction", correction),
        ("POST", f"{entry}/assessment", assessment),
    ]


def _send(
    chief: httpx.Client, method: str, address: str, payload: Json, name: str = "once"
) -> httpx.Response:
    """Send a request with an idempotency key, so that it can be repeated without effect."""
    headers = {"If-Match": "*", "Idempotency-Key": name}
    return chief.request(method, address, json=payload, headers=headers).raise_for_status()


def _check_repetition(site: Site, server: DatelineServer, ids: Sequence[str]) -> None:
    """Check that a repeated request is answered by the tombstone, not by the kept answer."""
    with site.chief(server) as chief:
        for request in [request for entry_id in ids for request in _later_requests(entry_id)]:
            answer = _send(chief, *request)
            assert WORD not in answer.text
            assert answer.json()["status"] == "retracted"


async def _check_newsroom(chief: httpx.Client, public: Addresses, ids: Sequence[str]) -> str:
    """Check that the newsroom reads the text only after a restoration, and only editors and chiefs.

    Returns the id of the restored draft.
    """
    addresses_by_role = {
        role: replace(public, key=_new_key(chief, role), etags={}, containing=set())
        for role in ("contributor", "editor", "chief")
    }
    for addresses in addresses_by_role.values():
        assert await addresses.containing_word(WORD) == set()
    answer = await asyncio.to_thread(chief.post, f"{_ENTRIES}/{ids[0]}/restoration")
    restored = answer.raise_for_status().json()
    assert WORD in restored["headline"]
    for addresses in addresses_by_role.values():
        addresses.entries = [*addresses.entries, restored["id"]]
    drafts = f"/v1/coverages/{SLUG}/drafts"
    for role in "editor", "chief":
        assert await addresses_by_role[role].containing_word(WORD) == {
            drafts,
            f"{drafts}/{restored['id']}",
        }
    assert await addresses_by_role["contributor"].containing_word(WORD) == set()
    return str(restored["id"])


def _new_key(chief: httpx.Client, role: str) -> str:
    answer = chief.post("/v1/keys", json={"name": "another", "role": role})
    key: str = answer.raise_for_status().json()["key"]
    return key


def _retract(chief: httpx.Client, ids: Sequence[str]) -> None:
    for entry_id in ids:
        retraction = {"note": "This was not so."}
        chief.post(f"{_ENTRIES}/{entry_id}/retraction", json=retraction).raise_for_status()


def _check_found_before(found_at: set[str], ids: Sequence[str]) -> None:
    """Check that the search finds the text before the retraction, so that a later miss counts."""
    assert {
        f"/v1/coverages/{SLUG}",
        *(f"{_ENTRIES}/{entry_id}" for entry_id in ids),
        *(f"{_ENTRIES}/{entry_id}/revisions" for entry_id in ids),
        f"/v1/coverages/{SLUG}/events?after=0",
        f"/coverages/{SLUG}",
        f"/coverages/{SLUG}/embed",
        f"/v1/coverages/{SLUG}/changes?from=0",
        f"/coverages/{SLUG}?from=0",
        *(f"{path}/corrections" for path in (f"/v1/coverages/{SLUG}", "/v1", "")),
        *(f"{path}/corrections.atom" for path in (f"/coverages/{SLUG}", "")),
        f"/coverages/{SLUG}/figures",
        f"/coverages/{SLUG}/places",
        f"/coverages/{SLUG}?lite=true",
        *(f"/v1/coverages/{SLUG}/{name}" for name in ("claims", "figures", "figures.csv")),
        f"/v1/coverages/{SLUG}/figures?history=true",
        *(f"/coverages/{SLUG}/feed.{form}" for form in ("atom", "json")),
        *(f"/coverages/{SLUG}/entries/{entry_id}" for entry_id in ids),
        "socket after 0",
    } <= found_at
    assert sum(address.startswith("stream") for address in found_at) > 10
    assert sum("&at=" in address for address in found_at) > 3
    for path in ("/coverages", "/v1/coverages"):
        assert any(address.startswith(f"{path}/{SLUG}/figures?at=") for address in found_at)


async def _until_gone(addresses: Addresses) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _GRACE
    while True:
        asked_at = loop.time()
        remaining = await addresses.containing_word(WORD)
        if not remaining:
            return
        assert asked_at < deadline, remaining
