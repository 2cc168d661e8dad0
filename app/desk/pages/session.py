"""Begin sessions: every sign-in creates a new session and ends the browser's previous one.

A person with a second factor who has not proved it yet gets a challenge instead, which gives access
to a single page.
"""

from dataclasses import dataclass

from fastapi import Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access import devices
from app.access.audit import record_audit
from app.access.challenges import LIFETIME, begin_challenge
from app.access.people import Person
from app.access.refusals import network_of
from app.access.sessions import begin_session, end_session
from app.desk.pages.layout import see_other
from app.web.refusals import address_of
from app.web.services import Services
from app.web.session_cookie import CHALLENGE, DEVICE, read_cookie, set_cookie

CODE_PAGE = "/desk/sign-in/code"


@dataclass(frozen=True, slots=True)
class SignInResult:
    """The result of a sign-in: the secret of a session or challenge, and the page to go on to.

    `device` is the secret of the new device cookie; empty for a challenge.
    """

    secret: str
    onward: str
    is_challenge: bool = False
    device: str = ""


async def sign_in_person(
    session: AsyncSession,
    request: Request,
    services: Services,
    person: Person,
    onward: str,
    *,
    by: str | None = None,
    second_factor: bool = False,
    passkey: str | None = None,
) -> SignInResult:
    """Sign a person in with the requesting browser, or begin a challenge for the second factor.

    Args:
        session: the transaction.
        request: the browser's request.
        services: the application's services.
        person: the person, who has proved the first factor.
        onward: the page of the desk to go on to.
        by: the method, for the audit; None for a password.
        second_factor: whether the second factor was proved too, or the identity provider is
            responsible for it.
        passkey: the id of the passkey that was used; None without one.
    """
    now = services.now()
    if person.second_factor and not second_factor:
        return SignInResult(await begin_challenge(session, person, onward, now), onward, True)
    if (secret := read_cookie(request, services.form.base_url)) is not None:
        await end_session(session, secret)
    detail = {"from": network_of(address_of(request))} | ({"by": by} if by else {})
    await record_audit(session, person.caller, "signIn", now, detail=detail)
    factor = by if second_factor else None
    return await begin(
        session, request, services, person, onward, second_factor=factor, passkey=passkey
    )


async def begin(
    session: AsyncSession,
    request: Request,
    services: Services,
    person: Person,
    onward: str,
    *,
    second_factor: str | None,
    passkey: str | None = None,
) -> SignInResult:
    """Begin a session for a person, and remember the browser as theirs.

    Args:
        session: the transaction.
        request: the browser's request.
        services: the application's services.
        person: the person, who has proved all required factors.
        onward: the page of the desk to go on to.
        second_factor: how a second factor was proved; None if it was not.
        passkey: the id of the passkey that was used; None without one.
    """
    now = services.now()
    cookie = read_cookie(request, services.form.base_url, DEVICE)
    device = await devices.renew_device(session, cookie, person.id, now)
    browser = request.headers.get("user-agent", "")
    secret = await begin_session(
        session,
        person,
        browser,
        now,
        second_factor=second_factor,
        passkey=passkey,
        device=device,
    )
    return SignInResult(secret, onward, device=device)


def sign_in_response(result: SignInResult, services: Services) -> Response:
    """Set the cookies, and redirect to the wanted page or to the one for the second factor."""
    base_url = services.form.base_url
    if result.is_challenge:
        answer = see_other(CODE_PAGE)
        set_cookie(answer, result.secret, base_url, LIFETIME, CHALLENGE)
        return answer
    answer = see_other(result.onward)
    set_cookie(answer, result.secret, base_url, services.sessions.lifetime)
    set_cookie(answer, result.device, base_url, devices.LIFETIME, DEVICE)
    return answer
