"""Common parts of the desk's pages: authentication, rendering, private headers, CSRF tokens."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.access.people import Person
from app.access.roles import NotAllowed, NotSignedIn
from app.access.sessions import Session
from app.desk.pages.relying_party import has_passkeys
from app.desk.words import DESK, words_for
from app.web.authentication import identify_session
from app.web.body_limit import read_body
from app.web.csp import desk_headers
from app.web.problems import InvalidPayload, kind_of
from app.web.services import Services, ServicesDep, services_of

_SEE_OTHER = 303
_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 2000
_SHORT_FORM = (
    16 * 1024
)  # bytes: enough for an address, a password and a token from an anonymous client
# The only pages for people who have not set up the second factor that the newsroom requires.
_UNTIL_SET_UP = ("/desk/account/second-factor", "/desk/account/passkeys", "/desk/sign-out")


async def _signed_in(request: Request, services: ServicesDep) -> Session:
    """Return the session; anonymous clients are redirected to sign in, and then back."""
    session = await identify_session(request, services)
    if session is None:
        onward = quote(request.url.path) if request.method == "GET" else "/desk"
        raise HTTPException(_SEE_OTHER, headers={"Location": f"/desk/sign-in?next={onward}"})
    request.state.caller = session.person.caller
    request.state.language = session.person.language  # of a page that refuses
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
    person: Person | None = None,
    refusal: Exception | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """Render a page of the desk, in the language of whoever reads it.

    Args:
        request: the request that it answers.
        services: the application's services.
        template: the template's name below `desk/`.
        session: the session; None on the pages for signing in.
        person: the person; None for the session's, or if nobody is known.
        refusal: why a form was refused; None if it was not.
        status: the response's status.
        context: the template's variables.
    """
    words = words_for(request, person or (session.person if session else None))
    page = services.html_renderer.render(
        f"desk/{template}",
        words.language,
        domain=DESK,
        words=words,
        complaint=words.say_refusal(refusal) if refusal else None,
        session=session,
        person=person,
        base_url=services.form.base_url,
        has_provider=services.provider is not None,
        has_passkeys=has_passkeys(request, services),
        **context,
    )
    return HTMLResponse(page, status, desk_headers(services.html_renderer.embeds.origins))


def see_other(address: str) -> Response:
    """Redirect to a page after a form was processed."""
    return RedirectResponse(address, _SEE_OTHER, {"Cache-Control": "no-store"})


async def check_token(request: Request, session: Session) -> dict[str, str]:
    """Read the fields of a form, and check its CSRF token.

    Raises:
        NotAllowed: the form does not carry the session's token.
    """
    fields = await read_fields(request, services_of(request).limits.request)
    if fields.pop("token", "") != session.token:
        raise NotAllowed("This form is not from your session. Reload the page and send it again.")
    return fields


async def read_fields(request: Request, limit: int = _SHORT_FORM) -> dict[str, str]:
    """Read the fields of a form as texts; of several fields with one name, the last counts.

    Args:
        request: the request with the form.
        limit: the maximal number of bytes; the default is the limit for anonymous clients.

    Raises:
        WrongMediaType: the body is not a form.
        PayloadTooLarge: the body exceeds the limit.
        InvalidPayload: the body cannot be decoded, or has too many fields.
    """
    if "content-type" not in request.headers:
        return {}  # so that an empty request is refused for missing fields, not for its type
    body = await read_body(request, min(limit, services_of(request).limits.request), (_FORM,))
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise InvalidPayload([("", "must be a form of the desk")]) from error


def refused_status(refusal: Exception | None) -> int:
    """Return the status of an account page that shows a refusal.

    Args:
        refusal: why the form was refused; None if it was not.
    """
    if refusal is None:
        return HTTPStatus.OK
    # Not 401 for a wrong code or passkey: the session is valid, and need not be renewed.
    if isinstance(refusal, NotSignedIn):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return kind_of(refusal).status
