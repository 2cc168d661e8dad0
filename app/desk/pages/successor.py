"""The page on which a chief closes a coverage and opens that of the next day."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.sessions import Session
from app.desk.api.writes import answer_write
from app.desk.pages.coverage_form import Texts, complaints_of
from app.desk.pages.layout import SignedIn, check_token, render_desk, see_other
from app.desk.pages.slug import propose_slug
from app.desk.words import words_for
from app.formats.day_title import propose_title
from app.formats.public_json import dump_json
from app.newsroom.forms import SuccessorForm
from app.newsroom.successor import check_may_succeed, open_successor
from app.newsroom.written import Written
from app.store.coverages import find_coverage
from app.timeline.coverage import Coverage
from app.timeline.errors import CoveragePlanned, SlugTaken, WithdrawnCoverage
from app.web.json_body import parse_form
from app.web.params import Slug
from app.web.problems import InvalidPayload
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/desk/coverages/{slug}", include_in_schema=False)


@routes.get("/successor")
async def show_successor(
    request: Request, services: ServicesDep, signed_in: SignedIn, slug: Slug
) -> Response:
    """Show the form, with a title and an address of the next day."""
    coverage = await _find(services, signed_in, slug)
    now = services.now().astimezone(services.html_renderer.zone)
    title = propose_title(coverage.title, coverage.language, now)
    fields = {"title": title, "slug": propose_slug(title)}
    return _form(request, services, signed_in, coverage, fields, {})


@routes.post("/successor", operation_id="openSuccessor")
async def open_next(
    request: Request, services: ServicesDep, signed_in: SignedIn, slug: Slug
) -> Response:
    """Close the coverage, open the next one, and redirect to its desk."""
    coverage = await _find(services, signed_in, slug)
    caller = signed_in.person.caller.within(slug)
    sent = await check_token(request, signed_in)
    fields = {name: sent.get(name, "").strip() for name in ("title", "slug")}
    words = words_for(request, signed_in.person)
    try:
        form = parse_form(SuccessorForm, dump_json(fields), services.limits)

        async def act(session: AsyncSession) -> Written:
            return await open_successor(session, slug, form, caller, services.form, services.now())

        await answer_write(request, services, caller, act)
    except InvalidPayload as error:
        complaints = complaints_of(error, words)
    except SlugTaken as refusal:
        complaints = {"slug": str(words.say_refusal(refusal))}
    except (CoveragePlanned, WithdrawnCoverage) as refusal:
        complaints = {"title": words.say_refusal(refusal)}
    else:
        return see_other(f"/desk/coverages/{form.slug}")
    return _form(request, services, signed_in, coverage, fields, complaints)


async def _find(services: Services, signed_in: Session, slug: str) -> Coverage:
    caller = signed_in.person.caller.within(slug)
    caller.check("chief")
    async with services.store.reading() as session:
        coverage = await find_coverage(session, slug)
    check_may_succeed(caller)
    return coverage


def _form(
    request: Request,
    services: Services,
    signed_in: Session,
    coverage: Coverage,
    fields: Texts,
    complaints: Texts,
) -> Response:
    return render_desk(
        request,
        services,
        "successor.html",
        session=signed_in,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if complaints else HTTPStatus.OK,
        coverage=coverage,
        fields=fields,
        complaints=complaints,
    )
