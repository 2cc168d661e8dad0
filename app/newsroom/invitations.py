"""Invitations as chiefs give them out and end them."""

from dataclasses import asdict
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.invitations import Invitation, end_invitation, invite, invite_back
from app.access.people import find_person
from app.access.roles import Caller
from app.formats.public_json import dump_json, format_time
from app.newsroom.people_forms import InvitationForm
from app.newsroom.write import Act
from app.newsroom.written import Thing, Written
from app.store.coverages import find_coverage
from app.web.services import House


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


def inviting(house: House, chief: Caller, form: InvitationForm) -> Act:
    """The making of a link, as the API and the page of people carry it out."""

    async def act(session: AsyncSession) -> Written:
        invitation, secret = await _make(session, house, chief, form)
        record = invitation_record(invitation)
        shown = dump_json(record | {"link": link_of(house.form.base_url, secret)})
        told = {name: record[name] for name in ("role", "coverage", "person")}
        kept = dump_json(record | {"link": None})
        thing = Thing("invitation", invitation.id)
        return Written(shown, thing, is_new=True, kept=kept, detail=told)

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


def ending(house: House, invitation_id: str) -> Act:
    """The end of a link, as the API and the page of people carry it out."""

    async def act(session: AsyncSession) -> Written:
        invitation = await end_invitation(session, invitation_id, house.now())
        body = dump_json(invitation_record(invitation))
        return Written(body, Thing("invitation", invitation.id))

    return act
