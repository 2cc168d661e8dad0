"""The desk's pages: the list of coverages, and the desk of one."""

from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.desk.pages.layout import SignedIn, render_desk
from app.formats.oembed import frame_code, oembed_address, script_code
from app.formats.time_patterns import countdown_patterns, date_patterns
from app.store.coverages import find_coverage, find_editions, list_by_status
from app.store.entries import read_latest, read_page
from app.timeline.errors import UnknownCoverage
from app.timeline.selection import Selection
from app.web.identifiers import EntryRef
from app.web.js_bundle import bundle_modules
from app.web.params import Slug
from app.web.services import ServicesDep

STATIC = Path(__file__).parents[1] / "static"
STYLESHEETS = {
    "desk.css": (
        "desk/desk.css",
        "desk/top.css",
        "desk/forms.css",
        "desk/form.css",
        "desk/composer.css",
        "desk/board.css",
        "desk/drafts.css",
        "desk/item.css",
        "desk/dialog.css",
    )
}

# Loaded when they are needed.
LATER = (
    "statements.js",
    "diff.js",
    "assessments.js",
    "translations.js",
    "reach.js",
    "pasted_address.js",
    "quotation.js",
    "templates.js",
)
_JOINED = ("desk.js", "head_form.js", "sign_out_cleanup.js", "passkeys.js", *LATER)
TRANSFORMS = {
    f"desk/{name}": partial(bundle_modules, folder=STATIC / "desk", later=LATER) for name in _JOINED
}

routes = APIRouter(prefix="/desk", include_in_schema=False)

_LISTED = 50
_SHOWN = 20


@routes.get("")
async def show_coverages(
    request: Request,
    services: ServicesDep,
    signed_in: SignedIn,
    after: Annotated[str | None, Query()] = None,
) -> Response:
    """List the coverages that the person works in: live, planned, paused, closed.

    Raises:
        UnknownCoverage: `after` is a coverage in which the person has no role.
    """
    caller = signed_in.person.caller
    if after is not None and caller.role_in(after) is None:
        raise UnknownCoverage
    own = None if caller.role else caller.coverages.keys()
    async with services.store.reading() as session:
        coverages = await list_by_status(session, _LISTED + 1, after, own)
        shown = coverages[:_LISTED]
        latest = await read_latest(session, [coverage.slug for coverage in shown])
    return render_desk(
        request,
        services,
        "coverages.html",
        session=signed_in,
        caller=caller,
        coverages=shown,
        latest=latest,
        after=after,
        next=shown[-1].slug if len(coverages) > _LISTED else None,
        now=services.now(),
    )


@routes.get("/coverages/{slug}")
async def show_desk(
    request: Request,
    services: ServicesDep,
    signed_in: SignedIn,
    slug: Slug,
    before: Annotated[EntryRef | None, Query()] = None,
    original: Annotated[str | None, Query()] = None,  # noqa: ARG001  for the script
) -> Response:
    """Show the desk of one coverage; `original` names an entry to translate, as `SLUG/ID`.

    Raises:
        UnknownCoverage: there is no such coverage, or the person has no role in it.
    """
    caller, base_url = signed_in.person.caller.within(slug), services.form.base_url
    async with services.store.reading() as session:
        coverage = await find_coverage(session, slug)
        if caller.role is None:
            raise UnknownCoverage
        page = await read_page(session, slug, Selection(limit=_SHOWN, before=before))
        others = [each for each in await find_editions(session, slug) if each != slug]
        editions = [await find_coverage(session, each) for each in others]
    return render_desk(
        request,
        services,
        "coverage.html",
        session=signed_in,
        caller=caller,
        coverage=coverage,
        editions=[each for each in editions if signed_in.person.caller.role_in(each.slug)],
        has_editions=bool(editions),
        days=services.html_renderer.by_day(page.entries),
        render_entry=services.html_renderer.entry,
        older=page.entries[-1].id if page.has_older else None,
        is_newest=before is None,
        stated=" ".join(each.id for each in page.entries if each.claims or each.figures),
        silence=round(services.hub.config.silence * 1000),
        delay=round(services.safety_delay.total_seconds() * 1000),
        zone=services.html_renderer.zone_name,
        now=services.now(),
        date_patterns=date_patterns,
        countdown_patterns=countdown_patterns,
        embed_codes=(frame_code(coverage, base_url), script_code(coverage, base_url)),
        oembed=oembed_address(coverage, base_url),
    )
