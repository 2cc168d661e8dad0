"""The page of a person's passkeys: add, rename and remove them.

Adding one requires the password, and the second factor if there is one, since a passkey replaces
both. People without a password, who sign in by the identity provider, cannot add any: a passkey
would keep working after the provider has ended their access.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passkey_challenges import make_challenge, use_challenge
from app.access.passkey_errors import PasskeyRefused, PasskeysUnavailable
from app.access.passkeys import (
    TooManyPasskeys,
    UnknownPasskey,
    add_passkey,
    check_passkey_limit,
    list_passkeys,
    remove_passkey,
    rename_passkey,
)
from app.access.passwords import TooManySignIns
from app.access.people import confirm_credentials, find_person, has_password
from app.access.roles import NotSignedIn
from app.access.second_factor import count_recovery_codes, renew_recovery_codes
from app.access.sessions import Session, end_sessions, note_second_factor
from app.access.webauthn import creation_options, read_registration, verify_registration
from app.desk.api.writes import answer_write
from app.desk.pages.layout import (
    SignedIn,
    check_token,
    refused_status,
    render_desk,
    see_other,
)
from app.desk.pages.reauthentication import DONE, UNAUDITED, do_confirmed
from app.desk.pages.relying_party import relying_party_of
from app.desk.pages.sign_in import verify_password
from app.formats.public_json import dump_json
from app.newsroom.form import Form
from app.newsroom.written import Written
from app.web.json_body import parse_form
from app.web.problems import InvalidPayload
from app.web.rate_limits.sign_ins import TooManyTries
from app.web.services import Services, ServicesDep
from app.web.text_types import Name

routes = APIRouter(prefix="/desk/account/passkeys", include_in_schema=False)

_PATH = "/desk/account/passkeys"
_REFUSALS = (
    NotSignedIn,
    TooManyTries,
    TooManySignIns,
    TooManyPasskeys,
    UnknownPasskey,
    PasskeysUnavailable,
    InvalidPayload,
)


class PasskeyForm(Form):
    """The name of a passkey."""

    name: Name


@routes.get("")
async def show_passkeys(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Show the person's passkeys, and the form to add one."""
    return await _page(request, services, signed_in)


@routes.post("", operation_id="beginPasskey")
async def begin_by_form(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Confirm the person's password and second factor, and create a challenge for a new passkey."""
    fields = await check_token(request, signed_in)
    person = signed_in.person
    options: dict[str, Any] = {}
    try:
        party = relying_party_of(request, services)
        credentials = await verify_password(
            request, services, person.email, fields.get("old", ""), signed_in
        )

        async def begin(session: AsyncSession) -> None:
            await confirm_credentials(session, credentials)
            await check_passkey_limit(session, person.id)
            existing = [each.credential for each in await list_passkeys(session, person.id)]
            holder, now = signed_in.digest, services.now()
            challenge = make_challenge(services.challenge_key, "registration", holder, now)
            options.update(creation_options(party, person, challenge, existing))

        async def act(session: AsyncSession) -> Written:
            await begin(session)
            return UNAUDITED

        if person.second_factor:
            await do_confirmed(request, services, signed_in, fields, begin, UNAUDITED)
        else:
            await answer_write(request, services, person.caller, act)
    except _REFUSALS as refusal:
        return await _page(request, services, signed_in, refusal)
    return await _page(request, services, signed_in, options=options)


@routes.post("/registration", operation_id="addPasskey")
async def add_by_form(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Register a passkey; the first one also creates recovery codes and ends other sessions."""
    fields = await check_token(request, signed_in)
    person_id, holder, key = signed_in.person.id, signed_in.digest, services.challenge_key
    codes: list[str] = []
    challenge_refusal: PasskeyRefused | None = None
    try:
        party, form = relying_party_of(request, services), _passkey_form(services, fields)
        answer = read_registration(fields.get("credential", ""))
        credential = verify_registration(party, answer)
        now = services.now()

        async def act(session: AsyncSession) -> Written:
            nonlocal challenge_refusal
            challenge_refusal = await use_challenge(
                session, key, answer.challenge, "registration", holder, now
            )
            if challenge_refusal is not None:
                return UNAUDITED
            had_one = (await find_person(session, person_id)).second_factor
            passkey = await add_passkey(session, person_id, party.id, form.name, credential, now)
            if not had_one:
                codes.extend(await renew_recovery_codes(session, person_id))
                await end_sessions(session, person_id, spare=holder)
            await note_second_factor(session, holder, "passkey")
            return Written(b"{}", detail={"passkey": passkey.id})

        await answer_write(request, services, signed_in.person.caller, act)
    except _REFUSALS as refusal:
        return await _page(request, services, signed_in, refusal)
    if challenge_refusal is not None:
        return await _page(request, services, signed_in, challenge_refusal)
    return await _page(request, services, signed_in, codes=codes) if codes else see_other(_PATH)


@routes.post("/{passkey_id}/name", operation_id="renamePasskey")
async def rename_by_form(
    request: Request, services: ServicesDep, signed_in: SignedIn, passkey_id: str
) -> Response:
    """Rename a passkey."""
    fields = await check_token(request, signed_in)
    person = signed_in.person
    try:
        form = _passkey_form(services, fields)

        async def act(session: AsyncSession) -> Written:
            await rename_passkey(session, person.id, passkey_id, form.name)
            return DONE

        await answer_write(request, services, person.caller, act)
    except _REFUSALS as refusal:
        return await _page(request, services, signed_in, refusal)
    return see_other(_PATH)


@routes.post("/{passkey_id}/removal", operation_id="removePasskey")
async def remove_by_form(
    request: Request, services: ServicesDep, signed_in: SignedIn, passkey_id: str
) -> Response:
    """Remove a passkey, and end the sessions for which it was used, possibly this one."""
    fields = await check_token(request, signed_in)

    async def remove(session: AsyncSession) -> None:
        await remove_passkey(session, signed_in.person.id, passkey_id)

    try:
        await do_confirmed(request, services, signed_in, fields, remove)
    except _REFUSALS as refusal:
        return await _page(request, services, signed_in, refusal)
    return see_other(_PATH)


def _passkey_form(services: Services, fields: dict[str, str]) -> PasskeyForm:
    return parse_form(PasskeyForm, dump_json({"name": fields.get("name", "")}), services.limits)


async def _page(
    request: Request,
    services: Services,
    signed_in: Session,
    refusal: Exception | None = None,
    *,
    options: dict[str, Any] | None = None,
    codes: list[str] | None = None,
) -> Response:
    async with services.store.reading() as session:
        person = await find_person(session, signed_in.person.id)
        passkeys = await list_passkeys(session, person.id)
        by_password = await has_password(session, person.id)
        codes_left = await count_recovery_codes(session, person.id)
    unavailable, rp_id = "", None
    try:
        rp_id = relying_party_of(request, services).id
    except PasskeysUnavailable as reason:
        unavailable = str(reason)
    return render_desk(
        request,
        services,
        "passkeys.html",
        session=signed_in,
        status=refused_status(refusal),
        person=person,
        passkeys=passkeys,
        here=rp_id,
        unavailable=unavailable,
        by_password=by_password,
        left=codes_left,
        options=dump_json(options).decode() if options else None,
        codes=codes,
        refusal=refusal,
    )
