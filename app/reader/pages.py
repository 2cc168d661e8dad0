"""The reader's pages: the index, a coverage, and an entry among its neighbours.

Each page is read in one transaction together with its cursor, so that the stream goes on exactly
where the page ends. A coverage that is not public gets the same 404 as one that does not exist.
"""

from collections.abc import Callable, Sequence
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.formats.html import HtmlRenderer
from app.formats.language_tag import primary_subtag
from app.formats.languages import choose_language
from app.reader.difference import show_difference
from app.reader.editions import (
    edition_path,
    find_versions,
)
from app.reader.embed import FRAMED
from app.reader.mementos import memento_headers, memento_links
from app.reader.page_content import (
    PageContent,
    read_entry_page,
    read_newest_page,
    read_past_entry_page,
    read_past_page,
)
from app.reader.page_query import PageQuery
from app.reader.page_rendering import (
    render_coverage,
    render_error,
    render_index,
)
from app.reader.visibility import find_visible
from app.store.coverages import list_coverages, list_languages
from app.store.entries import find_public_entry
from app.web.accept import rank
from app.web.conditional import FRESH, answer_if_changed, body_etag, depends_on, head_etag
from app.web.csp import desk_headers, embed_headers, page_headers, page_nonce
from app.web.js_bundle import bundle_modules
from app.web.services import Services, ServicesDep
from app.web.text_types import Line, QueryMoment
from app.web.third_parties import ThirdParties

STATIC = Path(__file__).parent / "static"
_LATER = (
    "tabs.js",
    "worker_fetch.js",
    "combined_stream.js",
    "since_you_left.js",
    "viewer.js",
    "feed_keys.js",
    "figures.js",
    "playback.js",
    "share.js",
    "summary.js",
    "trim.js",
)
TRANSFORMS = {
    entrance: partial(bundle_modules, folder=STATIC, later=_LATER)
    for entrance in (
        *(
            "page.js",
            "embedded.js",
            "frame.js",
            "tabs.js",
            "combined_stream.js",
            "figures.js",
            "dateline.js",
        ),
    )
}

_CLOSED_COVERAGES = 20
_LIVE_COVERAGES = 100
_HTML = "text/html"


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


async def show_index(
    request: Request,
    services: ServicesDep,
    after: str | None = None,
    language: Annotated[Line | None, Query(max_length=100)] = None,
) -> Response:
    """Show the index: live coverages, those in the reader's languages first, then closed ones.

    With `language`, show those in that language only.
    """
    chosen = primary_subtag(language) if language else None
    async with services.store.reading() as session:
        if after is not None:
            await find_visible(session, after)
        live = await list_coverages(session, {"live", "paused"}, _LIVE_COVERAGES, None, (), chosen)
        closed = await list_coverages(
            session, {"closed"}, _CLOSED_COVERAGES + 1, after, (), chosen, archived=False
        )
        languages = await list_languages(session)
    view = {} if chosen is None else {"language": chosen}
    older = None
    if len(closed) > _CLOSED_COVERAGES:
        older = f"/?{urlencode(view | {'after': closed[-2].slug})}"
    accepted = [primary_subtag(tag) for tag in rank(request.headers.get("accept-language", ""))]
    page = render_index(
        services.html_renderer,
        reader_language(request),
        [] if after else sorted(live, key=lambda each: _preference(each.language, accepted)),
        closed[:_CLOSED_COVERAGES],
        older,
        services.form.base_url,
        services.now(),
        languages=sorted(languages, key=lambda each: (_preference(each, accepted), each)),
        chosen=chosen,
    ).encode()

    async def body() -> bytes:
        return page

    policy = page_headers(third_parties=services.third_parties)
    headers = {"Vary": "Accept-Language", **policy}
    return await answer_if_changed(request, body_etag(page), FRESH, body, _HTML, headers)


def _preference(language: str, accepted: Sequence[str]) -> int:
    """Return the place of a language among those that a reader accepts; others come last."""
    primary = primary_subtag(language)
    return accepted.index(primary) if primary in accepted else len(accepted)


async def show_coverage(
    request: Request, services: ServicesDep, slug: str, query: Annotated[PageQuery, Query()]
) -> Response:
    """Show a coverage's page: the newest entries, those asked for, or what has changed."""
    if query.from_ is not None:
        return await show_difference(request, services, slug, query)
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        if query.at is None:
            content = await read_newest_page(services, session, coverage, query)
        else:
            content = await read_past_page(session, coverage, query, query.at)
    return await _answer(request, services, content, query)


async def show_entry(
    request: Request,
    services: ServicesDep,
    slug: str,
    entry_id: str,
    lite: bool = False,
    edition: str | None = None,
    at: Annotated[QueryMoment | None, Query()] = None,
) -> Response:
    """Show an entry's own page: the entry among its neighbours, or alone as it was at a time.

    With `edition`, redirect to the entry's page in that edition.
    """
    query = PageQuery(lite=lite).change(at=at)
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        if edition is not None:
            entry = await find_public_entry(session, slug, entry_id)
            versions = await find_versions(session, coverage, entry)
            path = edition_path(coverage, versions, edition, lite=lite)
            return RedirectResponse(path, HTTPStatus.FOUND, {"Cache-Control": FRESH})
        if at is not None:
            content = await read_past_entry_page(session, coverage, entry_id, at)
        else:
            content = await read_entry_page(session, coverage, entry_id)
    return await _answer(request, services, content, query)


async def _answer(
    request: Request, services: Services, content: PageContent, query: PageQuery
) -> Response:
    now, mementos, entry = services.now(), content.mementos, content.entry
    heads = content.versions.heads
    # A page as of a time to come becomes a memento without an event.
    if query.at is None or mementos is None or mementos.is_settled(query.at, now):
        depends_on(request, content.coverage, heads)
    etag = head_etag(content.coverage.cursor, *heads.values())
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
    if heads:
        modified = {}  # the page may change with another edition
    # The lite page has neither an inline script nor a frame.
    origins = services.html_renderer.embeds.origins
    policy = page_headers() if query.lite else page_headers(nonce, origins, services.third_parties)
    headers = modified | policy
    if query.is_unfiltered:
        links = memento_links(services, content.coverage.slug, entry.id if entry else None)
        headers |= memento_headers(links, mementos, query.at, now)
    return await answer_if_changed(request, etag, FRESH, body, _HTML, headers)


def refuse(
    html_renderer: HtmlRenderer,
    third_parties: ThirdParties,
    frame_ancestors: Sequence[str],
    request: Request,
    status: int,
    detail: str,
    note: str | None = None,
) -> Response:
    """Return the error page for a reader's browser, with the newsroom's note if there is one.

    In place of an embed, the sites that may frame the embed may frame the error page too: otherwise
    a reader there would see the browser's refusal instead of the note.
    """
    path, language = request.url.path, reader_language(request)
    is_framed = FRAMED.fullmatch(path) is not None
    page = render_error(html_renderer, language, status, detail, note, is_framed=is_framed)
    if is_framed:
        own = embed_headers(frame_ancestors)
    else:
        is_desk = path.startswith("/desk")
        own = desk_headers() if is_desk else page_headers(third_parties=third_parties)
    headers = {"Vary": "Accept, Accept-Language", **own}
    return HTMLResponse(page, status, headers)


def reader_language(request: Request) -> str:
    """Return the reader's preferred interface language, for pages that belong to no coverage.

    It is the one that a person of the desk has chosen, or else the browser's.
    """
    chosen: str | None = getattr(request.state, "language", None)
    return chosen or choose_language(rank(request.headers.get("accept-language", "")))
