"""The page of a person's authenticator app and recovery codes: set up, remove, renew.

The secret and the codes are shown once, on pages that no cache stores. Changes require the password
or a second factor, so that an attacker with access to an open desk cannot make them.
"""

import segno
from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passkey_errors import PasskeysUnavailable
from app.access.passwords import TooManySignIns
from app.access.people import find_person, has_password
from app.access.roles import NotSignedIn
from app.access.second_factor import (
    FactorExists,
    begin_factor,
    confirm_factor,
    count_recovery_codes,
    find_pending_secret,
    remove_factor,
    renew_recovery_codes,
    secret_uri,
    totp_time,
)
from app.access.sessions import Session, end_sessions, note_second_factor
from app.desk.api.writes import answer_write
from app.desk.pages.layout import SignedIn, check_token, refused_status, render_desk, see_other
from app.desk.pages.reauthentication import DONE, do_confirmed
from app.desk.pages.sign_in import verify_password
from app.newsroom.written import Written
from app.web.rate_limits.sign_ins import TooManyTries
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/desk/account/second-factor", include_in_schema=False)

_PATH = "/desk/account/second-factor"
_REFUSALS = (NotSignedIn, TooManyTries, TooManySignIns, FactorExists, PasskeysUnavailable)


@routes.get("")
async def show_factor(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Show whether an app is set up, and the forms to set one up or remove it."""
    return await _page(request, services, signed_in)


@routes.post("", operation_id="beginSecondFactor")
async def begin_by_form(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Confirm how the person signs in, then create a secret and show it."""
    fields = await check_token(request, signed_in)
    person = signed_in.person
    async with services.store.reading() as session:
        by_password = await has_password(session, person.id)

    async def begin(session: AsyncSession) -> None:
        await begin_factor(session, person.id)

    async def act(session: AsyncSession) -> Written:
        await begin(session)
        return DONE

    try:
        if by_password:
            await verify_password(request, services, person.email, fields.get("old", ""), signed_in)
        if person.passkeys:
            await do_confirmed(request, services, signed_in, fields, begin)
        else:
            await answer_write(request, services, person.caller, act)
    except _REFUSALS as refusal:
        return await _page(request, services, signed_in, refusal)
    return await _page(request, services, signed_in, begun=True)


@routes.post("/confirmation", operation_id="confirmSecondFactor")
async def confirm_by_form(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Activate the secret, show the recovery codes, and end all other sessions."""
    fields = await check_token(request, signed_in)
    person = signed_in.person
    codes: list[str] = []

    async def act(session: AsyncSession) -> Written:
        typed = "".join(fields.get("code", "").split())
        codes.extend(await confirm_factor(session, person.id, typed, totp_time()))
        await end_sessions(session, person.id, spare=signed_in.digest)
        await note_second_factor(session, signed_in.digest, "code")
        return DONE

    try:
        await answer_write(request, services, person.caller, act)
    except _REFUSALS as refusal:
        return await _page(request, services, signed_in, refusal, begun=True)
    return await _page(request, services, signed_in, codes=codes)


@routes.post("/codes", operation_id="renewRecoveryCodes")
async def renew_by_form(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Replace the recovery codes by new ones."""
    fields = await check_token(request, signed_in)
    codes: list[str] = []

    async def renew(session: AsyncSession) -> None:
        codes.extend(await renew_recovery_codes(session, signed_in.person.id))

    try:
        await do_confirmed(request, services, signed_in, fields, renew)
    except _REFUSALS as refusal:
        return await _page(request, services, signed_in, refusal)
    return await _page(request, services, signed_in, codes=codes)


@routes.post("/removal", operation_id="removeSecondFactor")
async def remove_by_form(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Remove the app."""
    fields = await check_token(request, signed_in)

    async def remove(session: AsyncSession) -> None:
        await remove_factor(session, signed_in.person.id)

    try:
        await do_confirmed(request, services, signed_in, fields, remove)
    except _REFUSALS as refusal:
        return await _page(request, services, signed_in, refusal)
    return see_other(_PATH)


async def _page(
    request: Request,
    services: Services,
    signed_in: Session,
    refusal: Exception | None = None,
    *,
    begun: bool = False,
    codes: list[str] | None = None,
) -> Response:
    async with services.store.reading() as session:
        person = await find_person(session, signed_in.person.id)
        secret = await find_pending_secret(session, person.id) if begun else None
        by_password = await has_password(session, person.id)
        codes_left = await count_recovery_codes(session, person.id)
    picture = None
    if secret:
        uri = secret_uri(secret, person.email, services.html_renderer.name)
        picture = segno.make(uri, error="m").svg_inline(scale=5, border=4, light="#fff")
    return render_desk(
        request,
        services,
        "second_factor.html",
        session=signed_in,
        status=refused_status(refusal),
        person=person,
        secret=secret,
        picture=picture,
        codes=codes,
        left=codes_left,
        by_password=by_password,
        is_needed=services.second_factor is not None
        and person.caller.may_somewhere(services.second_factor),
        refusal=refusal,
    )
