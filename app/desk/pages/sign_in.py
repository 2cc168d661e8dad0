"""Sign in by a password, and sign out."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access.audit import NOBODY, record_audit
from app.access.devices import find_device
from app.access.passwords import TooManySignIns
from app.access.people import (
    Credentials,
    check_password,
    confirm_credentials,
    find_by_email,
    find_credentials,
)
from app.access.roles import NotSignedIn
from app.access.sessions import Session, end_session
from app.desk.pages.layout import SignedIn, check_token, read_fields, render_desk, see_other
from app.desk.pages.session import sign_in_person, sign_in_response
from app.web.origin import check_origin
from app.web.problems import problem
from app.web.rate_limits.sign_ins import TooManyTries
from app.web.refusals import address_of, count_refusal
from app.web.services import Services, ServicesDep
from app.web.session_cookie import DEVICE, drop_cookie, read_cookie

routes = APIRouter(prefix="/desk", include_in_schema=False)

HOME = "/desk"
Next = Annotated[str, Query()]


def safe_redirect(address: str) -> str:
    """Return the address if it is one of the desk's, otherwise the desk's first page.

    Without this check, a link to the sign-in page could redirect to another site (open redirect).
    """
    is_ours = address == HOME or address.startswith(f"{HOME}/")
    return address if is_ours and "\\" not in address and address.isprintable() else HOME


@routes.get("/sign-in")
async def show_sign_in(request: Request, services: ServicesDep, next: Next = HOME) -> Response:  # noqa: A002
    """Show the sign-in form."""
    return render_desk(request, services, "sign_in.html", next=safe_redirect(next), email="")


@routes.post("/sign-in")
async def sign_in(request: Request, services: ServicesDep) -> Response:
    """Sign a person in with a new session; a previous session of the browser ends."""
    check_origin(request, services.form.base_url)
    fields = await read_fields(request)
    email, onward = fields.get("email", ""), safe_redirect(fields.get("next", HOME))
    try:
        credentials = await verify_password(request, services, email, fields.get("password", ""))
        assert credentials.person is not None
        async with services.store.writing() as session:
            await confirm_credentials(session, credentials)
            result = await sign_in_person(session, request, services, credentials.person, onward)
    except (NotSignedIn, TooManyTries, TooManySignIns) as refusal:
        return refuse_sign_in(request, services, refusal, onward, email)
    return sign_in_response(result, services)


def refuse_sign_in(
    request: Request, services: Services, refusal: Exception, onward: str, email: str = ""
) -> Response:
    """Show the sign-in form again, with the reason of the refusal.

    Args:
        request: the request that is answered.
        services: the application's services.
        refusal: the reason.
        onward: the page of the desk to go on to.
        email: the address as it was typed.
    """
    response = problem(refusal)
    page = render_desk(
        request,
        services,
        "sign_in.html",
        status=response.status_code,
        next=onward,
        email=email,
        refusal=refusal,
    )
    if "retry-after" in response.headers:
        page.headers["Retry-After"] = response.headers["retry-after"]
    return page


async def verify_password(
    request: Request,
    services: Services,
    email: str,
    password: str,
    signed_in: Session | None = None,
) -> Credentials:
    """Check an address and a password; the following transaction has to confirm the result.

    Args:
        request: the browser's request. A browser that the person has signed in with before has its
            own limit of wrong tries, and its own queue for password hashes.
        services: the application's services.
        email: the address.
        password: the password as it was typed.
        signed_in: the session, if the person is asked for their password once more; None at
            sign-in.

    Raises:
        NotSignedIn: the address or the password is wrong.
        TooManyTries: there were too many wrong tries before.
        TooManySignIns: too many sign-ins are waiting.
    """
    caller = signed_in.person.caller if signed_in else NOBODY
    own = signed_in.digest.hex() if signed_in else await _find_browser(request, services, email)
    attempt = services.sign_in_limiter.by_password(address_of(request), email, own)
    try:
        attempt.count()
        async with services.store.reading() as session:
            credentials = await find_credentials(session, email)
        # No database connection is held while the hash is computed: waiting sign-ins would occupy
        # all connections.
        await check_password(credentials, password, is_known=own is not None)
    except TooManyTries:
        count_refusal(request, services, "refuseSignIn", caller=caller, reason="too many tries")
        raise
    except TooManySignIns:
        attempt.cancel()
        count_refusal(request, services, "refuseSignIn", caller=caller, reason="too many at once")
        raise
    except NotSignedIn:
        # An unknown address is not recorded: it may be a password typed into the wrong field.
        async with services.store.reading() as session:
            person = await find_by_email(session, email)
        thing = person.id if person else "unknown address"
        count_refusal(request, services, "refuseSignIn", caller=caller, thing=thing)
        raise
    attempt.succeed()
    return credentials


async def _find_browser(request: Request, services: Services, email: str) -> str | None:
    """Return the sign-in limiter's key for a browser known to the address's owner, or None."""
    secret = read_cookie(request, services.form.base_url, DEVICE)
    if secret is None:
        return None
    async with services.store.reading() as session:
        person = await find_by_email(session, email)
        device = await find_device(session, secret, person.id, services.now()) if person else None
    return f"{device.hex()} {person.id}" if person and device else None


@routes.post("/sign-out")
async def sign_out(request: Request, services: ServicesDep, signed_in: SignedIn) -> Response:
    """End this browser's session."""
    await check_token(request, signed_in)
    async with services.store.writing() as session:
        await end_session(session, read_cookie(request, services.form.base_url) or "")
        await record_audit(session, signed_in.person.caller, "signOut", services.now())
    answer = see_other("/desk/sign-in")
    drop_cookie(answer, services.form.base_url)
    # Not "storage": readers' pages store their reading position there, and the desk's script
    # deletes its own part once the server has it.
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
