"""The pages of templates, of the whole newsroom or of one coverage, for their chiefs."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.access.sessions import Session
from app.desk.api.writes import answer_write
from app.desk.pages.coverage_form import Texts, complaints_of
from app.desk.pages.layout import SignedIn, check_token, render_desk, see_other
from app.desk.words import words_for
from app.formats.languages import ENGLISH, interface_languages
from app.formats.public_json import dump_json
from app.newsroom.default_templates import list_default_templates
from app.newsroom.template_forms import TemplateChangeForm, TemplateForm
from app.newsroom.templates import (
    find_visible,
    offer_templates,
    template_change,
    template_creation,
    template_deletion,
)
from app.newsroom.write import UnitOfWork
from app.store.coverages import find_coverage
from app.store.templates import TemplateRow, TooManyTemplates, list_templates
from app.timeline.coverage import Coverage
from app.web.identifiers import CoverageRef
from app.web.json_body import parse_form
from app.web.problems import InvalidPayload
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/desk/templates", include_in_schema=False)

_EMPTY: Texts = dict.fromkeys(
    ("name", "headline", "body", "language", "key_event", "default_key"), ""
)


@routes.get("")
async def show_templates(
    request: Request,
    services: ServicesDep,
    signed_in: SignedIn,
    coverage: Annotated[CoverageRef | None, Query()] = None,
    default: Annotated[str | None, Query()] = None,
    language: Annotated[str | None, Query()] = None,
) -> Response:
    """List the templates of a coverage or of the newsroom, with a form for a new one.

    `default` and `language` name the template of the program with which the form begins.
    """
    where = await _find_coverage(services, signed_in, coverage or "")
    known = language if language in interface_languages() else ENGLISH
    begun = (each for each in list_default_templates(known) if each.default_key == default)
    fields = _EMPTY | {k: v for each in begun for k, v in _texts(each).items()}
    return await _list(request, services, signed_in, where, fields, {})


@routes.post("", operation_id="createTemplate")
async def create_by_form(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Create a template."""
    fields = await check_token(request, signed_in)
    where = await _find_coverage(services, signed_in, fields.get("coverage", ""))
    payload = _payload(fields) | {"coverage": where.slug if where else None}

    def act() -> UnitOfWork:
        form = parse_form(TemplateForm, dump_json(payload), services.limits)
        return template_creation(services, signed_in.person.caller, form)

    if complaints := await _try(request, services, signed_in, act):
        shown = _EMPTY | fields
        return await _list(request, services, signed_in, where, shown, complaints)
    return see_other(_address(where.slug if where else None))


@routes.get("/{template_id}")
async def show_template(
    request: Request, services: ServicesDep, signed_in: SignedIn, template_id: str
) -> Response:
    """Show a template in a form."""
    row = await _find(services, signed_in, template_id)
    return _form(request, services, signed_in, row, _texts(row), {})


@routes.post("/{template_id}", operation_id="changeTemplate")
async def change_by_form(
    request: Request, services: ServicesDep, signed_in: SignedIn, template_id: str
) -> Response:
    """Change a template."""
    row = await _find(services, signed_in, template_id)
    fields = await check_token(request, signed_in)

    def act() -> UnitOfWork:
        form = parse_form(TemplateChangeForm, dump_json(_payload(fields)), services.limits)
        return template_change(services, signed_in.person.caller, template_id, form)

    if complaints := await _try(request, services, signed_in, act):
        return _form(request, services, signed_in, row, _EMPTY | fields, complaints)
    return see_other(_address(row.coverage))


@routes.post("/{template_id}/deletion", operation_id="deleteTemplate")
async def delete_by_form(
    request: Request, services: ServicesDep, signed_in: SignedIn, template_id: str
) -> Response:
    """Delete a template."""
    row = await _find(services, signed_in, template_id)
    await check_token(request, signed_in)
    caller = signed_in.person.caller
    await answer_write(request, services, caller, template_deletion(caller, template_id))
    return see_other(_address(row.coverage))


def _address(coverage: str | None) -> str:
    return f"/desk/templates?coverage={coverage}" if coverage else "/desk/templates"


def _texts(template: Any) -> Texts:
    """Convert a template, the newsroom's or the program's, to the texts that its form shows."""
    texts = {name: getattr(template, name) or "" for name in _EMPTY}
    return texts | {"key_event": "yes" if template.key_event else ""}


def _payload(fields: Texts) -> dict[str, Any]:
    """Convert the fields of a template's form to the JSON that the API takes."""
    names = ("headline", "language", "default_key")
    return {name: fields.get(name, "").strip() or None for name in names} | {
        "name": fields.get("name", ""),
        # A browser sends a form's line ends as CRLF.
        "body": fields.get("body", "").replace("\r\n", "\n"),
        "key_event": "key_event" in fields,
    }


async def _find_coverage(services: Services, signed_in: Session, slug: str) -> Coverage | None:
    """Find the coverage of the page, None for the whole newsroom; checks the chief's role."""
    caller = signed_in.person.caller
    (caller.within(slug) if slug else caller).check("chief")
    if not slug:
        return None
    async with services.store.reading() as session:
        return await find_coverage(session, slug)


async def _find(services: Services, signed_in: Session, template_id: str) -> TemplateRow:
    async with services.store.reading() as session:
        return await find_visible(session, template_id, signed_in.person.caller, "chief")


async def _try(request: Request, services: Services, signed_in: Session, act: Any) -> Texts:
    """Run an action; returns why it was refused, by the field's name."""
    words = words_for(request, signed_in.person)
    try:
        await answer_write(request, services, signed_in.person.caller, act())
    except InvalidPayload as error:
        return complaints_of(error, words)
    except TooManyTemplates as refusal:
        return {"name": words.say_refusal(refusal)}
    return {}


async def _list(
    request: Request,
    services: Services,
    signed_in: Session,
    coverage: Coverage | None,
    fields: Texts,
    complaints: Texts,
) -> Response:
    language = words_for(request, signed_in.person).language
    async with services.store.reading() as session:
        rows = await list_templates(session, coverage.slug if coverage else None)
    return render_desk(
        request,
        services,
        "templates.html",
        session=signed_in,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if complaints else HTTPStatus.OK,
        coverage=coverage,
        address=_address(coverage.slug if coverage else None),
        templates=offer_templates(rows, coverage.languages if coverage else (language,)),
        default_names=_default_names(language),
        fields=fields,
        complaints=complaints,
        may_everywhere=signed_in.person.caller.may("chief"),
    )


def _form(
    request: Request,
    services: Services,
    signed_in: Session,
    row: TemplateRow,
    fields: Texts,
    complaints: Texts,
) -> Response:
    return render_desk(
        request,
        services,
        "template.html",
        session=signed_in,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if complaints else HTTPStatus.OK,
        template_id=row.id,
        address=_address(row.coverage),
        default_names=_default_names(words_for(request, signed_in.person).language),
        fields=fields,
        complaints=complaints,
    )


def _default_names(language: str) -> Texts:
    """The names of the program's templates in a language of the desk, by their keys."""
    return {each.default_key: each.name for each in list_default_templates(language)}
