"""The settings page of a coverage, with its head matter and status, for its chiefs."""

from dataclasses import replace

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.access.sessions import Session
from app.desk.api.writes import answer_write, operation_of
from app.desk.pages.coverage_form import (
    EMPTY,
    FormErrors,
    Texts,
    complaints_of,
    join_languages,
    read_head,
    render_form,
    texts_of,
)
from app.desk.pages.layout import SignedIn, check_token, see_other
from app.desk.pages.lead_image import LEAD, is_same_lead, save_lead_words
from app.desk.words import words_for
from app.formats.public_json import dump_json
from app.newsroom.availability import archive, bring_back, withdraw
from app.newsroom.coverages import change_coverage
from app.newsroom.forms import CoverageChangeForm, WithdrawalForm
from app.newsroom.written import Written, coverage_written
from app.store.coverages import find_coverage
from app.timeline.coverage import Coverage
from app.timeline.errors import CoveragePlanned, CoveragePublic
from app.web.json_body import parse_form
from app.web.params import Slug
from app.web.problems import InvalidPayload
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/desk/coverages/{slug}", include_in_schema=False)

_HEAD = EMPTY.keys() - {"slug", "status", "note"}


@routes.get("/settings")
async def show_head(
    request: Request, services: ServicesDep, signed_in: SignedIn, slug: Slug
) -> Response:
    """Show the head matter, and the possible changes of the status."""
    _, coverage = await _find(services, signed_in, slug)
    return await _page(request, services, signed_in, coverage, {}, {})


@routes.post("/settings", operation_id="changeCoverage")
async def change_head(
    request: Request, services: ServicesDep, signed_in: SignedIn, slug: Slug
) -> Response:
    """Change the head matter; readers see it at once."""
    caller, coverage = await _find(services, signed_in, slug)
    fields = join_languages(await check_token(request, signed_in))
    fields = {name: text for name, text in fields.items() if name in _HEAD}
    if LEAD in fields and is_same_lead(fields, coverage.lead_image):
        # The coverage keeps the texts that it shows, whatever has become of the medium's own.
        del fields[LEAD]
    words = words_for(request, signed_in.person)
    try:
        form = read_head(CoverageChangeForm, fields, services, words)
        await _change(request, services, caller, slug, form, fields)
    except FormErrors as errors:
        complaints = errors.by_field
    except InvalidPayload as error:
        complaints = complaints_of(error, words)
    else:
        return see_other(f"/desk/coverages/{slug}/settings?done=saved")
    return await _page(request, services, signed_in, coverage, fields, complaints)


@routes.post("/state", operation_id="changeCoverage")
async def change_state(
    request: Request, services: ServicesDep, signed_in: SignedIn, slug: Slug
) -> Response:
    """Open, pause, close or reopen the coverage."""
    caller, coverage = await _find(services, signed_in, slug)
    fields = await check_token(request, signed_in)
    words = words_for(request, signed_in.person)
    try:
        status = {"status": fields.get("status", "")}
        form = read_head(CoverageChangeForm, status, services, words)
        await _change(request, services, caller, slug, form, status)
    except FormErrors as errors:
        complaints = errors.by_field
    except (CoveragePlanned, CoveragePublic) as refusal:
        complaints = {"status": words.say_refusal(refusal)}
    else:
        return see_other(f"/desk/coverages/{slug}/settings?done={form.status}")
    return await _page(request, services, signed_in, coverage, {}, complaints)


@routes.post("/availability")
async def change_availability(
    request: Request, services: ServicesDep, signed_in: SignedIn, slug: Slug
) -> Response:
    """Withdraw the coverage or bring it back, archive it or list it again."""
    caller, coverage = await _find(services, signed_in, slug)
    fields = await check_token(request, signed_in)
    words = words_for(request, signed_in.person)
    step, note = fields.get("step", ""), fields.get("note", "").strip()
    operation = replace(await operation_of(request, services, caller), action=f"{step}Coverage")
    complaints: Texts = {}
    try:
        if step == "withdraw":
            form = parse_form(WithdrawalForm, dump_json({"note": note}), services.limits)
            await withdraw(services, operation, slug, form.note)
        elif step == "bringBack":
            await bring_back(services, operation, slug)
        elif step in {"archive", "unarchive"}:
            await archive(services, operation, slug, is_archived=step == "archive")
        else:
            complaints = {"step": words.say_detail("Field required")}
    except InvalidPayload as error:
        complaints = complaints_of(error, words)
    except CoveragePlanned as refusal:
        complaints = {"note": words.say_refusal(refusal)}
    if not complaints:
        return see_other(f"/desk/coverages/{slug}/settings?done={step}")
    return await _page(request, services, signed_in, coverage, {"note": note}, complaints)


async def _find(services: Services, signed_in: Session, slug: str) -> tuple[Caller, Coverage]:
    caller = signed_in.person.caller.within(slug)
    caller.check("chief")
    async with services.store.reading() as session:
        return caller, await find_coverage(session, slug)


async def _change(
    request: Request,
    services: Services,
    caller: Caller,
    slug: str,
    form: CoverageChangeForm,
    fields: Texts,
) -> None:
    async def act(session: AsyncSession) -> Written:
        await save_lead_words(session, fields, caller, services)
        changes = await change_coverage(session, slug, form, caller, services.now())
        return coverage_written(services.form, *changes)

    await answer_write(request, services, caller, act)


async def _page(
    request: Request,
    services: Services,
    signed_in: Session,
    coverage: Coverage,
    fields: Texts,
    complaints: Texts,
) -> Response:
    """Show the page.

    Args:
        request: the request that it answers.
        services: the application's services.
        signed_in: the session.
        coverage: the coverage.
        fields: what was sent; other fields show the coverage as it is.
        complaints: a sentence for each field that was refused.
    """
    return await render_form(
        request,
        services,
        signed_in,
        "settings.html",
        texts_of(coverage, services.html_renderer.zone) | fields,
        complaints,
        coverage,
        has_successor=coverage.is_public and signed_in.person.caller.may_everywhere("chief"),
        done=request.query_params.get("done"),
    )
