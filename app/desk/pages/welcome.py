"""The welcome page of links that work once: the holder enters their details and is signed in.

Opening the page does not use a link up, since mail programs open the links that they find; only
sending the form does.
"""

import asyncio

from fastapi import APIRouter, Request, Response

from app.access.acceptance import AccountDetails, accept_invitation
from app.access.audit import record_audit
from app.access.invitations import (
    Invitation,
    InvitationEnded,
    MakerGone,
    find_invitation,
)
from app.access.passwords import TooManySignIns, WeakPassword, check_new_password, hash_password
from app.access.people import EmailTaken, Person, find_person
from app.desk.pages.layout import read_fields, render_desk
from app.desk.pages.session import sign_in_person, sign_in_response
from app.formats.public_json import dump_json
from app.newsroom.people_forms import WelcomeForm
from app.web.json_body import parse_form
from app.web.origin import check_origin
from app.web.problems import InvalidPayload, kind_of
from app.web.refusals import count_refusal
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/desk/welcome", include_in_schema=False)

_REFUSALS = (InvalidPayload, WeakPassword, EmailTaken, TooManySignIns)


@routes.get("/{secret}")
async def show_welcome(request: Request, services: ServicesDep, secret: str) -> Response:
    """Show the form of a link."""
    try:
        invitation, person = await _find(services, secret)
    except InvitationEnded as refusal:
        return _ended(request, services, refusal)
    typed = {"name": "", "email": invitation.email or ""}
    return _page(request, services, invitation, person, typed)


@routes.post("/{secret}")
async def take_welcome(request: Request, services: ServicesDep, secret: str) -> Response:
    """Use the link, and sign in the person who sent the form."""
    check_origin(request, services.form.base_url)
    fields = await read_fields(request)
    try:
        invitation, person = await _find(services, secret)
        typed = {name: fields.get(name, "").strip() for name in ("name", "email")}
        typed["email"] = invitation.email or typed["email"]
        try:
            details = await _details(services, person, typed, fields.get("password", ""))
            async with services.store.writing() as session:
                holder = await accept_invitation(session, secret, details, services.now())
                await record_audit(
                    session, holder.caller, "acceptInvitation", services.now(), thing=invitation.id
                )
                result = await sign_in_person(
                    session, request, services, holder, "/desk", by="link"
                )
        except _REFUSALS as refusal:
            return _page(request, services, invitation, person, typed, refusal)
    except InvitationEnded as refusal:
        if isinstance(refusal, MakerGone):
            thing = refusal.invitation_id
            count_refusal(request, services, "refuseInvitation", thing=thing)
        return _ended(request, services, refusal)
    return sign_in_response(result, services)


async def _find(services: Services, secret: str) -> tuple[Invitation, Person | None]:
    async with services.store.reading() as session:
        invitation = await find_invitation(session, secret, services.now())
        person_id = invitation.person
        return invitation, None if person_id is None else await find_person(session, person_id)


async def _details(
    services: Services, person: Person | None, typed: dict[str, str], password: str
) -> AccountDetails:
    if person is None:
        form = parse_form(WelcomeForm, dump_json(typed), services.limits)
        name, email = form.name, form.email
    else:
        name, email = person.name, person.email
        if not password:
            return AccountDetails(email, name, None)
    own = name, email, services.html_renderer.name
    await asyncio.to_thread(check_new_password, password, *own)
    return AccountDetails(email, name, await hash_password(password))


def _page(
    request: Request,
    services: Services,
    invitation: Invitation,
    person: Person | None,
    typed: dict[str, str],
    refusal: Exception | None = None,
) -> Response:
    return render_desk(
        request,
        services,
        "welcome.html",
        status=kind_of(refusal).status if refusal else 200,
        invitation=invitation,
        person=person,
        typed=typed,
        refusal=refusal,
    )


def _ended(request: Request, services: Services, refusal: InvitationEnded) -> Response:
    status = kind_of(refusal).status
    return render_desk(request, services, "welcome_ended.html", status=status, refusal=refusal)
