"""Create and revoke invitations, for chiefs."""

from dataclasses import asdict
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.invitations import Invitation, end_invitation, invite, invite_back, link_of
from app.access.people import find_person
from app.access.roles import Caller
from app.formats.public_json import dump_json
from app.formats.rfc3339 import format_time
from app.newsroom.people_forms import InvitationForm
from app.newsroom.write import UnitOfWork
from app.newsroom.written import Thing, Written
from app.store.coverages import find_coverage
from app.web.services import Services


def encode_invitation(invitation: Invitation) -> dict[str, Any]:
    """Encode an invitation as JSON, without its link."""
    times = {
        "created_at": format_time(invitation.created_at),
        "ends_at": format_time(invitation.ends_at),
        "used_at": invitation.used_at and format_time(invitation.used_at),
    }
    return asdict(invitation) | times


def invitation_creation(services: Services, chief: Caller, form: InvitationForm) -> UnitOfWork:
    """Return the action that creates an invitation, for the API and the people page."""

    async def act(session: AsyncSession) -> Written:
        if form.person is not None:
            person = await find_person(session, form.person)
            invitation, secret = await invite_back(session, person, chief.id, services.now())
        else:
            if form.coverage is not None:
                await find_coverage(session, form.coverage)
            assert form.role is not None
            invitation, secret = await invite(
                session,
                form.role,
                chief.id,
                services.now(),
                coverage=form.coverage,
                email=form.email,
            )
        record = encode_invitation(invitation)
        body = dump_json(record | {"link": link_of(services.form.base_url, secret)})
        detail = {name: record[name] for name in ("role", "coverage", "person")}
        redacted = dump_json(record | {"link": None})
        thing = Thing("invitation", invitation.id)
        return Written(body, thing, is_new=True, redacted_body=redacted, detail=detail)

    return act


def invitation_revocation(services: Services, invitation_id: str) -> UnitOfWork:
    """Return the action that revokes an invitation, for the API and the people page."""

    async def act(session: AsyncSession) -> Written:
        invitation = await end_invitation(session, invitation_id, services.now())
        body = dump_json(encode_invitation(invitation))
        return Written(body, Thing("invitation", invitation.id))

    return act
