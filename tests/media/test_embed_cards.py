"""Cards of embeds: read once, when an address is sent, and gone with the entry that shows them."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from app.media.embed_cards import EmbedCards
from app.media.errors import StorageUnavailable
from tests.media.other_site import OtherSite, other_site, respond
from tests.media.pictures import encoded, noisy, picture
from tests.reader.newsroom_app import NewsroomApp, ask, open_newsroom_app

Json = dict[str, Any]
pytestmark = pytest.mark.asyncio(loop_scope="module")
_OEMBED, _STILLS = "www.youtube.com", "i.ytimg.com"
_WATCH = "https://www.youtube.com/watch?v=S9HdPi9Ikhk"
_AUTHOR, _TITLE = "Whitey the Owl", "Moonwalk at dusk"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The application's folder."""
    return tmp_path_factory.mktemp("cards")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(folder: Path) -> AsyncIterator[OtherSite]:
    """The video site, and the host of its pictures."""
    async with other_site(folder, _OEMBED, _STILLS) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(folder: Path, site: OtherSite) -> AsyncIterator[NewsroomApp]:
    """An application for which the video site's names lead to the test's own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATELINE_MEDIA_DIR", str(folder / "media"))
        environment.setenv("DATELINE_KEEP_RETRACTED", "0")
        async with open_newsroom_app(folder) as opened:
            _read_cards(opened, EmbedCards(site.client()))
            yield opened


@pytest.fixture(autouse=True)
def _site_as_usual(site: OtherSite, app: NewsroomApp) -> None:
    _read_cards(app, EmbedCards(site.client()))
    site.asked.clear()
    site.pages.clear()
    site.pages[f"{_OEMBED}/oembed"] = _description()
    site.pages[f"{_STILLS}/vi/still.jpg"] = respond(encoded(picture()), "image/jpeg")


def _read_cards(app: NewsroomApp, cards: EmbedCards) -> None:
    app.uncached.state.services.media.embed_cards = cards


def _description(still: str = "/vi/still.jpg", **members: str) -> bytes:
    described = {"type": "video", "title": _TITLE, "author_name": _AUTHOR}
    described["thumbnail_url"] = f"https://{_STILLS}{still}"
    return respond(json.dumps(described | members).encode())


async def _send(app: NewsroomApp, **headers: str) -> Json:
    answer = await app.chief.post("/v1/media", json={"url": _WATCH}, headers=headers)
    assert answer.status_code == 201, answer.text
    media: Json = answer.json()
    return media


async def test_a_card_is_read_once_and_served_from_here(app: NewsroomApp, site: OtherSite) -> None:
    """Author, title and picture are read at the upload; no publication or page asks again.

    The page loads nothing from the other site.
    """
    media = await _send(app, **{"Idempotency-Key": "once"})
    card = {"site": "YouTube", "author": _AUTHOR, "text": _TITLE, "date": None}
    assert (media["kind"], media["url"], media["card"]) == ("embed", _WATCH, card)
    assert [host for host, _, _ in site.asked] == [_OEMBED, _STILLS]
    assert await _send(app, **{"Idempotency-Key": "once"}) == media
    slug = await app.open_coverage()
    entry = await app.write("POST", f"/{slug}/entries", {"media": [media["id"]]})
    assert entry["media"] == [media]
    page = (await ask(app.cached, f"/coverages/{slug}"))[2].decode()
    assert f'<strong dir="auto">{_TITLE}</strong>' in page
    assert _AUTHOR in page
    assert not [
        part for part in page.split() if part.startswith(("src=", "srcset=")) and "//" in part
    ]
    for size in media["renditions"]:
        assert (await app.chief.get(size["url"])).status_code == 200
    assert len(site.asked) == 2


@pytest.mark.parametrize("still", ["/missing.jpg", "/vi/large.jpg", "/vi/script.jpg"])
async def test_a_card_does_without_a_picture(app: NewsroomApp, site: OtherSite, still: str) -> None:
    """A picture that is missing, too large or none is left out of the card."""
    site.pages[f"{_OEMBED}/oembed"] = _description(still)
    large = noisy(1600, 1200)
    assert len(large) > 256 * 1024
    site.pages[f"{_STILLS}/vi/large.jpg"] = respond(large, "image/jpeg")
    site.pages[f"{_STILLS}/vi/script.jpg"] = respond(b"<script>", "image/jpeg")
    media = await _send(app)
    assert media["card"]["text"] == _TITLE
    assert media["renditions"] == []


async def test_a_card_does_without_a_storage(
    app: NewsroomApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the storage neither takes nor deletes a picture, the card is stored without it."""

    async def fail(*_: object) -> None:
        raise StorageUnavailable("The bucket does not answer.")

    library = app.uncached.state.services.media.library
    with monkeypatch.context() as storage:
        storage.setattr(library, "put", fail)
        storage.setattr(library, "remove", fail)
        media = await _send(app)
    assert (media["card"]["text"], media["renditions"]) == (_TITLE, [])


async def test_a_site_without_an_answer_leaves_a_link(app: NewsroomApp, site: OtherSite) -> None:
    """An embed of a site that is down, or sends its answer byte by byte, is a link."""
    closed = asyncio.Event()

    async def trickle(writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)  # a drop falls before any time-out of silence
        finally:
            closed.set()

    site.pages[f"{_OEMBED}/oembed"] = respond(b"", status=503)
    down = await _send(app)
    site.pages[f"{_OEMBED}/oembed"] = trickle
    _read_cards(app, EmbedCards(site.client(), time_limit=0.5))
    slow = await _send(app)
    await closed.wait()
    for media in (down, slow):
        assert (media["card"], media["renditions"], media["url"]) == (None, [], _WATCH)
    slug = await app.open_coverage()
    await app.write("POST", f"/{slug}/entries", {"media": [slow["id"]]})
    page = (await ask(app.cached, f"/coverages/{slug}"))[2].decode()
    assert f'href="{_WATCH}"' in page


async def test_a_card_goes_with_its_entry(app: NewsroomApp, site: OtherSite, folder: Path) -> None:
    """After a retraction the card's words are in no output and nowhere in the database.

    Its picture is a 404.
    """
    title = "Earthrise at noon"
    site.pages[f"{_OEMBED}/oembed"] = _description(title=title)
    media = await _send(app, **{"Idempotency-Key": "goes"})
    slug = await app.open_coverage()
    entry = await app.write("POST", f"/{slug}/entries", {"headline": "A", "media": [media["id"]]})
    await app.write("PATCH", f"/{slug}/entries/{entry['id']}", {"headline": "B"})
    outputs = [
        f"/coverages/{slug}{below}"
        for below in ("", "?lite=true", "/embed", "/feed.atom", "/feed.json")
    ] + [f"/v1/coverages/{slug}/{below}" for below in ("entries", "events")]
    for address in outputs:
        assert title in str((await ask(app.cached, address))[2]), address
    assert len([row for row in _rows(folder) if title in row]) > 3
    await app.write("POST", f"/{slug}/entries/{entry['id']}/retraction", {"note": "Not so."})
    for address in outputs:
        assert title not in str((await ask(app.cached, address))[2]), address
    for size in media["renditions"]:
        assert (await app.chief.get(size["url"])).status_code == 404
    assert not [row for row in _rows(folder) if title in row]


def _rows(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "dateline.db")) as database:
        return [
            " ".join(
                value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                for value in row
            )
            for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
            for row in database.execute(f'SELECT * FROM "{table}"')
        ]
