"""Invitations, for chiefs only."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.invitations import (
    Invitation,
    UnknownInvitation,
    end_invitation,
    invite,
    invite_back,
    list_invitations,
)
from app.access.people import EmailTaken, UnknownPerson, find_person
from app.access.roles import Caller
from app.desk import examples
from app.framing.history import dump_json, format_time
from app.newsroom.people_forms import InvitationForm
from app.newsroom.write import Act, Answer, answer_once
from app.store.coverages import find_coverage
from app.timeline.errors import UnknownCoverage
from app.web import schemas
from app.web.addresses import InvitationId
from app.web.caching import PRIVATE
from app.web.callers import Chief
from app.web.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.house import House, TheHouse
from app.web.openapi import takes
from app.web.payload import json_body
from app.web.responses import NEWSROOM, PAYLOAD, WRITING, refuses, returns

routes = APIRouter(prefix="/v1/invitations", tags=["chief"])


def invitation_record(invitation: Invitation) -> dict[str, Any]:
    """An invitation as JSON, without its link."""
    times = {
        "created_at": format_time(invitation.created_at),
        "ends_at": format_time(invitation.ends_at),
        "used_at": invitation.used_at and format_time(invitation.used_at),
    }
    return asdict(invitation) | times


def link_of(base_url: str, secret: str) -> str:
    """Where a link's secret is taken."""
    return f"{base_url}/desk/welcome/{secret}"


@routes.get(
    "",
    operation_id="listInvitations",
    responses=returns(schemas.Invitations) | refuses(*NEWSROOM),
)
async def get_invitations(house: TheHouse, _chief: Chief) -> Response:
    """All invitations of the last month, used and ended ones too."""
    async with house.store.reading() as session:
        found = await list_invitations(session)
    body = dump_json({"invitations": [invitation_record(each) for each in found]})
    return Response(body, 200, {"Cache-Control": PRIVATE}, "application/json")


@routes.post(
    "",
    status_code=201,
    operation_id="createInvitation",
    responses=returns(schemas.NewInvitation, LOCATION, status=201)
    | refuses(*WRITING, *PAYLOAD, UnknownCoverage, UnknownPerson, EmailTaken),
    openapi_extra=takes(IDEMPOTENCY_KEY, form=InvitationForm, examples=examples.NEW_INVITATION),
)
async def post_invitation(
    request: Request,
    house: TheHouse,
    chief: Chief,
    form: Annotated[InvitationForm, Depends(json_body(InvitationForm))],
) -> Response:
    """Make a link that works once, for seven days: give it to whom you invite.

    Whoever opens it chooses a name and a password, and an address where the invitation has none.
    With `person` it is for somebody of the newsroom who has lost their password. The link, `link`,
    is shown this once, and not in a repeated answer.
    """
    return await answer_once(request, house, chief, inviting(house, chief, form))


def inviting(house: House, chief: Caller, form: InvitationForm) -> Act:
    """The making of a link, as the API and the page of people carry it out."""

    async def act(session: AsyncSession) -> Answer:
        invitation, secret = await _make(session, house, chief, form)
        record = invitation_record(invitation)
        shown = dump_json(record | {"link": link_of(house.form.base_url, secret)})
        location = {"Location": f"/v1/invitations/{invitation.id}"}
        told = {name: record[name] for name in ("role", "coverage", "person")}
        kept = dump_json(record | {"link": None})
        return Answer(201, shown, location, kept=kept, detail=told)

    return act


async def _make(
    session: AsyncSession, house: House, chief: Caller, form: InvitationForm
) -> tuple[Invitation, str]:
    if form.person is not None:
        person = await find_person(session, form.person)
        return await invite_back(session, person, chief.id, house.now())
    if form.coverage is not None:
        await find_coverage(session, form.coverage)
    assert form.role is not None
    return await invite(
        session, form.role, chief.id, house.now(), coverage=form.coverage, email=form.email
    )


@routes.delete(
    "/{invitation_id}",
    operation_id="endInvitation",
    responses=returns(schemas.Invitation) | refuses(*WRITING, UnknownInvitation),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_invitation(
    request: Request, house: TheHouse, chief: Chief, invitation_id: InvitationId
) -> Response:
    """End an invitation at once.

    It stays in the list with the time of its end; ending it again changes nothing, nor does ending
    one that was used.
    """
    return await answer_once(request, house, chief, ending(house, invitation_id))


def ending(house: House, invitation_id: str) -> Act:
    """The end of a link, as the API and the page of people carry it out."""

    async def act(session: AsyncSession) -> Answer:
        invitation = await end_invitation(session, invitation_id, house.now())
        return Answer(200, dump_json(invitation_record(invitation)))

    return act
