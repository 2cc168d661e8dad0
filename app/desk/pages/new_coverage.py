"""The page on which a chief plans or opens a coverage."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.desk.api.writes import answer_write
from app.desk.pages.coverage_form import (
    EMPTY,
    FormErrors,
    Texts,
    complaints_of,
    join_languages,
    read_head,
    render_form,
)
from app.desk.pages.layout import SignedIn, check_token, see_other
from app.desk.pages.lead_image import save_lead_words
from app.desk.pages.slug import propose_slug
from app.desk.words import Words, words_for
from app.newsroom.coverages import create_coverage
from app.newsroom.forms import NewCoverageForm
from app.newsroom.written import Written, coverage_written
from app.timeline.errors import SlugTaken
from app.web.problems import InvalidPayload
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/desk", include_in_schema=False)

_PROPOSED = "Made from the title. Check it, since it is permanent, and send the form again."
_UNSPELLED = "This title gives no address: write one with a to z, 0 to 9 and -."
_TAKEN = "Another coverage has this address: choose a different one."


@routes.get("/new")
async def show_opening(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Show the form for a new coverage."""
    signed_in.person.caller.check("chief")
    return await render_form(request, services, signed_in, "opening.html", EMPTY, {})


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
    fields = EMPTY | join_languages(await check_token(request, signed_in))
    form_page = partial(render_form, request, services, signed_in, "opening.html", fields)
    try:
        words = words_for(request, signed_in.person)
        form = _read(fields, services, words)
    except FormErrors as errors:
        return await form_page(errors.by_field)

    async def act(session: AsyncSession) -> Written:
        await save_lead_words(session, fields, caller, services)
        changes = await create_coverage(session, form, caller, services.now())
        return coverage_written(services.form, *changes, is_new=True)

    try:
        await answer_write(request, services, caller, act)
    except InvalidPayload as error:
        return await form_page(complaints_of(error, words))
    except SlugTaken:
        return await form_page({"slug": words.say(_TAKEN)})
    return see_other(f"/desk/coverages/{form.slug}")


def _read(fields: Texts, services: Services, words: Words) -> NewCoverageForm:
    """Check the form; one without an address is returned with a proposal, to be confirmed."""
    sent, languages = fields, fields["languages"]
    if languages and fields["language"] not in languages.split(", "):
        sent = fields | {"languages": f"{fields['language']}, {languages}"}
    if fields["slug"].strip():
        return read_head(NewCoverageForm, sent, services, words)
    proposed = propose_slug(fields["title"])
    try:
        read_head(NewCoverageForm, {**sent, "slug": proposed or "a"}, services, words)
        complaints: Texts = {}
    except FormErrors as errors:
        complaints = errors.by_field
    fields["slug"] = proposed
    if fields["title"].strip():
        complaints["slug"] = words.say(_PROPOSED if proposed else _UNSPELLED)
    raise FormErrors(complaints)
