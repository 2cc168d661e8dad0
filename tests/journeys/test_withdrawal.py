"""A withdrawn coverage disappears from every public address, and comes back as it was."""

import asyncio
import random
from io import BytesIO

import httpx
import pytest
from PIL import Image

from tests.dateline import DatelineServer
from tests.journeys.addresses import Addresses
from tests.journeys.outbox import Json
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
from tests.media.waiting import wait_for_avif
from tests.servers import PostgresServer

# Every text field of the coverage contains it, and nothing else does.
WORD = "zarquon"
NOTE = "A court has ordered us to take this down."
_GRACE = 2.0  # seconds after the 200 during which an answer may still be stale
_HANGS = 240  # seconds until something counts as missing
_ADDRESS = f"/v1/coverages/{SLUG}"
_SIBLING = "journey-ru"
_READERS = (SseReader, SocketReader, PollReader)

Answers = dict[str, tuple[int, str | None, str]]  # status, ETag and body by address


@pytest.mark.full("with several processes", but=["1"])
@pytest.mark.parametrize("processes", [1, 2])
async def test_a_withdrawn_coverage_is_gone_from_every_address_until_it_is_back(
    site: Site, processes: int, request: pytest.FixtureRequest
) -> None:
    """Its addresses are a 410 with the note, and no other has its words, also after a restart.

    Once it is back, each address gives the same bytes and ETag as before, and so does its journal.
    """
    writing, reading = _servers(site, processes, request)
    with site.chief(writing) as chief:
        addresses = _fill(chief, reading)
        readers: list[Reader] = [
            kind(reading.url, SLUG, random.Random(n)) for n, kind in enumerate(_READERS)
        ]
        before = read_journal(reading)
        async with asyncio.timeout(_HANGS):
            async with following(readers):
                await all_open(readers)
                await all_reached(readers, len(before))
                shown = await asyncio.to_thread(_ask, reading, addresses)
                assert {"/", f"/coverages/{_SIBLING}", "/news-sitemap.xml"} <= _containing(shown)
                own = [a for a in addresses if _is_own(a) and shown[a][0] == 200]
                assert len(own) > 30
                answer = chief.put(f"{_ADDRESS}/withdrawal", json={"note": NOTE})
                assert answer.json()["withdrawn"]["note"] == NOTE
                await _until_gone(reading, addresses)
            reading.kill()
            reading.start()
            hidden = await asyncio.to_thread(_ask, reading, addresses)
        assert _containing(hidden) == set()
        for address in own:
            assert hidden[address][0] == 410, address
            assert NOTE in hidden[address][2], address
        assert chief.get(_ADDRESS).json()["title"] == f"The {WORD} page"
        chief.delete(f"{_ADDRESS}/withdrawal").raise_for_status()
    # Pages of entries depend on the other edition too, whose journal says what became of this one.
    alone = [address for address in own if not address.startswith(f"/coverages/{SLUG}/entries")]
    assert _ask(reading, alone) == {address: shown[address] for address in alone}
    assert read_journal(reading) == before


def _servers(
    site: Site, processes: int, request: pytest.FixtureRequest
) -> tuple[DatelineServer, DatelineServer]:
    """Return the server for the newsroom's writes and the one for the readers."""
    if processes == 1:
        server = site.start()
        return server, server
    database: PostgresServer = request.getfixturevalue("database")
    url = database.fresh_database()
    # One folder of files: each process serves the pictures that the other has taken.
    settings = {"database_url": url, "broker_url": url}
    writing = site.start(**settings)
    media = str(writing.folder / "media")
    return writing, site.start(**settings, media_dir=media)


def _fill(chief: httpx.Client, reading: DatelineServer) -> list[str]:
    """Publish what has the word in every place; returns the addresses to ask."""
    edition = {"slug": _SIBLING, "title": "Поездка", "language": "ru", "edition_of": SLUG}
    chief.post("/v1/coverages", json=edition).raise_for_status()
    content = BytesIO()
    Image.new("RGB", (800, 600), "red").save(content, "PNG")
    file = {"file": ("a.png", content.getvalue(), "image/png")}
    media = chief.post("/v1/media", files=file, data={"alt": f"A {WORD}"}).raise_for_status().json()
    wait_for_avif(chief, media)  # until then their addresses serve other bytes
    head = {"title": f"The {WORD} page", "standfirst": f"It is {WORD}.", "lead_image": media["id"]}
    chief.patch(_ADDRESS, json=head).raise_for_status()
    form: Json = {
        "headline": f"The headline says {WORD}",
        "body": f"It says {WORD} at first.",
        "key_event": True,
        "tags": ["tag"],
        "claims": [{"source": f"Army of {WORD}", "text": f"It took {WORD}."}],
    }
    entry = chief.post(f"{_ADDRESS}/entries", json=form).raise_for_status().json()
    correction = {"note": f"It was no {WORD}.", "headline": f"No {WORD}"}
    path = f"{_ADDRESS}/entries/{entry['id']}"
    chief.post(f"{path}/correction", json=correction).raise_for_status()
    journal = read_journal(reading)
    listed = Addresses(
        reading.url,
        entries=[entry["id"]],
        cursors=[event["cursor"] for event in journal[1:]],
        moments=[event["at"] for event in journal],
    )
    left_out = ("timegate", "/desk", "/v1/desk", "/drafts", "/visits", "/reach", "/metrics")
    return [
        *(a for a in listed.pages() if not any(part in a for part in left_out)),
        f"/coverages/{_SIBLING}",
        f"/coverages/{SLUG}/search?q={WORD}",
        f"/coverages/{SLUG}/moment?date=2026-01-01",
        *(file["url"].removeprefix(reading.url) for file in media["renditions"]),
    ]


def _is_own(address: str) -> bool:
    return (SLUG in address or "/media/" in address) and _SIBLING not in address


def _ask(server: DatelineServer, addresses: list[str]) -> Answers:
    with httpx.Client(base_url=server.url, timeout=120, trust_env=False) as client:
        answers = {address: client.get(address) for address in addresses}
    return {
        address: (answer.status_code, answer.headers.get("etag"), answer.text)
        for address, answer in answers.items()
    }


def _containing(answers: Answers) -> set[str]:
    return {address for address, (_, _, body) in answers.items() if WORD in body}


async def _until_gone(server: DatelineServer, addresses: list[str]) -> None:
    """Wait until no address has the word, for as long as an answer may be stale."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _GRACE
    while True:
        is_over = loop.time() >= until  # an answer that was begun before does not count
        found = _containing(await asyncio.to_thread(_ask, server, addresses))
        if not found:
            return
        assert not is_over, found
