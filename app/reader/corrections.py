"""The register of corrections, of one coverage and of all: as a page, as JSON and as Atom.

It lists every correction, retraction, assessment and outdated translation, newest first. What was
retracted is in none of them.
"""

from collections.abc import Sequence
from html import unescape
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from app.access.roles import Caller
from app.formats.bidi import isolate
from app.formats.corrections_atom import MEDIA_TYPE, CorrectionsFeed, render_corrections
from app.formats.html import HtmlRenderer
from app.formats.identity import coverage_urn
from app.formats.net_change_json import encode_correction
from app.formats.public_json import dump_json
from app.reader.pages import reader_language
from app.reader.visibility import cache_control, find_visible
from app.store.corrections import list_corrections
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor, parse_any_cursor, parse_cursor
from app.timeline.errors import UnknownCursor
from app.timeline.net_change import Correction
from app.web.authentication import identify
from app.web.conditional import FRESH, answer_if_changed, body_etag, depends_on, head_etag
from app.web.csp import page_headers
from app.web.identifiers import CursorRef
from app.web.openapi import schemas
from app.web.openapi.document import PUBLIC, takes
from app.web.openapi.headers import CACHE_CONTROL, ETAG, IF_NONE_MATCH
from app.web.openapi.responses import HIDDEN, READING, refuses, returns, unchanged
from app.web.params import Slug
from app.web.services import Services, ServicesDep

routes = APIRouter(tags=["reading"])

_ON_PAGE = 50  # corrections on a page, and in a feed
_OF_COVERAGE = "/coverages/{slug}/corrections"
_RESPONSES = returns(schemas.Corrections, ETAG, CACHE_CONTROL) | unchanged(ETAG, CACHE_CONTROL)


class CorrectionsQuery(BaseModel):
    """A page of the register."""

    limit: Annotated[int, Field(ge=1, le=100, description="The most corrections.")] = 20
    before: Annotated[
        CursorRef | None, Field(description="Only those before the event with this cursor.")
    ] = None


class _Register:
    """Answers requests for the register, of one coverage or of all.

    Args:
        request: the request.
        services: the application's services.
        slug: the coverage's slug; None for all.
    """

    def __init__(self, request: Request, services: Services, slug: str | None) -> None:
        self._request = request
        self._services = services
        self._slug = slug
        self.coverage: Coverage | None = None
        path = "/corrections" if slug is None else _OF_COVERAGE.format(slug=slug)
        self.address = f"{services.form.base_url}{path}"

    async def read(
        self,
        limit: int,
        before: str | None = None,
        caller: Caller | None = None,
        *,
        redacted: bool = False,
    ) -> tuple[list[Correction], str | None]:
        """Read a page; returns it with the cursor of the next one, None on the last page."""
        position: Cursor | None = None
        async with self._services.store.reading() as session:
            if self._slug is not None:
                self.coverage = await find_visible(session, self._slug, caller)
                if before is not None:
                    position = parse_cursor(before, self.coverage.cursor)
            elif before is not None:
                position = parse_any_cursor(before)
            found = await list_corrections(
                session, limit + 1, self._slug, position, redacted=redacted
            )
        shown = found[:limit]
        return shown, str(shown[-1].cursor) if len(found) > limit else None

    async def answer(
        self, document: bytes, media_type: str, headers: dict[str, str] | None = None
    ) -> Response:
        """Answer with a document that was computed from what was read last."""

        async def body() -> bytes:
            return document

        control, etag = FRESH, body_etag(document)
        if self.coverage is not None:
            depends_on(self._request, self.coverage)
            control = cache_control(self.coverage, FRESH)
            if self.coverage.is_public:
                etag = head_etag(self.coverage.cursor)
        return await answer_if_changed(self._request, etag, control, body, media_type, headers)


async def _answer_json(
    request: Request, services: Services, slug: str | None, query: CorrectionsQuery
) -> Response:
    register, caller = _Register(request, services, slug), await identify(request, services)
    corrections, following = await register.read(query.limit, query.before, caller)
    address = register.address.replace(services.form.base_url, f"{services.form.base_url}/v1", 1)
    parameters = urlencode({"limit": query.limit, "before": following or ""})
    document = {
        "corrections": [encode_correction(each, services.form) for each in corrections],
        "next": f"{address}?{parameters}" if following else None,
    }
    return await register.answer(dump_json(document), "application/json", {"Vary": "Authorization"})


@routes.get(
    f"/v1{_OF_COVERAGE}",
    operation_id="listCorrectionsOfCoverage",
    responses=_RESPONSES | refuses(*READING, *HIDDEN, UnknownCursor),
    openapi_extra=takes(IF_NONE_MATCH) | PUBLIC,
)
async def get_corrections_of_coverage(
    request: Request, services: ServicesDep, slug: Slug, query: Annotated[CorrectionsQuery, Query()]
) -> Response:
    """List a coverage's corrections, retractions, assessments and outdated translations.

    The newest comes first. Of a retracted entry only the retraction is listed.
    """
    return await _answer_json(request, services, slug, query)


@routes.get(
    "/v1/corrections",
    operation_id="listCorrections",
    responses=_RESPONSES | refuses(*READING, UnknownCursor),
    openapi_extra=takes(IF_NONE_MATCH) | PUBLIC,
)
async def get_corrections(
    request: Request, services: ServicesDep, query: Annotated[CorrectionsQuery, Query()]
) -> Response:
    """List the corrections of all public coverages, in the same form, newest first."""
    return await _answer_json(request, services, None, query)


async def _show(
    request: Request, services: Services, slug: str | None, before: str | None, *, lite: bool
) -> Response:
    register = _Register(request, services, slug)
    corrections, following = await register.read(_ON_PAGE, before)
    language = register.coverage.language if register.coverage else reader_language(request)
    page = render_register(
        services.html_renderer,
        language,
        corrections,
        register.coverage,
        following,
        services.form.base_url,
        lite=lite,
    )
    vary = {} if register.coverage else {"Vary": "Accept-Language"}
    headers = vary | page_headers(third_parties=services.third_parties)
    return await register.answer(page.encode(), "text/html", headers)


def render_register(
    html_renderer: HtmlRenderer,
    language: str,
    corrections: Sequence[Correction],
    coverage: Coverage | None,
    following: str | None,
    base_url: str,
    *,
    lite: bool = False,
) -> str:
    """Render the page of the register.

    Args:
        html_renderer: the newsroom's HTML renderer.
        language: the language of its words (BCP 47).
        corrections: the corrections to show.
        coverage: the coverage that they belong to; None for those of all.
        following: the cursor of the next page; None on the last one.
        base_url: the address of the pages, without a slash at its end.
        lite: whether to show words only.
    """
    path = _OF_COVERAGE.format(slug=coverage.slug) if coverage else "/corrections"
    more = {"lite": "true"} if lite else {}
    return html_renderer.render(
        "corrections.html",
        language,
        coverage=coverage,
        corrections=corrections,
        path=path,
        canonical=f"{base_url}{path}",
        lite=lite,
        older=f"{path}?{urlencode({'before': following, **more})}" if following else None,
        now=corrections[0].change.at if corrections else None,
    )


@routes.get(_OF_COVERAGE, include_in_schema=False)
async def show_corrections_of_coverage(
    request: Request,
    services: ServicesDep,
    slug: str,
    before: str | None = None,
    lite: bool = False,
) -> Response:
    """Show the corrections of a coverage."""
    return await _show(request, services, slug, before, lite=lite)


@routes.get("/corrections", include_in_schema=False)
async def show_corrections(
    request: Request, services: ServicesDep, before: str | None = None, lite: bool = False
) -> Response:
    """Show the corrections of all public coverages."""
    return await _show(request, services, None, before, lite=lite)


@routes.get(f"{_OF_COVERAGE}.atom", include_in_schema=False)
async def get_feed_of_coverage(request: Request, services: ServicesDep, slug: str) -> Response:
    """Return the corrections of a coverage as Atom."""
    return await _answer_feed(request, services, slug)


@routes.get("/corrections.atom", include_in_schema=False)
async def get_feed(request: Request, services: ServicesDep) -> Response:
    """Return the corrections of all public coverages as Atom."""
    return await _answer_feed(request, services, None)


async def _answer_feed(request: Request, services: Services, slug: str | None) -> Response:
    register = _Register(request, services, slug)
    corrections, _ = await register.read(_ON_PAGE, redacted=True)
    coverage, render = register.coverage, services.html_renderer.render
    language = coverage.language if coverage else reader_language(request)

    def describe(correction: Correction) -> tuple[str, str]:
        own = correction.entry.language
        template = "feed_correction.html"
        title = unescape(render(template, own, correction=correction, part="title")).strip()
        return title, render(template, own, correction=correction, part="content").strip()

    started = coverage.updated_at if coverage else services.now()
    feed = CorrectionsFeed(
        corrections=corrections,
        id=coverage_urn(coverage, "corrections") if coverage else register.address,
        title=isolate(
            unescape(render("feed_corrections.html", language, coverage=coverage)).strip()
        ),
        language=language,
        publisher=services.html_renderer.name,
        updated_at=corrections[0].change.at if corrections else started,
        page=register.address,
        base_url=services.form.base_url,
        describe=describe,
    )
    vary = {} if coverage else {"Vary": "Accept-Language"}
    return await register.answer(render_corrections(feed), MEDIA_TYPE, vary)
