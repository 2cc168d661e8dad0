"""Feeds of a coverage: the newest entries, or the newest key events, as Atom and as JSON Feed.

A feed also has older entries that were corrected, assessed or retracted lately, since feed readers
keep an entry until they get a new version of it. A feed of key events has all such tombstones: a
tombstone does not say whether it was a key event.
"""

from collections.abc import Callable
from email.utils import format_datetime
from html import unescape

from fastapi import APIRouter, Request, Response

from app.formats import atom, json_feed
from app.formats.bidi import isolate
from app.formats.feed import Feed
from app.formats.html import HtmlRenderer
from app.reader.visibility import find_visible
from app.store.entries import list_tombstones, read_page
from app.store.journal import list_corrected
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry
from app.timeline.selection import Selection
from app.web.conditional import FRESH, answer_if_changed, depends_on, head_etag
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/coverages/{slug}", include_in_schema=False)

_NEWEST = 50
_TOMBSTONES = 20
_CORRECTED = 20


class _FeedTexts:
    """The texts of a feed, rendered from templates."""

    def __init__(self, html_renderer: HtmlRenderer, base_url: str) -> None:
        self._html_renderer = html_renderer
        self._base_url = base_url

    def entry(self, entry: Entry) -> str:
        content = self._html_renderer.render(
            "feed_entry.html", entry.language, entry=entry, base_url=self._base_url
        )
        return content.strip()

    def retracted(self, entry: Entry) -> str:
        return unescape(self._html_renderer.render("feed_retracted.html", entry.language)).strip()

    def key_events(self, coverage: Coverage) -> str:
        title = self._html_renderer.render("feed_title.html", coverage.language, coverage=coverage)
        return unescape(title).strip()


@routes.get(f"/{atom.NAME}")
async def get_atom(
    request: Request, services: ServicesDep, slug: str, key_events: bool = False
) -> Response:
    """Return the feed as Atom."""
    feed = await _load(services, slug, key_events=key_events)
    return await _answer(request, feed, atom.render_atom, atom.MEDIA_TYPE)


@routes.get(f"/{json_feed.NAME}")
async def get_json_feed(
    request: Request, services: ServicesDep, slug: str, key_events: bool = False
) -> Response:
    """Return the feed as JSON Feed."""
    feed = await _load(services, slug, key_events=key_events)
    return await _answer(request, feed, json_feed.render_json_feed, json_feed.MEDIA_TYPE)


async def _load(services: Services, slug: str, *, key_events: bool) -> Feed:
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        page = await read_page(session, slug, Selection(_NEWEST, key_events=key_events))
        tombstones = await list_tombstones(session, slug, _TOMBSTONES)
        corrected = await list_corrected(session, slug, _CORRECTED)
    if key_events:
        corrected = [entry for entry in corrected if entry.key_event]
    by_id = {entry.id: entry for entry in (*page.entries, *tombstones, *corrected)}
    newest_first = sorted(by_id.values(), key=lambda entry: entry.seq or 0, reverse=True)
    texts = _FeedTexts(services.html_renderer, services.form.base_url)
    return Feed(
        coverage=coverage,
        entries=tuple(newest_first),
        base_url=services.form.base_url,
        publisher=services.html_renderer.name,
        title=texts.key_events(coverage) if key_events else isolate(coverage.title),
        render=texts.entry,
        retracted=texts.retracted,
        key_events=key_events,
    )


async def _answer(
    request: Request, feed: Feed, render: Callable[[Feed], bytes], media_type: str
) -> Response:
    coverage = feed.coverage
    depends_on(request, coverage)

    async def body() -> bytes:
        return render(feed)

    headers = {"Last-Modified": format_datetime(coverage.updated_at, usegmt=True)}
    return await answer_if_changed(
        request, head_etag(coverage.cursor), FRESH, body, media_type, headers
    )
