"""Links that work once: who opens one says who they are, and is signed in.

Looking uses nothing up, since mail programs open what they find; only sending the form does.
"""

from fastapi import APIRouter, Request, Response

from app.access.acceptance import Guest, take_invitation
from app.access.audit import record_audit
from app.access.invitations import (
    Invitation,
    InvitationEnded,
    MakerGone,
    find_invitation,
)
from app.access.passwords import TooManySignIns, WeakPassword, check_new_password, hash_password
from app.access.people import EmailTaken, Person, find_person
from app.desk.pages.layout import read_fields, render_desk, told
from app.desk.pages.session import arrive, let_in
from app.formats.public_json import dump_json
from app.newsroom.people_forms import WelcomeForm
from app.web.json_body import parse_form
from app.web.problems import InvalidPayload, kind_of
from app.web.refusals import count_refusal
from app.web.services import House, TheHouse
from app.web.session_cookie import check_origin

routes = APIRouter(prefix="/desk/welcome", include_in_schema=False)

_REFUSALS = (InvalidPayload, WeakPassword, EmailTaken, TooManySignIns)


@routes.get("/{secret}")
async def show_welcome(request: Request, house: TheHouse, secret: str) -> Response:
    """Ask who comes by this link."""
    try:
        invitation, person = await _find(house, secret)
    except InvitationEnded as refusal:
        return _ended(request, house, refusal)
    typed = {"name": "", "email": invitation.email or ""}
    return _page(request, house, invitation, person, typed)


@routes.post("/{secret}")
async def take_welcome(request: Request, house: TheHouse, secret: str) -> Response:
    """Use the link up, and sign in who took it."""
    check_origin(request, house.form.base_url)
    fields = await read_fields(request)
    try:
        invitation, person = await _find(house, secret)
        typed = {name: fields.get(name, "").strip() for name in ("name", "email")}
        typed["email"] = invitation.email or typed["email"]
        try:
            guest = await _guest(house, person, typed, fields.get("password", ""))
            async with house.store.writing() as session:
                taken = await take_invitation(session, secret, guest, house.now())
                await record_audit(
                    session, taken.caller, "acceptInvitation", house.now(), thing=invitation.id
                )
                arrival = await arrive(session, request, house, taken, "/desk", by="link")
        except _REFUSALS as refusal:
            return _page(request, house, invitation, person, typed, refusal)
    except InvitationEnded as refusal:
        if isinstance(refusal, MakerGone):
            thing = refusal.invitation_id
            count_refusal(request, house, "refuseInvitation", thing=thing)
        return _ended(request, house, refusal)
    return let_in(arrival, house)


async def _find(house: House, secret: str) -> tuple[Invitation, Person | None]:
    async with house.store.reading() as session:
        invitation = await find_invitation(session, secret, house.now())
        known = invitation.person
        return invitation, None if known is None else await find_person(session, known)


async def _guest(
    house: House, person: Person | None, typed: dict[str, str], password: str
) -> Guest:
    if person is None:
        form = parse_form(WelcomeForm, dump_json(typed), house.bounds)
        name, email = form.name, form.email
    else:
        name, email = person.name, person.email
        if not password:
            return Guest(email, name, None)
    check_new_password(password, name, email, house.look.name)
    return Guest(email, name, await hash_password(password))


def _page(
    request: Request,
    house: House,
    invitation: Invitation,
    person: Person | None,
    typed: dict[str, str],
    refusal: Exception | None = None,
) -> Response:
    return render_desk(
        request,
        house,
        "welcome.html",
        status=kind_of(refusal).status if refusal else 200,
        invitation=invitation,
        person=person,
        typed=typed,
        complaint=told(refusal) if refusal else None,
    )


def _ended(request: Request, house: House, refusal: InvitationEnded) -> Response:
    status = kind_of(refusal).status
    return render_desk(request, house, "welcome_ended.html", status=status, why=str(refusal))
