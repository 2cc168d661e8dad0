"""What every page of the desk has: somebody signed in, the look, headers that keep it private."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.access.roles import NotAllowed, NotSignedIn
from app.access.sessions import Session
from app.desk.pages.relying_party import has_passkeys
from app.formats.languages import choose_language
from app.web.accept import rank
from app.web.authentication import identify_session
from app.web.csp import desk_headers
from app.web.json_body import read_body
from app.web.problems import InvalidPayload, kind_of
from app.web.services import Services, ServicesDep, services_of

_SEE_OTHER = 303
_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 2000
_SHORT_FORM = (
    16 * 1024
)  # bytes: an e-mail, a password and a token, of somebody who is not known yet
# Where people may go who have yet to set up the second factor that the newsroom asks for.
_UNTIL_SET_UP = ("/desk/account/second-factor", "/desk/account/passkeys", "/desk/sign-out")


async def _signed_in(request: Request, services: ServicesDep) -> Session:
    """Whoever is signed in; everybody else is sent to sign in, and comes back afterwards."""
    session = await identify_session(request, services)
    if session is None:
        wanted = quote(request.url.path) if request.method == "GET" else "/desk"
        raise HTTPException(_SEE_OTHER, headers={"Location": f"/desk/sign-in?next={wanted}"})
    request.state.caller = session.person.caller
    services.write_limiter.check(session.person.caller.id)
    if services.needs_factor(session) and not request.url.path.startswith(_UNTIL_SET_UP):
        raise HTTPException(_SEE_OTHER, headers={"Location": _UNTIL_SET_UP[0]})
    return session


SignedIn = Annotated[Session, Depends(_signed_in)]


async def _chief(signed_in: SignedIn) -> Session:
    signed_in.person.caller.check("chief")
    return signed_in


SignedInChief = Annotated[Session, Depends(_chief)]


def render_desk(
    request: Request,
    services: Services,
    template: str,
    *,
    session: Session | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """A page of the desk.

    Args:
        request: what is answered.
        services: the rooms.
        template: its name below `desk/`.
        session: of who is signed in; None on the way in.
        status: of the answer.
        context: what it shows.
    """
    language = choose_language(rank(request.headers.get("accept-language", "")))
    page = services.html_renderer.render(
        f"desk/{template}",
        language,
        session=session,
        base_url=services.form.base_url,
        has_provider=services.provider is not None,
        has_passkeys=has_passkeys(request, services),
        **context,
    )
    return HTMLResponse(page, status, desk_headers(services.html_renderer.players.origins))


def see(address: str) -> Response:
    """Go on to a page after something was done."""
    return RedirectResponse(address, _SEE_OTHER, {"Cache-Control": "no-store"})


async def check_token(request: Request, session: Session) -> dict[str, str]:
    """The fields of a form of ours.

    Raises:
        NotAllowed: it does not carry the session's token.
    """
    fields = await read_fields(request, services_of(request).bounds.request)
    if fields.pop("token", "") != session.token:
        raise NotAllowed("This form is not of your session. Load its page again, and send it anew.")
    return fields


async def read_fields(request: Request, limit: int = _SHORT_FORM) -> dict[str, str]:
    """The fields of a form, as texts; of several of one name the last.

    Args:
        request: with the form.
        limit: bytes at most; by default those of a form that anybody may send.

    Raises:
        WrongMediaType: it is no form.
        PayloadTooLarge: it is longer.
        InvalidPayload: it is not one of ours.
    """
    if "content-type" not in request.headers:
        return {}  # what carries nothing is told what is missing, and not how it should come
    body = await read_body(request, min(limit, services_of(request).bounds.request), (_FORM,))
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise InvalidPayload([("", "must be a form of the desk")]) from error


def refused_status(refusal: Exception | None) -> int:
    """The status of a page of somebody's own, where what they typed may be refused.

    Args:
        refusal: None where nothing was.
    """
    if refusal is None:
        return HTTPStatus.OK
    # A wrong code or passkey is no reason to sign in anew: the session is good.
    if isinstance(refusal, NotSignedIn):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return kind_of(refusal).status


def told(refusal: Exception) -> str:
    """A refusal as a form says it: of fields, which and why."""
    if not isinstance(refusal, InvalidPayload):
        return str(refusal)
    found = ((e["pointer"].strip("/").capitalize(), e["detail"]) for e in refusal.errors)
    return "; ".join(f"{field}: {why}" if field else why for field, why in found) + "."
