"""The desk's pages: the list of coverages, and the desk of one."""

from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.desk.page import SignedIn, render_desk
from app.store.coverages import find_coverage, list_coverages
from app.timeline.errors import UnknownCoverage
from app.web.addresses import Slug
from app.web.house import TheHouse

STATIC = Path(__file__).parent / "static"
SHEETS = {"desk.css": ("desk/desk.css", "desk/top.css", "desk/forms.css")}

routes = APIRouter(prefix="/desk", include_in_schema=False)

_LISTED = 100


@routes.get("")
async def show_coverages(request: Request, house: TheHouse, signed_in: SignedIn) -> Response:
    """The coverages that somebody works in, newest first."""
    caller = signed_in.person.caller
    async with house.store.reading() as session:
        found = await list_coverages(session, {"planned", "live", "paused", "closed"}, _LISTED)
    own = [coverage for coverage in found if caller.role_in(coverage.slug)]
    return render_desk(
        request, house, "coverages.html", session=signed_in, caller=caller, coverages=own
    )


@routes.get("/coverages/{slug}")
async def show_desk(request: Request, house: TheHouse, signed_in: SignedIn, slug: Slug) -> Response:
    """The desk of one coverage.

    Raises:
        UnknownCoverage: there is none in which they work.
    """
    caller = signed_in.person.caller.within(slug)
    async with house.store.reading() as session:
        coverage = await find_coverage(session, slug)
    if caller.role is None:
        raise UnknownCoverage(f"There is no coverage {slug} where you work.")
    return render_desk(
        request, house, "coverage.html", session=signed_in, caller=caller, coverage=coverage
    )
