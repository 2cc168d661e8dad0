"""Memento: past states of pages by date, for browsers of the past Web and for archives.

A coverage's page and each entry's page are original resources, the same addresses with `?at=` their
mementos. Each has a TimeGate, which redirects to the memento of a date, and a TimeMap, which lists
all mementos.

Source: RFC 7089, pattern 2.1 (section 4.2.1): a TimeGate of its own that redirects.
"""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response

from app.formats.mementos import MEDIA_TYPE, MementoLinks, format_http_time, memento_address
from app.formats.urls import coverage_address
from app.reader.visibility import find_visible
from app.store.entries import find_public_entry
from app.store.mementos import (
    find_entry_mementos,
    find_mementos,
    list_entry_spans,
    list_seconds,
    list_spans,
    to_time,
)
from app.timeline.memento import Mementos, end_of_second
from app.web.conditional import FRESH, answer_if_changed, depends_on, head_etag
from app.web.problems import InvalidDatetime
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/coverages/{slug}", include_in_schema=False)

_HTTP_TIME = "%a, %d %b %Y %H:%M:%S GMT"


@routes.get("/timegate")
async def get_timegate(request: Request, services: ServicesDep, slug: str) -> Response:
    """Redirect to the coverage's page as it was at the time in `Accept-Datetime`."""
    return await _negotiate(request, services, slug, None)


@routes.get("/entries/{entry_id}/timegate")
async def get_entry_timegate(
    request: Request, services: ServicesDep, slug: str, entry_id: str
) -> Response:
    """Redirect to the entry's page as it was at the time in `Accept-Datetime`."""
    return await _negotiate(request, services, slug, entry_id)


@routes.get("/timemap")
async def get_timemap(
    request: Request, services: ServicesDep, slug: str, page: int | None = None
) -> Response:
    """List the mementos of the coverage's page, or the pages of that list."""
    return await _list(request, services, slug, None, page)


@routes.get("/entries/{entry_id}/timemap")
async def get_entry_timemap(
    request: Request, services: ServicesDep, slug: str, entry_id: str, page: int | None = None
) -> Response:
    """List the mementos of the entry's page, or the pages of that list."""
    return await _list(request, services, slug, entry_id, page)


def memento_links(services: Services, slug: str, entry_id: str | None = None) -> MementoLinks:
    """Return the links of a coverage's page, or of an entry's."""
    page = coverage_address(services.form.base_url, slug)
    return MementoLinks(page if entry_id is None else f"{page}/entries/{entry_id}")


def memento_headers(
    links: MementoLinks, mementos: Mementos | None, as_of: datetime | None, now: datetime
) -> dict[str, str]:
    """Return the headers of a page.

    What may still change is no memento and gets no `Memento-Datetime`: a page as of a time to come,
    or before there was any.

    Args:
        links: the page's links.
        mementos: those around the time of a page of the past.
        as_of: that time; None for a page of the present.
        now: the present.
    """
    if mementos is None or as_of is None:
        return {"Link": links.header()}
    headers = {"Link": links.header(mementos)}
    if mementos.current is not None and mementos.is_settled(as_of, now):
        headers["Memento-Datetime"] = format_http_time(mementos.current)
    return headers


async def _negotiate(
    request: Request, services: Services, slug: str, entry_id: str | None
) -> Response:
    async with services.store.reading() as session:
        await find_visible(session, slug)
        wanted = request.headers.get("accept-datetime")
        as_of = None if wanted is None else end_of_second(_parse(wanted))
        if entry_id is None:
            mementos = await find_mementos(session, slug, as_of)
        else:
            await find_public_entry(session, slug, entry_id)
            mementos = await find_entry_mementos(session, slug, entry_id, as_of)
    links = memento_links(services, slug, entry_id)
    headers = {
        "Location": memento_address(links.page, mementos.current or mementos.first),
        "Link": links.header(mementos, is_timegate=True),
        "Vary": "accept-datetime",
        "Cache-Control": FRESH,
    }
    return Response(status_code=HTTPStatus.FOUND, headers=headers)


def _parse(text: str) -> datetime:
    try:
        return datetime.strptime(text, _HTTP_TIME).replace(tzinfo=UTC)
    except ValueError:
        example = "Sun, 20 Jul 1969 20:17:40 GMT"
        raise InvalidDatetime(f"Accept-Datetime must be a date like {example}.") from None


async def _list(
    request: Request, services: Services, slug: str, entry_id: str | None, number: int | None
) -> Response:
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        if entry_id is None:
            spans = await list_spans(session, coverage)
        else:
            await find_public_entry(session, slug, entry_id)
            spans = await list_entry_spans(session, slug, entry_id)
        if number is not None and not (1 <= number <= len(spans) and len(spans) > 1):
            raise HTTPException(HTTPStatus.NOT_FOUND, "This TimeMap has no such page.")
        is_index = number is None and len(spans) > 1
        shown = spans[(number or 1) - 1]
        seconds = [] if is_index else await list_seconds(session, slug, entry_id, shown)
    depends_on(request, coverage)
    links = memento_links(services, slug, entry_id)

    async def body() -> bytes:
        if is_index:
            return links.timemap_index([(to_time(first), to_time(last)) for first, last in spans])
        return links.timemap_page([to_time(second) for second in seconds], number)

    etag = head_etag(coverage.cursor)
    return await answer_if_changed(request, etag, FRESH, body, MEDIA_TYPE)
