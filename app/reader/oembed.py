"""oEmbed provider: tells other sites how to show a coverage, given the address of its page.

Addresses that are not pages of this server and coverages that are not public are refused.
"""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from app.formats.oembed import MEDIA_TYPES, describe_embed, parse_page_url, render_oembed
from app.reader.visibility import find_visible
from app.store.entries import find_public_entry
from app.web.conditional import FRESH, answer_if_changed, body_etag
from app.web.services import ServicesDep

routes = APIRouter(include_in_schema=False)

Pixels = Annotated[int | None, Query(ge=1, le=100_000)]


@routes.get("/oembed")
async def get_oembed(
    request: Request,
    services: ServicesDep,
    url: Annotated[str, Query(max_length=2000)],
    format: str = "json",  # noqa: A002  the protocol's name
    maxwidth: Pixels = None,
    maxheight: Pixels = None,
) -> Response:
    """Return the oEmbed response for the address of a page."""
    base_url = services.form.base_url
    if format not in MEDIA_TYPES:
        raise HTTPException(HTTPStatus.NOT_IMPLEMENTED, "The supported formats are json and xml.")
    target = parse_page_url(url, base_url)
    if target is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "That address is not a page of this server.")
    slug, entry_id = target
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        if entry_id is not None:
            await find_public_entry(session, slug, entry_id)
    described = describe_embed(coverage, base_url, services.html_renderer.name, maxwidth, maxheight)
    document = render_oembed(described, format)

    async def body() -> bytes:
        return document

    return await answer_if_changed(request, body_etag(document), FRESH, body, MEDIA_TYPES[format])
