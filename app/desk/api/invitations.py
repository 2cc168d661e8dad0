"""Invitations, for chiefs only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.access.invitations import (
    UnknownInvitation,
    list_invitations,
)
from app.access.people import EmailTaken, UnknownPerson
from app.desk.api import examples
from app.desk.api.writes import answer_write
from app.formats.public_json import dump_json
from app.newsroom.invitations import encode_invitation, invitation_creation, invitation_revocation
from app.newsroom.people_forms import InvitationForm
from app.timeline.errors import UnknownCoverage
from app.web.authentication import Chief
from app.web.conditional import private_json
from app.web.json_body import json_body
from app.web.openapi import schemas
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.openapi.responses import NEWSROOM, PAYLOAD, WRITING, refuses, returns
from app.web.params import InvitationId
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/invitations", tags=["chief"])


@routes.get(
    "",
    operation_id="listInvitations",
    responses=returns(schemas.Invitations) | refuses(*NEWSROOM),
)
async def get_invitations(services: ServicesDep, _chief: Chief) -> Response:
    """List all invitations of the last month, including used and ended ones."""
    async with services.store.reading() as session:
        invitations = await list_invitations(session)
    body = dump_json({"invitations": [encode_invitation(each) for each in invitations]})
    return private_json(body)


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
    services: ServicesDep,
    chief: Chief,
    form: Annotated[InvitationForm, Depends(json_body(InvitationForm))],
) -> Response:
    """Create a link that works once, within seven days, for the person you invite.

    The person who opens it chooses a name and a password, and an address if the invitation has
    none. With `person`, the link is for somebody of the newsroom who has lost their password. The
    link, `link`, is shown only this once, and not in a repeated response.
    """
    return await answer_write(request, services, chief, invitation_creation(services, chief, form))


@routes.delete(
    "/{invitation_id}",
    operation_id="endInvitation",
    responses=returns(schemas.Invitation) | refuses(*WRITING, UnknownInvitation),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_invitation(
    request: Request, services: ServicesDep, chief: Chief, invitation_id: InvitationId
) -> Response:
    """Revoke an invitation at once.

    It stays in the list with the time of its end. Revoking an ended or used invitation changes
    nothing.
    """
    return await answer_write(
        request, services, chief, invitation_revocation(services, invitation_id)
    )
