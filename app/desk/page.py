"""What every page of the desk has: somebody signed in, the look, headers that keep it private."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.access.roles import NotAllowed
from app.access.sessions import Session
from app.framing.languages import choose_language
from app.web.accept import rank
from app.web.callers import identify_session
from app.web.house import House, TheHouse
from app.web.policy import desk_headers

_SEE_OTHER = 303


async def _signed_in(request: Request, house: TheHouse) -> Session:
    """Whoever is signed in; everybody else is sent to sign in, and comes back afterwards."""
    session = await identify_session(request, house)
    if session is None:
        wanted = quote(request.url.path) if request.method == "GET" else "/desk"
        raise HTTPException(_SEE_OTHER, headers={"Location": f"/desk/sign-in?next={wanted}"})
    house.pace.check(session.person.caller.id)
    return session


SignedIn = Annotated[Session, Depends(_signed_in)]


def render_desk(
    request: Request,
    house: House,
    template: str,
    *,
    session: Session | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """A page of the desk.

    Args:
        request: what is answered.
        house: the rooms.
        template: its name below `desk/`.
        session: of who is signed in; None on the way in.
        status: of the answer.
        context: what it shows.
    """
    language = choose_language(rank(request.headers.get("accept-language", "")))
    page = house.look.render(
        f"desk/{template}", language, session=session, base_url=house.form.base_url, **context
    )
    return HTMLResponse(page, status, desk_headers(house.look.players.origins))


def see(address: str) -> Response:
    """Go on to a page after something was done."""
    return RedirectResponse(address, _SEE_OTHER, {"Cache-Control": "no-store"})


async def check_token(request: Request, session: Session) -> dict[str, str]:
    """The fields of a form of ours.

    Raises:
        NotAllowed: it does not carry the session's token.
    """
    fields = await read_fields(request)
    if fields.pop("token", "") != session.token:
        raise NotAllowed("This form is not of your session. Load its page again, and send it anew.")
    return fields


async def read_fields(request: Request) -> dict[str, str]:
    """The fields of a form, as texts; of several of one name the last."""
    async with request.form(max_files=0, max_fields=50, max_part_size=64 * 1024) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}
