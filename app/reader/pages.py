"""The reader's pages: the index, a coverage, and an entry among its neighbours.

Each page is read in one transaction together with its cursor, so that the stream goes on exactly
where the page ends. A coverage that is not public gets the same 404 as one that does not exist.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from app.formats.html import HtmlRenderer
from app.formats.json_ld import live_blog_posting, render_structured_data
from app.formats.languages import choose_language
from app.formats.public_json import PublicJson
from app.reader.page_query import View
from app.reader.visibility import find_visible
from app.store.coverages import list_coverages
from app.store.entries import find_public_entry, read_page
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry
from app.timeline.selection import Selection, Slice
from app.web.accept import rank
from app.web.conditional import FRESH, answer_if_changed, body_etag, depends_on, head_etag
from app.web.csp import desk_headers, page_headers, page_nonce
from app.web.js_bundle import bundle_modules
from app.web.services import Services, ServicesDep

STATIC = Path(__file__).parent / "static"
_LATER = (
    "tabs.js",
    "worker_fetch.js",
    "combined_stream.js",
    "whats_new.js",
    "viewer.js",
    "feed_keys.js",
)
SHAPES = {
    entrance: partial(bundle_modules, folder=STATIC, later=_LATER)
    for entrance in ("page.js", "embedded.js", "tabs.js", "combined_stream.js", "dateline.js")
}

_NEWER_NEIGHBOURS = 3
_OLDER_NEIGHBOURS = 12
_CLOSED_COVERAGES = 20
_LIVE_COVERAGES = 100
_HTML = "text/html"
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a coverage's page shows, all as of the coverage's cursor.

    `shown` is the coverage as it was at the time that the page asks for, if it asks for one.
    `entry` is the entry on its own page, None on a page of the whole coverage.
    """

    coverage: Coverage
    slice: Slice
    pinned: Entry | None = None
    entry: Entry | None = None
    shown: Coverage | None = None


def page_routes() -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    pages: dict[str, Callable[..., object]] = {
        "/": show_index,
        "/coverages/{slug}": show_coverage,
        "/coverages/{slug}/entries/{entry_id}": show_entry,
    }
    for path, endpoint in pages.items():
        router.add_api_route(path, endpoint, methods=["GET"])
    return router


async def show_index(request: Request, services: ServicesDep, after: str | None = None) -> Response:
    """Show the index: live coverages, then closed ones, newest first."""
    async with services.store.reading() as session:
        if after is not None:
            await find_visible(session, after)
        live = await list_coverages(session, {"live", "paused"}, _LIVE_COVERAGES)
        closed = await list_coverages(session, {"closed"}, _CLOSED_COVERAGES + 1, after)
    older = f"/?after={closed[-2].slug}" if len(closed) > _CLOSED_COVERAGES else None
    listed = closed[:_CLOSED_COVERAGES]
    page = render_index(
        services.html_renderer,
        reader_language(request),
        [] if after else live,
        listed,
        older,
        services.form.base_url,
        services.now(),
    ).encode()

    async def body() -> bytes:
        return page

    headers = {"Vary": "Accept-Language", **page_headers()}
    return await answer_if_changed(request, body_etag(page), FRESH, body, _HTML, headers)


async def show_coverage(
    request: Request, services: ServicesDep, slug: str, view: Annotated[View, Query()]
) -> Response:
    """Show a coverage's page: the newest entries, or those that the query asks for."""
    return await _answer(request, services, await _load(services, slug, view), view)


async def show_entry(
    request: Request, services: ServicesDep, slug: str, entry_id: str, lite: bool = False
) -> Response:
    """Show an entry's own page: the entry among its neighbours."""
    loaded = await _load_around(services, slug, entry_id)
    return await _answer(request, services, loaded, View(lite=lite))


async def _answer(request: Request, services: Services, loaded: Loaded, view: View) -> Response:
    depends_on(request, loaded.coverage)
    etag = head_etag(loaded.coverage.cursor)
    nonce = page_nonce(view.address(request.url.path), etag)
    silence = services.hub.config.silence

    async def body() -> bytes:
        slices, shown = services.hub.slices, loaded.slice.entries
        told = [] if view.lite else await slices.map(services.html_renderer.entry, shown)
        articles = dict(zip((entry.id for entry in shown), told, strict=False))
        page = await slices.run(
            lambda: render_coverage(
                services.html_renderer,
                loaded,
                view,
                services.form,
                nonce,
                silence,
                articles=articles,
            )
        )
        return page.encode()

    modified = {"Last-Modified": format_datetime(loaded.coverage.updated_at, usegmt=True)}
    headers = modified | _policy(services, view, nonce)
    return await answer_if_changed(request, etag, FRESH, body, _HTML, headers)


def _policy(services: Services, view: View, nonce: str) -> dict[str, str]:
    return (
        page_headers() if view.lite else page_headers(nonce, services.html_renderer.players.origins)
    )


async def _load(services: Services, slug: str, view: View) -> Loaded:
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        if view.at is None:
            found = await read_page(session, slug, view.selection)
            pinned = None
            if coverage.pinned and is_newest(view, found):
                pinned = await find_public_entry(session, slug, coverage.pinned)
            return Loaded(coverage, found, pinned)
    past = await services.past.page(slug, view.at, view.selection)
    return Loaded(past.coverage, past.entries, shown=past.coverage_as_of)


async def _load_around(services: Services, slug: str, entry_id: str) -> Loaded:
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        entry = await find_public_entry(session, slug, entry_id)
        newer = await read_page(session, slug, Selection(_NEWER_NEIGHBOURS, after=entry_id))
        older = await read_page(session, slug, Selection(_OLDER_NEIGHBOURS, before=entry_id))
    entries = (*newer.entries, entry, *older.entries)
    around = Slice(entries, has_older=older.has_older, has_newer=newer.has_newer)
    return Loaded(coverage, around, entry=entry)


def is_newest(view: View, found: Slice) -> bool:
    """Whether new entries are to be added at the top of this page."""
    return view.change().is_whole and not (view.before or found.has_newer)


def render_coverage(
    html_renderer: HtmlRenderer,
    loaded: Loaded,
    view: View,
    form: PublicJson,
    nonce: str,
    silence: float = 45,
    *,
    articles: Mapping[str, str] = _NONE,
) -> str:
    """Render the page of a coverage, or of one of its entries.

    Args:
        html_renderer: the newsroom's HTML renderer.
        loaded: what the page shows.
        view: the page's query.
        form: the JSON encoder, which has the address of the pages.
        nonce: the CSP nonce of the inline scripts.
        silence: seconds without a heartbeat after which the client reconnects.
        articles: entries that are rendered already, by id.
    """
    coverage, entry, entries = loaded.shown or loaded.coverage, loaded.entry, loaded.slice.entries
    path = f"/coverages/{coverage.slug}"
    own = f"{path}/entries/{entry.id}" if entry else path
    context: dict[str, Any] = {
        "coverage": coverage,
        "cursor": str(loaded.coverage.cursor),
        "entry": entry,
        "view": view,
        "page": path,
        "own": own,
        "base_url": form.base_url,
        "canonical": form.base_url + view.canonical(own),
        # The time of the last event, not the clock's: an unchanged page has to stay the same.
        "now": loaded.coverage.updated_at,
        "newest": entry is None and is_newest(view, loaded.slice),
        "head": html_renderer.head(coverage),
        "pinned": html_renderer.pinned(loaded.pinned) if loaded.pinned else "",
        "held": loaded.pinned,
        "shown": {e.id for e in entries},
        "days": list(html_renderer.by_day(entries)),
        "render_entry": lambda entry: articles.get(entry.id) or html_renderer.entry(entry),
        "silence": round(silence * 1000),
        **_paging(path, view, loaded),
    }
    if not view.lite:
        told = [entry] if entry else entries
        posting = live_blog_posting(coverage, told, form.base_url, html_renderer.name)
        context["structured_data"] = render_structured_data(posting, nonce)
    template = "lite.html" if view.lite else "coverage.html"
    return html_renderer.render(template, coverage.language, **context)


def _paging(page: str, view: View, loaded: Loaded) -> dict[str, str | None]:
    """Return the links to the next and previous page in the order shown, and to the newest."""
    entries = loaded.slice.entries
    newer = older = latest = None
    first, last = (entries[0], entries[-1]) if entries else (None, None)
    if view.order == "oldest":
        first, last = last, first
    if last and loaded.slice.has_older:
        older = view.change(before=last.id).address(page)
    if first and loaded.slice.has_newer:
        newer = view.change(after=first.id).address(page)
    if loaded.entry or view.before or view.after or (newer and view.order == "newest"):
        latest = view.change().address(page)
    return {"newer": newer, "older": older, "latest": latest}


def render_index(
    html_renderer: HtmlRenderer,
    language: str,
    live: list[Coverage],
    closed: list[Coverage],
    older: str | None,
    base_url: str,
    now: datetime,
) -> str:
    """Render the index.

    Args:
        html_renderer: the newsroom's HTML renderer.
        language: the reader's language (BCP 47).
        live: coverages that are not closed, newest first.
        closed: closed coverages, newest first.
        older: the address of the next page; None at the end of the list.
        base_url: the address of the pages, without a slash at its end.
        now: the current time, which decides the time zone's present name.
    """
    shown = {"live": live, "closed": closed, "older": older, "base_url": base_url, "now": now}
    return html_renderer.render("index.html", language, **shown)


def refuse(html_renderer: HtmlRenderer, request: Request, status: int, detail: str) -> Response:
    """Return the error page for a reader's browser."""
    page = render_error(html_renderer, reader_language(request), status, detail)
    is_desk = request.url.path.startswith("/desk")
    own = desk_headers() if is_desk else page_headers()
    headers = {"Vary": "Accept, Accept-Language", **own}
    return HTMLResponse(page, status, headers)


def render_error(html_renderer: HtmlRenderer, language: str, status: int, detail: str) -> str:
    """Render the error page.

    Args:
        html_renderer: the newsroom's HTML renderer.
        language: the reader's language (BCP 47).
        status: the HTTP status (RFC 9110), which decides the title.
        detail: the reason, in English.
    """
    return html_renderer.render("error.html", language, status=status, detail=detail)


def reader_language(request: Request) -> str:
    """Return the reader's preferred interface language, for pages that belong to no coverage."""
    return choose_language(rank(request.headers.get("accept-language", "")))
