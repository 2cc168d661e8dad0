"""Authentication: identifies a caller by API key or session cookie, and checks their role."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from app.access.keys import find_caller
from app.access.roles import Caller, NotSignedIn, Role
from app.access.sessions import Session, find_session, is_due, note_session
from app.web.origin import check_origin, comes_from_us
from app.web.rate_limits.loop_time import note_known
from app.web.services import Services, services_of
from app.web.session_cookie import read_cookie

# Set in the scope by code in this process that runs as the operator; no request can set it.
OPERATOR = "dateline.operator"

_scheme = HTTPBearer(
    bearerFormat="dateline_ID_SECRET",
    scheme_name="key",
    description="An API key: `dateline key create NAME --role ROLE`, or `POST /v1/keys`.",
    auto_error=False,
)


async def identify(
    connection: HTTPConnection, services: Services, *, unattended: bool = False
) -> Caller | None:
    """Identify the caller of a request; None without a key or a valid session.

    Args:
        connection: the request.
        services: the application's services.
        unattended: whether an open page makes such requests by itself.

    Raises:
        NotSignedIn: the Authorization header holds no valid key.
        NotAllowed: the request would change something, with a session, from another site.
    """
    if isinstance(operator := connection.scope.get(OPERATOR), Caller):
        return operator
    header = connection.headers.get("authorization")
    if header is None:
        session = await identify_session(connection, services, unattended=unattended)
        # A person without the second factor that the newsroom requires has a reader's permissions.
        return session.person.caller if session and not services.needs_factor(session) else None
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn("Authorization must be `Bearer KEY`.")
    async with services.store.looking_up() as source:
        caller = await find_caller(source, secret.strip())
    note_known(connection)
    return caller


async def identify_session(
    connection: HTTPConnection, services: Services, *, unattended: bool = False
) -> Session | None:
    """Find the session of a browser; None if there is none, or it has ended.

    A person's actions extend the idle time-out; requests that scripts of an open page make do not.

    A WebSocket that another site's page has opened gets no session: browsers let any page open one
    and read it, with our cookie. Such a WebSocket gets what a reader may see.

    Raises:
        NotAllowed: the request would change something, and comes from another site.
    """
    base_url = services.form.base_url
    secret = read_cookie(connection, base_url)
    if secret is None:
        return None
    if connection.scope["type"] == "websocket" and not comes_from_us(connection, base_url):
        return None
    check_origin(connection, base_url)
    now = services.now()
    try:
        async with services.store.reading() as reading:
            session = await find_session(reading, secret, now, services.sessions)
    except NotSignedIn:
        return None
    note_known(connection)
    # Scripts read whenever something is new. If that counted, a desk left open would never be
    # signed out.
    is_reading = connection.scope.get("method", "GET") in {"GET", "HEAD"}
    is_navigation = connection.headers.get("sec-fetch-mode", "navigate") == "navigate"
    is_by_script = unattended or (is_reading and not is_navigation)
    if not is_by_script and is_due(session, now, services.sessions):
        async with services.store.writing() as writing:
            await note_session(writing, session, now)
    return session


class Requires(SecurityBase):
    """Dependency that admits callers with at least a role, and returns the caller.

    If the path has a coverage's `slug`, the caller's role in that coverage counts, and the
    dependency returns the caller with the permissions in that coverage.

    Args:
        role: the least role that is required.
        somewhere: whether that role in any one coverage is enough.
        unattended: whether an open page makes such requests by itself.
    """

    # FastAPI documents them for each route with this dependency.
    model, scheme_name = _scheme.model, _scheme.scheme_name

    def __init__(self, role: Role, *, somewhere: bool = False, unattended: bool = False) -> None:
        self._role = role
        self._somewhere = somewhere
        self._unattended = unattended

    async def __call__(self, request: Request) -> Caller:
        """Identify the caller of a request.

        Raises:
            NotSignedIn: there is no valid key or session.
            NotAllowed: the role is not enough, or another site makes the request.
            TooManyRequests: the caller writes too often.
        """
        services = services_of(request)
        caller = await identify(request, services, unattended=self._unattended)
        if caller is None:
            raise NotSignedIn("This needs an API key: `Authorization: Bearer KEY`.")
        if (slug := request.path_params.get("slug")) is not None:
            caller = caller.within(slug)
        # Set before the check: the audit records who was refused.
        request.state.caller = caller
        if not (self._somewhere and caller.may_somewhere(self._role)):
            caller.check(self._role)
        services.write_limiter.check(caller.id)
        return caller


def caller_of(request: Request) -> Caller:
    """Return the caller that `Requires` has admitted."""
    caller: Caller = request.state.caller
    return caller


Contributor = Annotated[Caller, Depends(Requires("contributor"))]
Editor = Annotated[Caller, Depends(Requires("editor"))]
Chief = Annotated[Caller, Depends(Requires("chief"))]
OpenDesk = Annotated[Caller, Depends(Requires("contributor", unattended=True))]
AnyChief = Annotated[Caller, Depends(Requires("chief", somewhere=True))]
AnyContributor = Annotated[Caller, Depends(Requires("contributor", somewhere=True))]
