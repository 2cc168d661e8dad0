"""The people page, for chiefs: people and their roles, and invitations."""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from app.access.directory import list_people
from app.access.invitations import UnknownInvitation, list_invitations
from app.access.names import names_of
from app.access.people import EmailTaken, LastChief, UnknownPerson
from app.access.sessions import Session
from app.desk.api.writes import answer_write
from app.desk.pages.layout import SignedInChief, check_token, render_desk, see_other
from app.formats.public_json import dump_json
from app.newsroom.invitations import invitation_creation, invitation_revocation
from app.newsroom.people import person_change, second_factor_reset
from app.newsroom.people_forms import InvitationForm, PersonChangeForm
from app.newsroom.write import UnitOfWork
from app.store.coverages import list_coverages
from app.timeline.errors import UnknownCoverage
from app.web.json_body import parse_form
from app.web.problems import InvalidPayload, kind_of
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/desk", include_in_schema=False)

_PATH = "/desk/people"
_COVERAGES = 100
_REFUSALS = (
    InvalidPayload,
    UnknownCoverage,
    UnknownPerson,
    UnknownInvitation,
    EmailTaken,
    LastChief,
)


@routes.get("/people")
async def show_people(request: Request, services: ServicesDep, chief: SignedInChief) -> Response:
    """List all people of the newsroom, and the open invitations."""
    return await _page(request, services, chief)


@routes.post("/people/{person_id}", operation_id="changePerson")
async def change_by_form(
    request: Request, services: ServicesDep, chief: SignedInChief, person_id: str
) -> Response:
    """Change a person's name, roles or access."""
    fields = await check_token(request, chief)

    def act() -> UnitOfWork:
        form = parse_form(PersonChangeForm, dump_json(_change(fields)), services.limits)
        return person_change(
            services, chief.person.caller, person_id, form, cascade="made" in fields
        )

    return await _done(request, services, chief, act)


@routes.post("/people/{person_id}/link", operation_id="createInvitation")
async def invite_back_by_form(
    request: Request, services: ServicesDep, chief: SignedInChief, person_id: str
) -> Response:
    """Create a link for a person who has lost their password."""
    await check_token(request, chief)
    return await _invite(request, services, chief, {"person": person_id})


@routes.post("/people/{person_id}/second-factor", operation_id="resetSecondFactor")
async def reset_by_form(
    request: Request, services: ServicesDep, chief: SignedInChief, person_id: str
) -> Response:
    """Remove the second factor of a person who has lost it."""
    await check_token(request, chief)
    caller = chief.person.caller
    return await _done(request, services, chief, lambda: second_factor_reset(caller, person_id))


@routes.post("/invitations", operation_id="createInvitation")
async def invite_by_form(request: Request, services: ServicesDep, chief: SignedInChief) -> Response:
    """Create a link for a new person; it is shown only this once."""
    fields = await check_token(request, chief)
    names = ("role", "coverage", "email")
    payload = {name: fields.get(name, "").strip() or None for name in names}
    return await _invite(request, services, chief, payload)


@routes.post("/invitations/{invitation_id}/end", operation_id="endInvitation")
async def end_by_form(
    request: Request, services: ServicesDep, chief: SignedInChief, invitation_id: str
) -> Response:
    """Revoke an invitation."""
    await check_token(request, chief)
    return await _done(
        request, services, chief, lambda: invitation_revocation(services, invitation_id)
    )


def _change(fields: dict[str, str]) -> dict[str, Any]:
    """Convert the fields of a person's form to the JSON that the API takes."""
    change: dict[str, Any] = {}
    if "name" in fields:
        change["name"] = fields["name"]
    if "disabled" in fields:
        change["disabled"] = fields["disabled"] == "yes"
    if "role" in fields:
        change["role"] = fields["role"] or None
        mark = "coverage:"
        roles = {n.removeprefix(mark): r for n, r in fields.items() if n.startswith(mark) and r}
        if slug := fields.get("new_coverage", "").strip():
            roles[slug] = fields.get("new_role", "")
        change["coverages"] = roles
    return change


async def _invite(
    request: Request, services: Services, chief: Session, payload: dict[str, str | None]
) -> Response:
    caller = chief.person.caller
    try:
        form = parse_form(InvitationForm, dump_json(payload), services.limits)
        answer = await answer_write(
            request, services, caller, invitation_creation(services, caller, form)
        )
    except _REFUSALS as refusal:
        return await _page(request, services, chief, refusal)
    return await _page(request, services, chief, created=orjson.loads(answer.body))


async def _done(request: Request, services: Services, chief: Session, act: Any) -> Response:
    try:
        await answer_write(request, services, chief.person.caller, act())
    except _REFUSALS as refusal:
        return await _page(request, services, chief, refusal)
    return see_other(_PATH)


async def _page(
    request: Request,
    services: Services,
    chief: Session,
    refusal: Exception | None = None,
    created: dict[str, Any] | None = None,
) -> Response:
    now = services.now()
    async with services.store.reading() as session:
        people = await list_people(session)
        invitations = await list_invitations(session)
        coverages = await list_coverages(session, {"planned", "live", "paused"}, _COVERAGES)
        makers = [i.invited_by for i in invitations] + [p.invited_by for p in people]
        names = await names_of(session, makers)
    return render_desk(
        request,
        services,
        "people.html",
        session=chief,
        status=kind_of(refusal).status if refusal else 200,
        people=people,
        names=names | {person.caller.id: person.name for person in people},
        invitations=[i for i in invitations if i.used_at is None and i.ends_at > now],
        coverages=coverages,
        made=created,
        refusal=refusal,
        warnings=list(request.app.state.deployment),
    )
