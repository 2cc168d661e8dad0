"""The read API as JSON: coverages, entries and their revisions."""

from collections.abc import Collection
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from app.formats.public_json import dump_json, encode_revision
from app.reader.page_query import query_text
from app.reader.visibility import cache_control, find_visible
from app.store.coverages import list_coverages
from app.store.entries import find_public_entry, read_page
from app.store.journal import find_last, read_revisions
from app.store.past import read_page_as_of
from app.timeline.coverage import CoverageStatus
from app.timeline.errors import UnknownEntry
from app.timeline.selection import Selection
from app.web.authentication import identify
from app.web.conditional import (
    FRESH,
    PRIVATE,
    answer_if_changed,
    body_etag,
    depends_on,
    entry_etag,
    head_etag,
)
from app.web.identifiers import CoverageRef, EntryRef
from app.web.openapi import schemas
from app.web.openapi.document import PUBLIC, takes
from app.web.openapi.headers import CACHE_CONTROL, ETAG, IF_NONE_MATCH, LINK, REVISION
from app.web.openapi.responses import HIDDEN, READING, refuses, returns, unchanged
from app.web.params import EntryKey, Slug
from app.web.services import ServicesDep
from app.web.text_types import Line, QueryMoment

routes = APIRouter(prefix="/v1/coverages", tags=["reading"])

Limit = Annotated[int, Field(ge=1, le=100, description="The most items.")]
_CONDITIONAL = takes(IF_NONE_MATCH) | PUBLIC


class EntriesQuery(BaseModel):
    """The selection of entries, see `Selection`; `at` asks for a past state of the page."""

    limit: Limit = 20
    before: Annotated[
        EntryRef | None, Field(description="Entries older than this one, the nearest to it.")
    ] = None
    after: Annotated[
        EntryRef | None, Field(description="Entries newer than this one, the nearest to it.")
    ] = None
    order: Annotated[
        Literal["newest", "oldest"], Field(description="Only the order shown: which one is first.")
    ] = "newest"
    key_events: Annotated[bool, Field(description="Turning points only.")] = False
    tag: Annotated[Line | None, Field(description="With this tag only.")] = None
    since: Annotated[QueryMoment | None, Field(description="Published at this time or later.")] = (
        None
    )
    until: Annotated[QueryMoment | None, Field(description="Published before this time.")] = None
    lang: Annotated[Line | None, Field(description="In this language only (BCP 47).")] = None
    at: Annotated[
        QueryMoment | None,
        Field(description="The page as it was at this time, with all changes until then."),
    ] = None

    def selection(self) -> Selection:
        """Return the selection, without `at`."""
        return Selection(**self.model_dump(exclude={"at"}))

    def address(self, path: str, side: Literal["before", "after"], entry_id: str) -> str:
        """Return the address of another page of the same selection."""
        members = self.model_dump(exclude_defaults=True, exclude={"before", "after"})
        texts = {name: query_text(value) for name, value in members.items()}
        return f"{path}?{urlencode({**texts, side: entry_id})}"


@routes.get(
    "",
    operation_id="listCoverages",
    responses=returns(schemas.Coverages, ETAG, CACHE_CONTROL, LINK)
    | unchanged(ETAG, CACHE_CONTROL, LINK)
    | refuses(*READING, *HIDDEN),
    openapi_extra=_CONDITIONAL,
)
async def get_coverages(
    request: Request,
    services: ServicesDep,
    status: Annotated[CoverageStatus | None, Query(description="With this status only.")] = None,
    limit: Annotated[Limit, Query()] = 20,
    after: Annotated[
        CoverageRef | None, Query(description="Coverages after the one with this slug in the list.")
    ] = None,
) -> Response:
    """List live pages, newest first; the newsroom also gets planned and withdrawn ones."""
    caller = await identify(request, services)
    statuses: list[CoverageStatus] = ["live", "paused", "closed"]
    hidden: Collection[str] | None = ()
    if caller is not None:
        statuses.append("planned")
        hidden = None if caller.role else caller.coverages.keys()
    chosen = [s for s in statuses if status in {None, s}]
    async with services.store.reading() as session:
        if after is not None:
            await find_visible(session, after, caller)
        coverages = await list_coverages(session, chosen, limit + 1, after, hidden)
    page = coverages[:limit]
    following = None
    if len(coverages) > limit:
        params = {"limit": limit, "after": page[-1].slug} | ({"status": status} if status else {})
        following = f"{services.form.base_url}/v1/coverages?{urlencode(params)}"
    document = dump_json(
        {"coverages": [services.form.coverage(c) for c in page], "next": following}
    )

    async def body() -> bytes:
        return document

    control = PRIVATE if caller else FRESH
    headers = {"Vary": "Authorization", **_link_header({"next": following})}
    return await answer_if_changed(request, body_etag(document), control, body, headers=headers)


@routes.get(
    "/{slug}",
    operation_id="getCoverage",
    responses=returns(schemas.Coverage, ETAG, CACHE_CONTROL)
    | unchanged(ETAG, CACHE_CONTROL)
    | refuses(*READING, *HIDDEN),
    openapi_extra=_CONDITIONAL,
)
async def get_coverage(request: Request, services: ServicesDep, slug: Slug) -> Response:
    """Return one live page, with the head of its journal."""
    caller = await identify(request, services)
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug, caller)
    depends_on(request, coverage)
    document = dump_json(services.form.coverage(coverage))

    async def body() -> bytes:
        return document

    # A planned coverage changes without an event, so its cursor does not identify its state.
    etag = head_etag(coverage.cursor) if coverage.is_public else body_etag(document)
    return await answer_if_changed(
        request,
        etag,
        cache_control(coverage, FRESH),
        body,
        headers={"Vary": "Authorization"},
    )


@routes.get(
    "/{slug}/entries",
    operation_id="listEntries",
    responses=returns(schemas.Entries, ETAG, CACHE_CONTROL, LINK)
    | unchanged(ETAG, CACHE_CONTROL, LINK)
    | refuses(*READING, *HIDDEN, UnknownEntry),
    openapi_extra=_CONDITIONAL,
)
async def get_entries(
    request: Request, services: ServicesDep, slug: Slug, query: Annotated[EntriesQuery, Query()]
) -> Response:
    """Return a page of the timeline and the head of the journal, read in one transaction.

    Without `before` and `after`, the page is the first one in the order shown. `next` is the
    address of the following page in that order, `previous` that of the page before.
    """
    caller = await identify(request, services)
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug, caller)
        if query.at is None:
            page = await read_page(session, slug, query.selection())
        else:
            last = await find_last(session, slug, query.at)
            page = await read_page_as_of(session, slug, last, query.selection())
    depends_on(request, coverage)
    path = f"{services.form.base_url}/v1/coverages/{slug}/entries"
    newest_first = query.order == "newest"
    by_age = page.entries if newest_first else page.entries[::-1]
    older = newer = None
    if by_age and page.has_older:
        older = query.address(path, "before", by_age[-1].id)
    if by_age and page.has_newer:
        newer = query.address(path, "after", by_age[0].id)
    following, previous = (older, newer) if newest_first else (newer, older)
    links = {"next": following, "previous": previous}

    async def body() -> bytes:
        entries = [services.form.entry(entry) for entry in page.entries]
        return dump_json({"entries": entries, "cursor": str(coverage.cursor), **links})

    headers = {"Vary": "Authorization", **_link_header(links)}
    control = cache_control(coverage, FRESH)
    etag = head_etag(coverage.cursor)
    return await answer_if_changed(request, etag, control, body, headers=headers)


def _link_header(links: dict[str, str | None]) -> dict[str, str]:
    relations = {"next": "next", "previous": "prev"}
    values = [f'<{url}>; rel="{relations[name]}"' for name, url in links.items() if url]
    return {"Link": ", ".join(values)} if values else {}


@routes.get(
    "/{slug}/entries/{entry_id}",
    operation_id="getEntry",
    responses=returns(schemas.Entry, REVISION, CACHE_CONTROL)
    | unchanged(REVISION, CACHE_CONTROL)
    | refuses(*READING, *HIDDEN, UnknownEntry),
    openapi_extra=_CONDITIONAL,
)
async def get_entry(request: Request, services: ServicesDep, key: EntryKey) -> Response:
    """Return one entry, or the tombstone in its place."""
    caller = await identify(request, services)
    async with services.store.reading() as session:
        coverage = await find_visible(session, key[0], caller)
        entry = await find_public_entry(session, *key)
    depends_on(request, coverage)

    async def body() -> bytes:
        return dump_json(services.form.entry(entry))

    control = cache_control(coverage, FRESH)
    return await answer_if_changed(request, entry_etag(entry), control, body, compress=False)


@routes.get(
    "/{slug}/entries/{entry_id}/revisions",
    operation_id="listRevisions",
    responses=returns(schemas.Revisions, ETAG, CACHE_CONTROL)
    | unchanged(ETAG, CACHE_CONTROL)
    | refuses(*READING, *HIDDEN, UnknownEntry),
    openapi_extra=_CONDITIONAL,
)
async def get_revisions(request: Request, services: ServicesDep, key: EntryKey) -> Response:
    """List an entry's public revisions, oldest first; a retracted entry has none."""
    caller = await identify(request, services)
    async with services.store.reading() as session:
        coverage = await find_visible(session, key[0], caller)
        entry = await find_public_entry(session, *key)
        revisions = await read_revisions(session, entry)
    depends_on(request, coverage)

    async def body() -> bytes:
        return dump_json({"revisions": [encode_revision(revision) for revision in revisions]})

    control = cache_control(coverage, FRESH)
    return await answer_if_changed(request, head_etag(coverage.cursor), control, body)
