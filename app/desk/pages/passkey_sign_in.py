"""Sign in by a passkey alone, which counts as both factors and identifies its owner."""

from fastapi import APIRouter, Request, Response

from app.access.passkey_challenges import holder_of
from app.access.passkey_errors import PasskeyRefused, PasskeysUnavailable
from app.access.passkeys import use_passkey
from app.access.passwords import TooManySignIns
from app.access.roles import NotSignedIn
from app.desk.pages.layout import read_fields
from app.desk.pages.passkey_assertions import note_refusal, verify_passkey
from app.desk.pages.session import sign_in_person, sign_in_response
from app.desk.pages.sign_in import HOME, refuse_sign_in, safe_redirect
from app.web.origin import check_origin
from app.web.rate_limits.sign_ins import TooManyTries
from app.web.services import ServicesDep
from app.web.session_cookie import CHALLENGE, PASSKEY, drop_cookie, read_cookie

routes = APIRouter(prefix="/desk/sign-in/passkey", include_in_schema=False)

_REFUSALS = (NotSignedIn, TooManyTries, TooManySignIns, PasskeysUnavailable)


@routes.post("")
async def sign_in_by_passkey(request: Request, services: ServicesDep) -> Response:
    """Sign in the owner of a passkey."""
    check_origin(request, services.form.base_url)
    fields = await read_fields(request)
    onward = safe_redirect(fields.get("next", HOME))
    try:
        assertion = await verify_passkey(request, services, fields.get("credential", ""))
        holder = holder_of(read_cookie(request, services.form.base_url, PASSKEY) or "")
        async with services.store.writing() as session:
            person = await use_passkey(
                session, services.challenge_key, assertion, "sign-in", holder, services.now()
            )
            if not isinstance(person, PasskeyRefused):
                result = await sign_in_person(
                    session,
                    request,
                    services,
                    person,
                    onward,
                    by="passkey",
                    second_factor=True,
                    passkey=assertion.passkey.id,
                )
    except _REFUSALS as refusal:
        return refuse_sign_in(request, services, refusal, onward)
    if isinstance(person, PasskeyRefused):
        note_refusal(request, services, assertion.passkey.person, person)
        return refuse_sign_in(request, services, person, onward)
    answer = sign_in_response(result, services)
    for cookie in PASSKEY, CHALLENGE:
        drop_cookie(answer, services.form.base_url, cookie)
    return answer
