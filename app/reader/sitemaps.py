"""Sitemaps and `robots.txt`, for search engines and other programs.

Sitemaps list public coverages only, never planned ones.
"""

from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats import sitemap
from app.store.updates import list_changed, list_parts, list_updated_editions, list_updates
from app.web.conditional import FRESH, answer_if_changed, body_etag
from app.web.services import ServicesDep

routes = APIRouter(include_in_schema=False)

_NEWS_AGE = timedelta(days=2)
_NEWS = 1000


@routes.get("/sitemap.xml")
async def get_sitemap(request: Request, services: ServicesDep) -> Response:
    """Return the sitemap of all coverages; if one is not enough, the index of the sitemaps."""
    base_url = services.form.base_url
    async with services.store.reading() as session:
        parts = await list_parts(session)
        if len(parts) <= 1:
            whole = await _render(session, parts[0][0] if parts else 0, base_url, index=True)
            return await _answer(request, whole)
    return await _answer(request, sitemap.render_sitemap_index(parts, base_url))


@routes.get("/sitemaps/{number}.xml")
async def get_part(request: Request, services: ServicesDep, number: int) -> Response:
    """Return one of the sitemaps in the index, numbered from 1."""
    async with services.store.reading() as session:
        parts = dict(await list_parts(session))
        if number - 1 not in parts:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such sitemap.")
        base_url, is_first = services.form.base_url, number - 1 == min(parts)
        part = await _render(session, number - 1, base_url, index=is_first)
    return await _answer(request, part)


async def _render(session: AsyncSession, part: int, base_url: str, *, index: bool) -> bytes:
    updates = await list_updates(session, part)
    editions = await list_updated_editions(session, part)
    return sitemap.render_sitemap(updates, base_url, index=index, editions=editions)


@routes.get("/news-sitemap.xml")
async def get_news_sitemap(request: Request, services: ServicesDep) -> Response:
    """Return the news sitemap, with what has changed in the last two days."""
    async with services.store.reading() as session:
        updates = await list_changed(session, services.now() - _NEWS_AGE, _NEWS)
    news = sitemap.render_news_sitemap(updates, services.form.base_url, services.html_renderer.name)
    return await _answer(request, news)


@routes.get("/robots.txt")
async def get_robots(request: Request, services: ServicesDep) -> Response:
    """Return `robots.txt`: what programs may read, and where the sitemaps are."""
    return await _answer(request, sitemap.render_robots(services.form.base_url), "text/plain")


async def _answer(
    request: Request, document: bytes, media_type: str = sitemap.MEDIA_TYPE
) -> Response:
    async def body() -> bytes:
        return document

    return await answer_if_changed(request, body_etag(document), FRESH, body, media_type)
