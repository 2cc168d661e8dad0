"""The second step of signing in: a code of the app, a recovery code, or a passkey."""

from fastapi import APIRouter, Request, Response

from app.access.challenges import Challenge, end_challenges, find_challenge
from app.access.devices import find_device
from app.access.passkey_challenges import holder_of
from app.access.passkey_errors import PasskeyRefused, PasskeysUnavailable
from app.access.passkeys import use_passkey
from app.access.roles import NotSignedIn
from app.access.second_factor import TooManyCodes, totp_time, verify_second_factor
from app.desk.pages.layout import read_fields, render_desk, see_other
from app.desk.pages.passkey_assertions import note_refusal, verify_passkey
from app.desk.pages.session import SignInResult, sign_in_person, sign_in_response
from app.web.origin import check_origin
from app.web.problems import problem
from app.web.rate_limits.sign_ins import TooManyTries
from app.web.refusals import count_refusal
from app.web.services import Services, ServicesDep
from app.web.session_cookie import CHALLENGE, DEVICE, drop_cookie, read_cookie

routes = APIRouter(prefix="/desk/sign-in/code", include_in_schema=False)


@routes.get("")
async def show_challenge(request: Request, services: ServicesDep) -> Response:
    """Show the form for the code; without a challenge, redirect to the sign-in page."""
    try:
        challenge = await _find(request, services)
    except NotSignedIn:
        return see_other("/desk/sign-in")
    return render_desk(request, services, "code.html", person=challenge.person)


@routes.post("")
async def take_challenge(request: Request, services: ServicesDep) -> Response:
    """Sign in with a correct code or passkey; wrong ones are counted and recorded in the audit."""
    check_origin(request, services.form.base_url)
    fields = await read_fields(request)
    try:
        challenge = await _find(request, services)
    except NotSignedIn:
        return see_other("/desk/sign-in")
    try:
        if text := fields.get("credential"):
            result = await _try_passkey(request, services, challenge, text)
        else:
            result = await _try_code(request, services, challenge, fields.get("code", ""))
    except (NotSignedIn, TooManyTries, PasskeysUnavailable) as refusal:
        if isinstance(refusal, NotSignedIn) and not isinstance(refusal, PasskeyRefused):
            reason = "too many codes" if isinstance(refusal, TooManyCodes) else None
            count_refusal(request, services, "refuseCode", reason=reason, thing=challenge.person.id)
        response = problem(refusal)
        page = render_desk(
            request,
            services,
            "code.html",
            status=response.status_code,
            person=challenge.person,
            refusal=refusal,
        )
        if "retry-after" in response.headers:
            page.headers["Retry-After"] = response.headers["retry-after"]
        return page
    answer = sign_in_response(result, services)
    drop_cookie(answer, services.form.base_url, CHALLENGE)
    return answer


async def _find(request: Request, services: Services) -> Challenge:
    secret = read_cookie(request, services.form.base_url, CHALLENGE)
    async with services.store.reading() as session:
        return await find_challenge(session, secret, services.now())


async def _try_code(
    request: Request, services: Services, challenge: Challenge, code: str
) -> SignInResult:
    person, now = challenge.person, services.now()
    async with services.store.writing() as session:
        secret = read_cookie(request, services.form.base_url, DEVICE)
        device = await find_device(session, secret, person.id, now)
        by = await verify_second_factor(session, person, code, totp_time(), device)
        if by is not None:
            await end_challenges(session, person.id)
            return await sign_in_person(
                session, request, services, person, challenge.onward, by=by, second_factor=True
            )
    raise NotSignedIn("That code is wrong or has been used. Wait for the next one.")


async def _try_passkey(
    request: Request, services: Services, challenge: Challenge, text: str
) -> SignInResult:
    person, now = challenge.person, services.now()
    assertion = await verify_passkey(request, services, text, person.id)
    holder = holder_of(read_cookie(request, services.form.base_url, CHALLENGE) or "")
    async with services.store.writing() as session:
        owner = await use_passkey(
            session, services.challenge_key, assertion, "second-factor", holder, now
        )
        if not isinstance(owner, PasskeyRefused):
            await end_challenges(session, person.id)
            return await sign_in_person(
                session,
                request,
                services,
                owner,
                challenge.onward,
                by="passkey",
                second_factor=True,
                passkey=assertion.passkey.id,
            )
    note_refusal(request, services, person.id, owner)
    raise owner
