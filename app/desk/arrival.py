"""Coming in: every sign-in is a new session, and ends the one that the browser had.

Who has a second factor and has not shown it gets a challenge instead, which opens one page alone.
"""

from dataclasses import dataclass

from fastapi import Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import record_audit
from app.access.challenges import LASTS, begin_challenge
from app.access.people import Person
from app.access.sessions import begin_session, end_session
from app.desk.page import see
from app.web.cookie import CHALLENGE, read_cookie, set_cookie
from app.web.house import House

CODE_PAGE = "/desk/sign-in/code"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the browser is given: the secret of a session, or of a challenge, and where it goes."""

    secret: str
    onward: str
    is_challenge: bool = False


async def arrive(
    session: AsyncSession,
    request: Request,
    house: House,
    person: Person,
    onward: str,
    *,
    by: str | None = None,
    second_factor: bool = False,
    passkey: str | None = None,
) -> Arrival:
    """Sign somebody in with the browser that asks, or ask them for their second factor.

    Args:
        session: the transaction.
        request: of the browser.
        house: the rooms.
        person: who has shown the first factor.
        onward: the page of the desk to go on to.
        by: what they showed, for the audit; None for a password.
        second_factor: whether they have shown that too, or somebody answers for it.
        passkey: the id of the passkey that they showed.
    """
    now = house.now()
    if person.second_factor and not second_factor:
        return Arrival(await begin_challenge(session, person, onward, now), onward, True)
    if (old := read_cookie(request, house.form.base_url)) is not None:
        await end_session(session, old)
    browser = request.headers.get("user-agent", "")
    shown = by if second_factor else None
    secret = await begin_session(
        session, person, browser, now, second_factor=shown, passkey=passkey
    )
    await record_audit(session, person.caller, "signIn", now, detail={"by": by} if by else {})
    return Arrival(secret, onward)


def let_in(arrival: Arrival, house: House) -> Response:
    """Go on to the page, with the session that was just begun; or to the second factor's."""
    base_url = house.form.base_url
    if arrival.is_challenge:
        answer = see(CODE_PAGE)
        set_cookie(answer, arrival.secret, base_url, LASTS, CHALLENGE)
        return answer
    answer = see(arrival.onward)
    set_cookie(answer, arrival.secret, base_url, house.sessions.lifetime)
    return answer


def address_of(request: Request) -> str | None:
    """The client's address, as a trusted proxy tells it."""
    return request.client.host if request.client else None
