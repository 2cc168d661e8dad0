"""Who is at the newsroom's door: a key in the Authorization header, and how far its role goes."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from app.access.keys import find_caller
from app.access.roles import Caller, NotSignedIn, Role
from app.web.house import House, TheHouse

# Set in the scope by whoever has opened the house itself, which no request can do.
OPERATOR = "dateline.operator"

_scheme = HTTPBearer(
    bearerFormat="dateline_ID_SECRET",
    scheme_name="key",
    description="An API key: `dateline key create NAME --role ROLE`, or `POST /v1/keys`.",
    auto_error=False,
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)]


async def identify(request: HTTPConnection, house: House) -> Caller | None:
    """The caller of a request; None if it carries no Authorization.

    Raises:
        NotSignedIn: what it carries is no valid key.
    """
    if isinstance(operator := request.scope.get(OPERATOR), Caller):
        return operator
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn("Authorization must be `Bearer KEY`.")
    async with house.store.reading() as session:
        return await find_caller(session, secret.strip())


def requires(role: Role) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets in whose role goes as far as `role`."""

    async def admit(request: Request, house: TheHouse, _documented: Credentials) -> Caller:
        caller = await identify(request, house)
        if caller is None:
            raise NotSignedIn("This needs an API key: `Authorization: Bearer KEY`.")
        caller.check(role)
        house.pace.check(caller.id)
        return caller

    return admit


Contributor = Annotated[Caller, Depends(requires("contributor"))]
Editor = Annotated[Caller, Depends(requires("editor"))]
Chief = Annotated[Caller, Depends(requires("chief"))]
