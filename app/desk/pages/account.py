"""The account page: a person's name, password and sessions."""

import asyncio

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.acceptance import replace_password
from app.access.passwords import TooManySignIns, WeakPassword, check_new_password, hash_password
from app.access.people import (
    choose_language,
    confirm_credentials,
    has_password,
    rename_person,
)
from app.access.roles import NotSignedIn
from app.access.sessions import (
    Session,
    end_listed_session,
    end_sessions,
    list_sessions,
    session_id,
)
from app.desk.api.writes import answer_write
from app.desk.pages.browser_name import name_browser
from app.desk.pages.layout import SignedIn, check_token, render_desk, see_other
from app.desk.pages.session import SignInResult, begin, sign_in_response
from app.desk.pages.sign_in import verify_password
from app.formats.languages import interface_languages
from app.formats.public_json import dump_json
from app.newsroom.people_forms import PersonChangeForm
from app.newsroom.written import Written
from app.web.json_body import parse_form
from app.web.problems import InvalidPayload, problem
from app.web.rate_limits.sign_ins import TooManyTries
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/desk/account", include_in_schema=False)

_PATH = "/desk/account"
_NOTHING = Written(b"{}")
_WRONG_PASSWORD = "The old password is another one."  # noqa: S105  not a password


@routes.get("")
async def show_account(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Show the account page."""
    return await _page(request, services, signed_in)


@routes.post("/name", operation_id="changeName")
async def change_name(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Change the person's name."""
    fields = await check_token(request, signed_in)
    person = signed_in.person
    try:
        payload = dump_json({"name": fields.get("name", "")})
        form = parse_form(PersonChangeForm, payload, services.limits)
    except InvalidPayload as refusal:
        return await _page(request, services, signed_in, refusal)

    async def act(session: AsyncSession) -> Written:
        await rename_person(session, person.id, form.name)
        return _NOTHING

    await answer_write(request, services, person.caller, act)
    return see_other(_PATH)


@routes.post("/language", operation_id="changeLanguage")
async def change_language(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Change the language in which the desk speaks to the person."""
    fields = await check_token(request, signed_in)
    person, language = signed_in.person, fields.get("language") or None
    if language not in {None, *interface_languages()}:
        refusal = InvalidPayload([("/language", "must be one of the languages that are offered")])
        return await _page(request, services, signed_in, refusal)

    async def act(session: AsyncSession) -> Written:
        await choose_language(session, person.id, language)
        return _NOTHING

    await answer_write(request, services, person.caller, act)
    return see_other(_PATH)


@routes.post("/password", operation_id="changePassword")
async def change_password(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """Change the password, and end all other sessions of the person."""
    fields = await check_token(request, signed_in)
    person, password = signed_in.person, fields.get("password", "")
    result: SignInResult | None = None
    try:
        own = person.name, person.email, services.html_renderer.name
        await asyncio.to_thread(check_new_password, password, *own)
        credentials = await verify_password(
            request, services, person.email, fields.get("old", ""), signed_in
        )
        digest = await hash_password(password)
    except (WeakPassword, NotSignedIn, TooManyTries, TooManySignIns) as refusal:
        return await _page(request, services, signed_in, refusal)

    async def act(session: AsyncSession) -> Written:
        nonlocal result
        await confirm_credentials(session, credentials)
        await replace_password(session, person.id, digest, services.now())
        factors = {"second_factor": signed_in.second_factor, "passkey": signed_in.passkey}
        result = await begin(session, request, services, person, _PATH, **factors)
        return _NOTHING

    try:
        await answer_write(request, services, person.caller, act)
    except NotSignedIn as refusal:
        return await _page(request, services, signed_in, refusal)
    # A repeated request has begun no session; the cookie of the first one is still valid.
    return sign_in_response(result, services) if result else see_other(_PATH)


@routes.post("/sessions", operation_id="endSessions")
async def end_by_form(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """End one of the person's sessions, or all except this one."""
    fields = await check_token(request, signed_in)
    person, session_name = signed_in.person, fields.get("session", "")

    async def act(session: AsyncSession) -> Written:
        if session_name == "others":
            await end_sessions(session, person.id, spare=signed_in.digest)
        else:
            await end_listed_session(session, person.id, session_name)
        return _NOTHING

    await answer_write(request, services, person.caller, act)
    return see_other(_PATH)


async def _page(
    request: Request, services: Services, signed_in: Session, refusal: Exception | None = None
) -> Response:
    person = signed_in.person
    async with services.store.reading() as session:
        sessions = await list_sessions(session, person.id, services.now(), services.sessions)
        by_password = await has_password(session, person.id)
    if isinstance(refusal, NotSignedIn):
        refusal = NotSignedIn(_WRONG_PASSWORD)
    response = problem(refusal) if refusal else None
    page = render_desk(
        request,
        services,
        "account.html",
        session=signed_in,
        status=response.status_code if response else 200,
        sessions=sessions,
        own=session_id(signed_in.digest),
        by_password=by_password,
        name_browser=name_browser,
        languages=sorted(interface_languages()),
        refusal=refusal,
    )
    if response and "retry-after" in response.headers:
        page.headers["Retry-After"] = response.headers["retry-after"]
    return page
