"""The pages for people: the index, a coverage, and an entry among its neighbours.

Each page is read at one moment, and its cursor is of that moment, so that the stream goes on
exactly where the page ends. Refuses what no reader may know of as if it were not there.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from app.framing.page import by_day, open_templates, render_entry, render_head, render_pinned
from app.framing.structured_data import live_blog_posting, render_structured_data
from app.reader.sight import find_visible
from app.store.coverages import list_coverages
from app.store.entries import find_public_entry, read_page
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry
from app.timeline.selection import Selection, Slice
from app.web.caching import FRESH, answer_if_changed, body_etag, head_etag, tell_source
from app.web.house import House, TheHouse

# NUL and its like are in no tag, and PostgreSQL refuses to look for them.
Tag = Annotated[str | None, Query(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=300)]

_STATIC = Path(__file__).parent / "static"
_STATIC_PATH = "/static/reader"
_NEWER_NEIGHBOURS = 3
_OLDER_NEIGHBOURS = 12
_CLOSED_COVERAGES = 20
_LIVE_COVERAGES = 100
_HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a coverage's page shows, all as of the coverage's cursor.

    `entry` is the one whose own page this is; None on a page of the whole coverage.
    """

    coverage: Coverage
    slice: Slice
    pinned: Entry | None = None
    entry: Entry | None = None


def page_routes() -> APIRouter:
    """The pages, and the files that they need below `/static/reader`."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    pages: dict[str, Callable[..., object]] = {
        "/": show_index,
        "/coverages/{slug}": show_coverage,
        "/coverages/{slug}/entries/{entry_id}": show_entry,
    }
    for path, endpoint in pages.items():
        router.add_api_route(path, endpoint, methods=["GET"])
    router.mount(_STATIC_PATH, StaticFiles(directory=_STATIC), name="reader-static")
    return router


async def show_index(request: Request, house: TheHouse, after: str | None = None) -> Response:
    """What is live, then what has ended, newest first."""
    async with house.store.reading() as session:
        if after is not None:
            await find_visible(session, after)
        live = await list_coverages(session, {"live", "paused"}, _LIVE_COVERAGES)
        closed = await list_coverages(session, {"closed"}, _CLOSED_COVERAGES + 1, after)
    older = f"/?after={closed[-2].slug}" if len(closed) > _CLOSED_COVERAGES else None
    listed = closed[:_CLOSED_COVERAGES]
    page = render_index([] if after else live, listed, older, house.form.base_url).encode()

    async def body() -> bytes:
        return page

    return await answer_if_changed(request, body_etag(page), FRESH, body, _HTML)


async def show_coverage(
    request: Request,
    house: TheHouse,
    slug: str,
    before: str | None = None,
    after: str | None = None,
    key_events: bool = False,
    tag: Tag = None,
) -> Response:
    """A coverage's page: the newest entries, or those that the query asks for."""
    selection = Selection(before=before, after=after, key_events=key_events, tag=tag or None)
    loaded = await _load(house, slug, selection)
    return await _answer(request, house, loaded, selection)


async def show_entry(request: Request, house: TheHouse, slug: str, entry_id: str) -> Response:
    """An entry's own page: the entry among its neighbours."""
    loaded = await _load_around(house, slug, entry_id)
    return await _answer(request, house, loaded, Selection())


async def _answer(request: Request, house: House, loaded: Loaded, selection: Selection) -> Response:
    coverage = loaded.coverage
    tell_source(request, coverage)

    async def body() -> bytes:
        # Of the time of the last event, and not of the clock: nothing has changed since.
        as_of = coverage.updated_at
        return render_coverage(loaded, selection, house.form.base_url, as_of).encode()

    return await answer_if_changed(request, head_etag(coverage.cursor), FRESH, body, _HTML)


async def _load(house: House, slug: str, selection: Selection) -> Loaded:
    async with house.store.reading() as session:
        coverage = await find_visible(session, slug)
        found = await read_page(session, slug, selection)
        pinned = None
        if coverage.pinned and _is_newest(selection, found):
            pinned = await find_public_entry(session, slug, coverage.pinned)
    return Loaded(coverage, found, pinned)


async def _load_around(house: House, slug: str, entry_id: str) -> Loaded:
    async with house.store.reading() as session:
        coverage = await find_visible(session, slug)
        entry = await find_public_entry(session, slug, entry_id)
        newer = await read_page(session, slug, Selection(_NEWER_NEIGHBOURS, after=entry_id))
        older = await read_page(session, slug, Selection(_OLDER_NEIGHBOURS, before=entry_id))
    entries = (*newer.entries, entry, *older.entries)
    around = Slice(entries, has_older=older.has_older, has_newer=newer.has_newer)
    return Loaded(coverage, around, entry=entry)


def _is_newest(selection: Selection, found: Slice) -> bool:
    """Whether new entries belong on top of this page."""
    filtered = selection.before or selection.key_events or selection.tag
    return not (filtered or found.has_newer)


def render_coverage(loaded: Loaded, selection: Selection, base_url: str, now: datetime) -> str:
    """The page of a coverage, or of one of its entries.

    Args:
        loaded: what it shows.
        selection: which entries were asked for.
        base_url: where the pages are served, without a slash at its end.
        now: the time as of which it is true.
    """
    coverage, entry, entries = loaded.coverage, loaded.entry, loaded.slice.entries
    page = f"/coverages/{coverage.slug}"
    listed = [entry] if entry else entries
    return _TEMPLATES.get_template("coverage.html").render(
        language=coverage.language,
        coverage=coverage,
        entry=entry,
        selection=selection,
        page=page,
        canonical=base_url + _canonical(page, selection, entry),
        now=now,
        newest=entry is None and _is_newest(selection, loaded.slice),
        head=render_head(coverage),
        pinned=render_pinned(loaded.pinned) if loaded.pinned else "",
        shown={e.id for e in entries},
        days=list(by_day(entries)),
        structured_data=render_structured_data(live_blog_posting(coverage, listed, base_url)),
        **_paging(page, selection, loaded),
    )


def _paging(page: str, selection: Selection, loaded: Loaded) -> dict[str, str | None]:
    entries = loaded.slice.entries
    unbounded = replace(selection, before=None, after=None)
    newer = older = latest = None
    if entries and loaded.slice.has_older:
        older = _address(page, replace(unbounded, before=entries[-1].id))
    if entries and loaded.slice.has_newer:
        newer = _address(page, replace(unbounded, after=entries[0].id))
    if loaded.entry or newer or selection.before or selection.after:
        latest = _address(page, unbounded)
    return {"newer": newer, "older": older, "latest": latest}


def _address(page: str, selection: Selection) -> str:
    query = {
        "before": selection.before,
        "after": selection.after,
        "key_events": "true" if selection.key_events else None,
        "tag": selection.tag,
    }
    given = {name: value for name, value in query.items() if value is not None}
    return f"{page}?{urlencode(given)}" if given else page


def _canonical(page: str, selection: Selection, entry: Entry | None) -> str:
    if entry:
        return f"{page}/entries/{entry.id}"
    return _address(page, replace(selection, key_events=False, tag=None))


def render_index(
    live: list[Coverage], closed: list[Coverage], older: str | None, base_url: str
) -> str:
    """The index.

    Args:
        live: what goes on, newest first.
        closed: what has ended, newest first.
        older: where the list goes on, None at its end.
        base_url: where the pages are served, without a slash at its end.
    """
    return _TEMPLATES.get_template("index.html").render(
        language="en", live=live, closed=closed, older=older, base_url=base_url
    )


def render_error(title: str, detail: str) -> str:
    """The page for a refusal."""
    return _TEMPLATES.get_template("error.html").render(language="en", title=title, detail=detail)


def _asset(name: str) -> str:
    """A static file's address, which changes with its contents, so that no old copy is used."""
    digest = hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{_STATIC_PATH}/{name}?v={digest}"


_TEMPLATES = open_templates("app.reader", "app.framing")
_TEMPLATES.globals.update(
    asset={path.name: _asset(path.name) for path in _STATIC.iterdir()}.__getitem__,
    render_entry=render_entry,
)
