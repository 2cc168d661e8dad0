"""Refusals that the audit tells of, from the requests that were refused."""

import re

from fastapi import Request

from app.access.audit import NOBODY
from app.access.refusals import Refusal, network_of
from app.access.roles import Caller, NotAllowed, NotSignedIn
from app.web.params import SLUG
from app.web.problems import TooManyRequests
from app.web.services import Services

_SLUG = re.compile(SLUG)


def address_of(request: Request) -> str | None:
    """The client's address, as a trusted proxy tells it."""
    return request.client.host if request.client else None


def count_refusal(
    request: Request,
    services: Services,
    action: str,
    *,
    caller: Caller = NOBODY,
    reason: str | None = None,
    thing: str | None = None,
) -> None:
    """Have the audit tell of a refusal that a page says by itself.

    Args:
        request: what was refused.
        services: the rooms.
        action: as the audit names it.
        caller: who asked, if that is known.
        reason: why, in a few words.
        thing: whom or what it is about, by its id.
    """
    address = network_of(address_of(request))
    services.refusals.count(Refusal(action, address, caller, reason, thing))


def count_problem(request: Request, services: Services, error: Exception) -> None:
    """Have the audit tell of a problem, if it is one for the newsroom to know.

    That is what somebody may not do, or does too fast, and a key that is none. What readers are
    refused is not.
    """
    caller = getattr(request.state, "caller", None)
    address = network_of(address_of(request))
    if isinstance(error, NotSignedIn):
        if "authorization" in request.headers:
            services.refusals.count(Refusal("refuseKey", address))
        return
    is_throttled = isinstance(error, TooManyRequests)
    if not isinstance(error, NotAllowed) and not (is_throttled and caller):
        return
    slug = str(request.path_params.get("slug", ""))
    route = request.scope.get("route")
    refusal = Refusal(
        "refuseAction",
        address,
        caller or NOBODY,
        "too many requests" if is_throttled else None,
        # Another kind of slug is no coverage's, and a database may not take it at all.
        coverage=slug if _SLUG.fullmatch(slug) else None,
        asked=getattr(route, "operation_id", None) or getattr(route, "path", None),
    )
    services.refusals.count(refusal)
