"""Coming in: every sign-in is a new session, and ends the one that the browser had."""

from fastapi import Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.people import Person
from app.access.sessions import begin_session, end_session
from app.desk.page import see
from app.web.cookie import read_cookie, set_cookie
from app.web.house import House


async def renew_session(
    session: AsyncSession, request: Request, house: House, person: Person
) -> str:
    """Sign somebody in with the browser that asks.

    Returns:
        The secret for its cookie.
    """
    if (old := read_cookie(request, house.form.base_url)) is not None:
        await end_session(session, old)
    browser = request.headers.get("user-agent", "")
    return await begin_session(session, person, browser, house.now())


def let_in(address: str, secret: str, house: House) -> Response:
    """Go on to a page of the desk, with a session that was just begun."""
    answer = see(address)
    set_cookie(answer, secret, house.form.base_url, house.sessions.lifetime)
    return answer


def address_of(request: Request) -> str | None:
    """The client's address, as a trusted proxy tells it."""
    return request.client.host if request.client else None
