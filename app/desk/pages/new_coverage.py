"""The page on which a chief plans or opens a coverage."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.sessions import Session
from app.desk.api.writes import answer_write
from app.desk.pages.coverage_form import EMPTY, FormErrors, Texts, read_head
from app.desk.pages.layout import SignedIn, check_token, render_desk, see_other
from app.desk.pages.slug import propose_slug
from app.desk.words import Words, words_for
from app.newsroom.coverages import create_coverage
from app.newsroom.forms import NewCoverageForm
from app.newsroom.written import Written, coverage_written
from app.timeline.errors import SlugTaken
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/desk", include_in_schema=False)

_PROPOSED = "Made from the title. Check it, since it is permanent, and send the form again."
_UNSPELLED = "This title gives no address: write one with a to z, 0 to 9 and -."
_TAKEN = "Another coverage has this address: choose a different one."


@routes.get("/new")
async def show_opening(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Show the form for a new coverage."""
    signed_in.person.caller.check("chief")
    return _form(request, services, signed_in, EMPTY, {})


@routes.get("/slug")
async def get_slug(signed_in: SignedIn, title: Annotated[str, Query(max_length=1000)]) -> Response:
    """Propose an address for a title, while the form is being filled in."""
    signed_in.person.caller.check("chief")
    return Response(propose_slug(title), media_type="text/plain; charset=utf-8")


@routes.post("/new", operation_id="openCoverage")
async def open_coverage(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Plan or open a coverage, and redirect to its desk."""
    caller = signed_in.person.caller
    caller.check("chief")
    fields = EMPTY | await check_token(request, signed_in)
    try:
        words = words_for(request, signed_in.person)
        form = _read(fields, services, words)
    except FormErrors as errors:
        return _form(request, services, signed_in, fields, errors.by_field)

    async def act(session: AsyncSession) -> Written:
        changes = await create_coverage(session, form, caller, services.now())
        return coverage_written(services.form, *changes, is_new=True)

    try:
        await answer_write(request, services, caller, act)
    except SlugTaken:
        return _form(request, services, signed_in, fields, {"slug": words.say(_TAKEN)})
    return see_other(f"/desk/coverages/{form.slug}")


def _read(fields: Texts, services: Services, words: Words) -> NewCoverageForm:
    """Check the form; one without an address is returned with a proposal, to be confirmed."""
    if fields["slug"].strip():
        return read_head(NewCoverageForm, fields, services, words)
    proposed = propose_slug(fields["title"])
    try:
        read_head(NewCoverageForm, {**fields, "slug": proposed or "a"}, services, words)
        complaints: Texts = {}
    except FormErrors as errors:
        complaints = errors.by_field
    fields["slug"] = proposed
    if fields["title"].strip():
        complaints["slug"] = words.say(_PROPOSED if proposed else _UNSPELLED)
    raise FormErrors(complaints)


def _form(
    request: Request, services: Services, signed_in: Session, fields: Texts, complaints: Texts
) -> Response:
    return render_desk(
        request,
        services,
        "opening.html",
        session=signed_in,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if complaints else HTTPStatus.OK,
        fields=fields,
        complaints=complaints,
    )
