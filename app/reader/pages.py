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
from app.formats.mementos import memento_address
from app.formats.public_json import PublicJson
from app.reader.mementos import memento_headers, memento_links
from app.reader.page_query import PageQuery
from app.reader.visibility import find_visible
from app.store.coverages import list_coverages
from app.store.entries import find_public_entry, read_page
from app.store.mementos import find_entry_as_of, find_entry_mementos, find_mementos
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry
from app.timeline.memento import Mementos, end_of_second
from app.timeline.selection import Selection, Slice
from app.web.accept import rank
from app.web.conditional import FRESH, answer_if_changed, body_etag, depends_on, head_etag
from app.web.csp import desk_headers, page_headers, page_nonce
from app.web.js_bundle import bundle_modules
from app.web.services import Services, ServicesDep
from app.web.text_types import QueryMoment

STATIC = Path(__file__).parent / "static"
_LATER = (
    "tabs.js",
    "worker_fetch.js",
    "combined_stream.js",
    "since_you_left.js",
    "viewer.js",
    "feed_keys.js",
    "playback.js",
)
TRANSFORMS = {
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
class PageContent:
    """What a coverage's page shows, all as of the coverage's cursor.

    `shown` is the coverage as it was at the time that the page asks for, if it asks for one.
    `entry` is the entry on its own page, None on a page of the whole coverage. `mementos` are those
    around the time of a page of the past or of a closed coverage, None on other pages.
    """

    coverage: Coverage
    slice: Slice
    pinned: Entry | None = None
    entry: Entry | None = None
    shown: Coverage | None = None
    mementos: Mementos | None = None


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
    request: Request, services: ServicesDep, slug: str, query: Annotated[PageQuery, Query()]
) -> Response:
    """Show a coverage's page: the newest entries, or those that the query asks for."""
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        if query.at is None:
            entries = await read_page(session, slug, query.selection)
            pinned = None
            if coverage.pinned and is_newest(query, entries):
                pinned = await find_public_entry(session, slug, coverage.pinned)
            mementos = None
            if coverage.status == "closed":
                mementos = await find_mementos(session, slug, None)
            content = PageContent(coverage, entries, pinned, mementos=mementos)
    if query.at is not None:
        past = await services.past.page(slug, query.at, query.selection)
        # After the page, so that they are never older than the head that its ETag names.
        async with services.store.reading() as session:
            mementos = await find_mementos(session, slug, query.at)
        content = PageContent(
            past.coverage, past.entries, shown=past.coverage_as_of, mementos=mementos
        )
    return await _answer(request, services, content, query)


async def show_entry(
    request: Request,
    services: ServicesDep,
    slug: str,
    entry_id: str,
    lite: bool = False,
    at: Annotated[QueryMoment | None, Query()] = None,
) -> Response:
    """Show an entry's own page: the entry among its neighbours, or alone as it was at a time."""
    query = PageQuery(lite=lite).change(at=at)
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        if at is not None:
            shown, entry = await find_entry_as_of(session, coverage, entry_id, at)
            mementos = await find_entry_mementos(session, slug, entry_id, at)
            alone = Slice((entry,), has_older=False, has_newer=False)
            content = PageContent(coverage, alone, entry=entry, shown=shown, mementos=mementos)
        else:
            entry = await find_public_entry(session, slug, entry_id)
            newer = await read_page(session, slug, Selection(_NEWER_NEIGHBOURS, after=entry_id))
            older = await read_page(session, slug, Selection(_OLDER_NEIGHBOURS, before=entry_id))
            entries = (*newer.entries, entry, *older.entries)
            around = Slice(entries, has_older=older.has_older, has_newer=newer.has_newer)
            content = PageContent(coverage, around, entry=entry)
    return await _answer(request, services, content, query)


async def _answer(
    request: Request, services: Services, content: PageContent, query: PageQuery
) -> Response:
    now, mementos, entry = services.now(), content.mementos, content.entry
    # A page as of a time to come becomes a memento without an event.
    if query.at is None or mementos is None or mementos.is_settled(query.at, now):
        depends_on(request, content.coverage)
    etag = head_etag(content.coverage.cursor)
    nonce = page_nonce(query.address(request.url.path), etag)
    silence = services.hub.config.silence

    async def body() -> bytes:
        slices, shown = services.hub.slices, content.slice.entries
        rendered = [] if query.lite else await slices.map(services.html_renderer.entry, shown)
        articles = dict(zip((entry.id for entry in shown), rendered, strict=False))
        page = await slices.run(
            lambda: render_coverage(
                services.html_renderer,
                content,
                query,
                services.form,
                nonce,
                silence,
                articles=articles,
            )
        )
        return page.encode()

    modified = {"Last-Modified": format_datetime(content.coverage.updated_at, usegmt=True)}
    # The lite page has neither an inline script nor a player.
    origins = services.html_renderer.players.origins
    policy = page_headers() if query.lite else page_headers(nonce, origins)
    headers = modified | policy
    if query.is_unfiltered:
        links = memento_links(services, content.coverage.slug, entry.id if entry else None)
        headers |= memento_headers(links, mementos, query.at, now)
    return await answer_if_changed(request, etag, FRESH, body, _HTML, headers)


def is_newest(query: PageQuery, entries: Slice) -> bool:
    """Whether new entries are to be added at the top of this page."""
    return query.change().is_whole and not (query.before or entries.has_newer)


def render_coverage(
    html_renderer: HtmlRenderer,
    content: PageContent,
    query: PageQuery,
    form: PublicJson,
    nonce: str,
    silence: float = 45,
    *,
    articles: Mapping[str, str] = _NONE,
) -> str:
    """Render the page of a coverage, or of one of its entries.

    Args:
        html_renderer: the newsroom's HTML renderer.
        content: what the page shows.
        query: the page's query.
        form: the JSON encoder, which has the address of the pages.
        nonce: the CSP nonce of the inline scripts.
        silence: seconds without a heartbeat after which the client reconnects.
        articles: entries that are rendered already, by id.
    """
    coverage = content.shown or content.coverage
    entry, entries = content.entry, content.slice.entries
    path = f"/coverages/{coverage.slug}"
    own = f"{path}/entries/{entry.id}" if entry else path
    context: dict[str, Any] = {
        "coverage": coverage,
        "cursor": str(content.coverage.cursor),
        "entry": entry,
        "view": query,
        "page": path,
        "own": own,
        "base_url": form.base_url,
        "canonical": form.base_url + query.canonical(own),
        # The time of the last event, not the clock's: an unchanged page has to stay the same.
        "now": content.coverage.updated_at,
        "newest": entry is None and is_newest(query, content.slice),
        "head": html_renderer.head(coverage),
        "pinned": html_renderer.pinned(content.pinned) if content.pinned else "",
        "held": content.pinned,
        "shown": {e.id for e in entries},
        "days": list(html_renderer.by_day(entries)),
        "render_entry": lambda entry: articles.get(entry.id) or html_renderer.entry(entry),
        "silence": round(silence * 1000),
        "zone": html_renderer.zone_name,
        **_paging(path, query, content),
        **_moments(own, query, content),
    }
    if not query.lite:
        updates = [entry] if entry else entries
        posting = live_blog_posting(coverage, updates, form.base_url, html_renderer.name)
        context["structured_data"] = render_structured_data(posting, nonce)
    template = "lite.html" if query.lite else "coverage.html"
    return html_renderer.render(template, coverage.language, **context)


def _paging(page: str, query: PageQuery, content: PageContent) -> dict[str, str | None]:
    """Return the links to the next and previous page in the order shown, and to the newest."""
    entries = content.slice.entries
    newer = older = latest = None
    first, last = (entries[0], entries[-1]) if entries else (None, None)
    if query.order == "oldest":
        first, last = last, first
    if last and content.slice.has_older:
        older = query.change(before=last.id).address(page)
    if first and content.slice.has_newer:
        newer = query.change(after=first.id).address(page)
    if content.entry or query.before or query.after or (newer and query.order == "newest"):
        latest = query.change().address(page)
    return {"newer": newer, "older": older, "latest": latest}


def _moments(page: str, query: PageQuery, content: PageContent) -> dict[str, Any]:
    """Return the links of a past page to the changes around it, and where a playback starts.

    `earlier` and `later` are the time of a change and the address of the page as of then.
    """
    mementos = content.mementos
    context: dict[str, Any] = {"earlier": None, "later": None, "playback": None}
    if mementos is None:
        return context
    if query.at is not None:
        for name, second in (("earlier", mementos.previous), ("later", mementos.next)):
            if second is not None:
                address = query.change(at=end_of_second(second)).address(page)
                context[name] = {"at": second, "address": address}
    if query.is_unfiltered and content.entry is None and not query.lite:
        following = mementos.next if query.at else None
        context["playback"] = {
            "address": memento_address(page, following or mementos.first),
            "from_here": following is not None and mementos.current is not None,
            "cursor": content.shown and str(content.shown.cursor),
            "mementos": mementos,
        }
    return context


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
